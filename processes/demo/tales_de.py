"""Demo cases of customers who write German."""

from processes.demo.script import (
    EMMA,
    MILA,
    NOOR,
    Agree,
    Ask,
    Call,
    Classify,
    Deed,
    Final,
    Note,
    Reply,
    Solve,
    TakeDown,
    Tale,
    Write,
)


def _tale(days_ago: float, name: str, email: str, topic: str, text: str, *deeds: Deed) -> Tale:
    return Tale(days_ago, name, email, topic, text, list(deeds), language="de")


TALES = [
    _tale(
        0.06,
        "Jule Brandt",
        "jule.brandt@example.org",
        "commercial/invoice",
        "Die Rückzahlung der doppelten Abbuchung ist noch nicht auf meinem Konto. Können Sie bitte"
        " nachsehen?",
    ),
    _tale(
        0.5,
        "Matthias Krüger",
        "m.krueger@krueger-metall.example",
        "user_help/something_broken",
        "Die Maschine in Halle 2 löst jeden Morgen die Sicherung aus.",
        Classify(
            1, MILA, "Maschine löst die Sicherung aus", "urgent", organization="Krüger Metallbau"
        ),
    ),
    _tale(
        1.6,
        "Katrin Vogel",
        "katrin.vogel@example.org",
        "user_help/how_to",
        "Wie stelle ich die Sprache der Anzeige von Englisch auf Deutsch?",
        Classify(2, EMMA, "Sprache der Anzeige umstellen", "low", "information"),
        Solve(
            1, "Halten Sie die mittlere Taste fünf Sekunden gedrückt und wählen Sie dann „Deutsch“."
        ),
    ),
    _tale(
        2.4,
        "Uwe Hartmann",
        "uwe.hartmann@example.org",
        "commercial/contract",
        "Mein Vertrag läuft im Januar aus. Was passiert danach mit der Maschine?",
        Classify(3, NOOR, "Vertrag endet im Januar", "medium", "information"),
        Ask(2, "Möchten Sie verlängern, kaufen oder zurückgeben? Alle drei Wege sind möglich."),
    ),
    _tale(
        3.1,
        "Praxis Dr. Lehmann",
        "praxis@dr-lehmann.example",
        "user_help/something_broken",
        "Der Kaffee ist seit gestern nur noch lauwarm.",
        Classify(1, EMMA, "Kaffee nur noch lauwarm", "high"),
        Write(2, "Ich habe einen Techniker für Sie angefragt und melde mich mit dem Termin."),
        Note(3, "Techniker Süd hat erst ab Dienstag etwas frei.", NOOR),
    ),
    _tale(
        4.4,
        "Svenja Albrecht",
        "svenja.albrecht@example.org",
        "user_help/signing_in",
        "Ich habe geheiratet und heiße jetzt Albrecht. Wie ändere ich meinen Namen im Portal?",
        Classify(2, MILA, "Name im Portal ändern", "low"),
        Final(
            3, "Herzlichen Glückwunsch! Der neue Name steht ab sofort im Portal und auf Rechnungen."
        ),
    ),
    _tale(
        5.9,
        "Thomas Berger",
        "thomas.berger@example.org",
        "commercial/quotation",
        "Bitte um ein Angebot für ein Wartungspaket für drei Geräte.",
        Classify(5, NOOR, "Angebot Wartung für drei Geräte", "medium"),
        Call(20, "Herr Berger möchte die Wartung vierteljährlich, nicht jährlich."),
        Final(
            24,
            "Das Angebot über 39 Euro je Gerät und Vierteljahr liegt bei; es gilt bis Jahresende.",
        ),
    ),
    _tale(
        7.7,
        "Gasthof Zur Linde",
        "info@gasthof-linde.example",
        "user_help/something_broken",
        "Das Mahlwerk ist so laut, dass die Gäste sich umdrehen.",
        Classify(1, EMMA, "Mahlwerk sehr laut", "high"),
        Ask(2, "Wird es leiser, wenn Sie den Mahlgrad um zwei Stufen gröber stellen?"),
        Reply(20, "Nein, leider nicht.", "email"),
        Final(28, "Unser Techniker hat das Mahlwerk gestern getauscht. Damit sollte Ruhe sein."),
    ),
    _tale(
        10.7,
        "Ingrid Sommer",
        "ingrid.sommer@example.org",
        "commercial/invoice",
        "Auf der Rechnung fehlt unsere Bestellnummer.",
        Classify(2, MILA, "Bestellnummer fehlt auf der Rechnung", "low"),
        Final(2, "Die Rechnung ist mit Ihrer Bestellnummer neu erstellt und unterwegs."),
        Agree(6),
    ),
    _tale(
        13.2,
        "Felix Neumann",
        "felix.neumann@example.org",
        "user_help/how_to",
        "Kann ich Bohnen von einem anderen Röster verwenden?",
        Classify(3, EMMA, "Bohnen von anderen Röstern", "low", "information"),
        Final(2, "Ja, gern. Nur aromatisierte Bohnen bitte nicht, sie verkleben das Mahlwerk."),
    ),
    _tale(
        17.3,
        "Birgit Wolf",
        "birgit.wolf@example.org",
        "user_help/something_broken",
        "Die Abtropfschale hat einen Sprung.",
        Classify(1, MILA, "Abtropfschale hat einen Sprung", "medium"),
        Final(2, "Eine neue Schale ist heute in die Post gegangen, natürlich kostenlos."),
        Agree(50),
        Reply(150, "Die neue Schale passt leider nicht, sie ist für das größere Modell.", "email"),
    ),
    Tale(
        2.0,
        "",
        "",
        "",
        "",
        [
            TakeDown(
                0.2,
                "Herr Maurer",
                "",
                "user_help",
                "how_to",
                "Reinigung ohne Tabletten",
                "Fax: fragt, ob die Maschine auch mit Zitronensäure gereinigt werden darf.",
            ),
            Classify(1, EMMA, "Reinigung mit Zitronensäure", "low", "information"),
        ],
        channel="fax",
        language="de",
    ),
]
