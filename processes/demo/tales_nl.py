"""Demo cases of customers who write Dutch."""

from processes.demo.script import (
    EMMA,
    MILA,
    NOOR,
    Accept,
    Ask,
    Call,
    Classify,
    Deed,
    Final,
    Judge,
    Note,
    RecordComment,
    Reply,
    Solve,
    TakeDown,
    Tale,
    Todo,
    Write,
)


def _tale(days_ago: float, name: str, email: str, topic: str, text: str, *deeds: Deed) -> Tale:
    return Tale(days_ago, name, email, topic, text, list(deeds), language="nl")


TALES = [
    _tale(
        0.03,
        "Sanne de Vries",
        "sanne@bakkerijdevries.example",
        "user_help/something_broken",
        "Er zit een scheur in het waterreservoir van de nieuwe machine, over de hele zijkant. Ik"
        " heb liever een nieuw reservoir dan dat alles terug moet. Kan dat?",
    ),
    _tale(
        0.3,
        "Youssef Amrani",
        "youssef.amrani@example.org",
        "unknown/other",
        "Ik weet niet bij wie ik moet zijn: er staat sinds maandag een doos van jullie bij onze"
        " buren, zonder naam erop.",
    ),
    _tale(
        1.2,
        "Femke Postma",
        "femke.postma@example.org",
        "user_help/signing_in",
        "Bij het inloggen krijg ik een wit scherm. In de ochtend werkte het nog.",
        Classify(1, MILA, "Wit scherm bij het inloggen", "urgent"),
        Write(1, "Dag Femke, we zien het ook en zoeken het uit. Ik houd u op de hoogte."),
        Note(2, "Zelfde melding van drie anderen, allemaal Safari op een iPad.", EMMA),
        Accept(0.2),
    ),
    _tale(
        1.9,
        "Bram Kuipers",
        "bram@kuipersadvocaten.example",
        "commercial/contract",
        "Wij willen per 1 januari van twee machines naar één. Wat is de opzegtermijn?",
        Classify(
            3,
            NOOR,
            "Van twee machines naar één per 1 januari",
            "medium",
            "information",
            organization="Kuipers Advocaten",
        ),
        Todo(2, "Nagaan of de tweede machine naar het Haagse kantoor kan."),
    ),
    _tale(
        2.7,
        "Lotte Smit",
        "lotte.smit@example.org",
        "user_help/how_to",
        "Hoe vaak moet ik ontkalken als we hard water hebben? De machine vraagt er nu elke week"
        " om.",
        Classify(2, MILA, "Elke week ontkalken bij hard water", "medium", "information"),
        Ask(1, "Welke hardheid staat er op het strookje dat bij de machine zat: 1, 2, 3 of 4?"),
        Reply(20, "Er staat 4. Is dat erg?"),
    ),
    _tale(
        3.8,
        "Jeroen Hendriks",
        "jeroen.hendriks@example.org",
        "commercial/quotation",
        "Graag een offerte voor een machine voor ongeveer veertig mensen, met cacao.",
        Classify(4, NOOR, "Offerte machine voor veertig mensen", "medium"),
        Ask(3, "Graag! Wilt u huren of kopen, en is er een wateraansluiting in de buurt?"),
    ),
    _tale(
        4.9,
        "Anouk Willems",
        "anouk.willems@example.org",
        "user_help/something_broken",
        "De display blijft zwart, maar hij maakt wel koffie als ik op goed geluk druk.",
        Classify(1, EMMA, "Display blijft zwart", "high"),
        Call(2, "Anouk heeft de stekker er een nacht uit gehad; geen verschil. Ruilen dus."),
        Final(
            20,
            "De nieuwe machine staat vrijdag tussen negen en elf bij u; de monteur neemt de oude"
            " mee.",
        ),
    ),
    _tale(
        6.8,
        "Daniël Mulder",
        "daniel.mulder@example.org",
        "commercial/invoice",
        "Ik heb de factuur van oktober twee keer betaald. Kan ik het bedrag terugkrijgen?",
        Classify(2, MILA, "Factuur van oktober twee keer betaald", "medium"),
        Final(
            4,
            "We hebben de dubbele betaling gevonden en vandaag teruggestort; binnen twee werkdagen"
            " staat het bedrag op uw rekening.",
        ),
    ),
    _tale(
        8.1,
        "Stichting De Linde",
        "kantoor@delinde.example",
        "user_help/how_to",
        "Kunnen onze vrijwilligers hun eigen bestellingen doen zonder de facturen te zien?",
        Classify(5, EMMA, "Bestellen zonder facturen te zien", "low", "information"),
        Final(
            3,
            "Ja. Geef hun in het portaal de rol “besteller”; dan zien ze alleen bestellingen, geen"
            " facturen.",
        ),
        Reply(60, "De rol “besteller” staat er bij ons niet tussen.", "email"),
    ),
    _tale(
        9.8,
        "Koen van Dijk",
        "koen.vandijk@example.org",
        "user_help/something_broken",
        "Er komt alleen nog heet water uit, geen koffie.",
        Classify(1, MILA, "Alleen heet water, geen koffie", "high"),
        Final(3, "De bonenschuif stond dicht: half slagje naar links en hij maalt weer."),
        Reply(5, "Helaas, de schuif staat open en er komt nog steeds alleen water."),
        Judge(2, "objects", "Schuif is het niet; maalwerk laten nakijken door de monteur."),
        Note(1, "Monteur kan donderdagmiddag.", EMMA),
    ),
    _tale(
        12.4,
        "Mevrouw Van den Berg",
        "w.vandenberg@example.org",
        "user_help/wish",
        "Ik wil even kwijt dat de monteur van vorige week ontzettend vriendelijk was.",
        Classify(6, MILA, "Compliment voor de monteur", "low", "comment"),
        RecordComment(1, "employee", "Doorgegeven aan Rachid en zijn teamleider."),
    ),
    _tale(
        14.0,
        "Rick Bos",
        "rick.bos@example.org",
        "user_help/signing_in",
        "Mijn wachtwoord wordt niet meer geaccepteerd.",
        Classify(1, EMMA, "Wachtwoord wordt niet geaccepteerd", "medium"),
        Solve(
            1,
            "Uw account was na vijf pogingen even op slot. Het is weer open; de link om een"
            " nieuw wachtwoord te kiezen is onderweg.",
        ),
    ),
    _tale(
        16.5,
        "Eva Jacobs",
        "eva.jacobs@example.org",
        "commercial/invoice",
        "Op de factuur staat een tweede machine die we nooit hebben gehad.",
        Classify(2, NOOR, "Tweede machine op de factuur", "high", is_complaint=True),
        Ask(2, "Dat hoort niet. Welk serienummer staat er op de machine die u wél hebt?"),
        Reply(18, "CW-40-118223.", "email"),
        Final(4, "De regel was voor uw buren bedoeld. De factuur is verbeterd; excuses ervoor."),
    ),
    Tale(
        0.2,
        "",
        "",
        "",
        "",
        [
            TakeDown(
                0.2,
                "Hennie Schouten",
                "hennie.schouten@example.org",
                "commercial",
                "quotation",
                "Bonen per pallet",
                "Belt voor de voetbalclub: wil weten wat een pallet bonen kost, geleverd voor het"
                " toernooi in mei.",
            ),
            Classify(1, NOOR, "Prijs voor een pallet bonen", "medium", "information"),
        ],
        channel="phone",
        language="nl",
    ),
]
