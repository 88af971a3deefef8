"""Demo cases of customers who write English."""

from processes.demo.script import (
    EMMA,
    MILA,
    NOOR,
    Accept,
    Agree,
    Ask,
    Call,
    Classify,
    Deed,
    Final,
    Judge,
    Note,
    Reply,
    Solve,
    TakeDown,
    Tale,
    Todo,
    Write,
)


def _tale(days_ago: float, name: str, email: str, topic: str, text: str, *deeds: Deed) -> Tale:
    return Tale(days_ago, name, email, topic, text, list(deeds))


TALES = [
    _tale(
        0.02,
        "Tomasz Zieliński",
        "tomasz.zielinski@example.org",
        "user_help/something_broken",
        "Since this morning the espresso machine on our second floor shows error E17 and does not"
        " heat. Restarting did not help. We have a board meeting at three …",
    ),
    _tale(
        0.12,
        "Priya Nair",
        "priya.nair@brightline.example",
        "commercial/invoice",
        "Our invoice of November still carries the old VAT number. Could you send a corrected one?"
        " Bookkeeping will not pay it otherwise.",
    ),
    _tale(
        0.9,
        "Peter Lindqvist",
        "peter.lindqvist@example.org",
        "user_help/how_to",
        "How do I see in the portal how many cups each department has drawn? I can only find the"
        " total.",
        Classify(1.5, EMMA, "Cups per department in the portal", "low", "information"),
        Accept(0.5),
    ),
    _tale(
        2.2,
        "Hannah Moore",
        "hannah.moore@harbour.example",
        "user_help/signing_in",
        "Three of my colleagues were invited yesterday, but their links say that they are no"
        " longer valid.",
        Classify(
            2,
            EMMA,
            "Invitation links end too soon",
            "high",
            "action",
            organization="Harbour Studios",
        ),
        Ask(3, "Hello Hannah, could you tell me their e-mail addresses? I will invite them anew."),
        Reply(4, "Of course: lee@, amber@ and joe@harbour.example. Thank you for being so quick!"),
        Todo(1, "Tell the product team that invitations end after 24 hours, not 72."),
    ),
    _tale(
        3.4,
        "Omar El Idrissi",
        "omar@elidrissi.example",
        "commercial/quotation",
        "We are opening a second shop in March and would like a quotation for two machines with"
        " the large water tank, maintenance included.",
        Classify(4, NOOR, "Quotation for two machines with large tank", "medium", "action"),
        Note(2, "Omar is with us since 2019; the framework price of his first shop applies.", EMMA),
        Call(20, "Omar wants delivery before 10 March and the machines in black."),
    ),
    _tale(
        5.1,
        "Grace Okafor",
        "grace.okafor@example.org",
        "user_help/something_broken",
        "The milk frother stops after two seconds. I cleaned it as the manual says, twice.",
        Classify(1, EMMA, "Milk frother stops after two seconds", "high"),
        Ask(
            2,
            "Hello Grace, is there a small white ring on the tube when you take it out? If it is"
            " missing, that explains everything.",
        ),
    ),
    _tale(
        6.3,
        "Liam Byrne",
        "liam.byrne@northgate.example",
        "commercial/contract",
        "We have been taken over by Northgate Ltd. What do you need from us to move the contract?",
        Classify(
            3,
            NOOR,
            "Contract to be moved to Northgate Ltd",
            "medium",
            "action",
            organization="Northgate Ltd",
        ),
        Ask(2, "Congratulations! Please send us the extract of the register and the new address."),
        Reply(30, "Both are attached to my letter of today; you should have it tomorrow.", "email"),
        Final(
            22,
            "The contract now runs in the name of Northgate Ltd, from the first of the month."
            " Number and terms stay the same.",
        ),
    ),
    _tale(
        9.2,
        "Aylin Kaya",
        "aylin.kaya@example.org",
        "user_help/how_to",
        "Can I set the machine so that it switches itself off at night and at weekends?",
        Classify(2, MILA, "Switching off at night and at weekends", "low", "information"),
        Final(
            5,
            "Yes: Settings, Energy, Timetable. There you set a time for each day; for Saturday"
            " and Sunday choose “off all day”.",
        ),
        Reply(26, "Found it, thank you. It works for the week, but Sunday cannot be chosen?"),
    ),
    _tale(
        11.6,
        "Ben Carter",
        "ben.carter@example.org",
        "user_help/something_broken",
        "Water under the machine every morning, about half a cup.",
        Classify(1, EMMA, "Half a cup of water under the machine", "high"),
        Call(3, "The drip tray was not clicked in. Ben tries it until tomorrow."),
        Final(24, "As we found out together: the drip tray has to click twice. All is dry now."),
        Agree(20),
    ),
    _tale(
        14.5,
        "Hotel Amstelzicht",
        "desk@amstelzicht.example",
        "commercial/invoice",
        "We were charged for twelve kilos of beans, but ten arrived.",
        Classify(
            2, MILA, "Charged for twelve kilos, ten arrived", "medium", "action", is_complaint=True
        ),
        Write(3, "I have asked the warehouse to count; you hear from me tomorrow."),
        Final(22, "You are right, and we are sorry: two kilos are credited on your next invoice."),
    ),
    _tale(
        15.8,
        "Chloe Martin",
        "chloe.martin@example.org",
        "user_help/signing_in",
        "My phone is new and the sign-in app is empty. How do I get in now?",
        Classify(0.5, EMMA, "New telephone, sign-in app empty", "high"),
        Solve(
            0.5,
            "I have taken the old app off your account; at your next sign-in you set up the"
            " new one.",
        ),
        Reply(70, "It worked once, now it asks for the old app again.", "email"),
    ),
    Tale(
        0.05,
        "",
        "",
        "",
        "",
        [
            TakeDown(
                0.1,
                "Walter Finch",
                "",
                "user_help",
                "something_broken",
                "Grinder makes a terrible noise",
                "Rings from the building site in Dock Road; call back on 020 7946 0018. The"
                " grinder rattles as if there were a stone in it.",
            )
        ],
        channel="phone",
    ),
    Tale(0.01, "", "", "", "", [], channel="counter"),
    _tale(
        8.0,
        "Sofia Rossi",
        "sofia.rossi@example.org",
        "user_help/wish",
        "It would be lovely if the machine remembered my favourite, like the old one did.",
        Classify(5, EMMA, "Machine should remember favourites", "low", "information"),
        Final(3, "A good idea, and not the first time we hear it. It is on the list for spring."),
        Reply(12, "Great, looking forward to it. You may close this!", "email"),
        Judge(2, "agrees"),
    ),
]
