"""Own words and quotes told apart, as mail programs and people really write them."""

import pytest

from processes.mail.reading.marker import MARKER
from processes.mail.reading.quotes import split

QUOTE = "\n> Hallo,\n> dit schreven wij.\n"

HEADS = [
    "Op ma 2 nov. 2026 10:11 schreef Support <support@care.example>:",
    "Op maandag 2 november 2026 heeft Support <support@care.example> het volgende geschreven:",
    "Op 2 november 2026 om 10:11 schreef Support van Lowland <support@care.example>:",
    "Support <support@care.example> schreef op 2 november 2026:",
    "Am 2. November 2026 10:11:12 MEZ schrieb Support <support@care.example>:",
    "Am Mo., 2. Nov. 2026 um 10:11 Uhr schrieb Support via Lowland <support@care.example>:",
    "Am Montag, den 02.11.2026, 10:11 +0100 schrieb Support:",
    "Support schrieb am 02.11.2026 um 10:11:",
    "On Mon, 2 Nov 2026 at 10:11, Support <support@care.example> wrote:",
    "On Monday, November 2nd, 2026 at 10:11 AM, Support <support@care.example> wrote:",
    "On 02-11-2026 10:11, Support wrote:",
    "Support <support@care.example> wrote on 2 Nov 2026:",
    "Le lun. 2 nov. 2026 à 10:11, Support <support@care.example> a écrit :",
    "2026-11-02 10:11 GMT+01:00 Support <support@care.example>:",
    "Dne po 2. 11. 2026 10:11 Support <support@care.example> napsal(a):",
    "El lun, 2 nov 2026 a las 10:11, Support (<support@care.example>) escribió:",
]


@pytest.mark.parametrize("head", HEADS)
def test_an_answer_above_a_marked_quote_stands_alone(head):
    found = split(f"Dank u, het werkt.\n\nSanne\n\n{head}\n{QUOTE}")
    assert found.own == "Dank u, het werkt.\n\nSanne"
    assert found.quoted.startswith(head)


@pytest.mark.parametrize("head", HEADS[:14])
def test_an_answer_above_an_unmarked_quote_stands_alone(head):
    found = split(f"Dank u, het werkt.\n\n{head}\n\nHallo,\ndit schreven wij.")
    assert found.own == "Dank u, het werkt."
    assert found.quoted.endswith("dit schreven wij.")


@pytest.mark.parametrize("words", MARKER.values())
@pytest.mark.parametrize("frame", ["{}", "**{}**", "{}\n\n", "  {}  "])
def test_what_stands_below_our_marker_is_quote(words, frame):
    found = split(f"Ja hoor.\n\n{frame.format(words)}\n\nBeste Sanne,\nwij schreven.")
    assert found.own == "Ja hoor."
    assert "wij schreven" in found.quoted


@pytest.mark.parametrize(
    "block",
    [
        "Van: Support <s@care.example>\nVerzonden: maandag 2 november 2026\nAan: S\nOnderwerp: x",
        "Van: Support\nDatum: 2 november 2026\nAan: S\nOnderwerp: x",
        "Von: Support\nGesendet: Montag, 2. November 2026 10:11\nAn: S\nCc: T\nBetreff: x",
        "Von: Support\nDatum: 2. November 2026\nAn: S\nBetreff: x",
        "From: Support\nSent: Monday, November 2, 2026 10:11 AM\nTo: S\nSubject: x",
        "From: Support\nDate: Monday, November 2, 2026\nTo: S\nSubject: x",
        "*From:* Support\n*Sent:* Monday\n*To:* S\n*Subject:* x",
        "De : Support\nEnvoyé : lundi 2 novembre 2026\nÀ : S\nObjet : x",
        "Gesendet: Montag, 02. November 2026 um 10:11 Uhr\nVon: Support\nAn: S\nBetreff: x",
        "Betreff: x\nDatum: 2026-11-02T10:11:12+0100\nVon: Support\nAn: S",
        "Date: Mon, 2 Nov 2026 10:11:12 +0100\nSubject: x\nFrom: s@care.example\nTo: S",
        "From: Support\nSent: Monday\nTo: Ann; Bob; Charles; Dora;\n Gea; Hans\nSubject: x",
        "Van: Support\n\nVerzonden: maandag\n\nAan: S\n\nOnderwerp: x",
    ],
)
@pytest.mark.parametrize(
    "above",
    [
        "",
        "________________________________\n",
        "-----Original Message-----\n",
        "------ Origineel bericht ------\n",
        "_" * 60 + "\n\n",
    ],
)
def test_header_blocks_of_outlook_begin_a_quote(block, above):
    found = split(f"Dank u.\n\n{above}{block}\n\nHallo,\ndit schreven wij.")
    assert found.own == "Dank u."
    assert "dit schreven wij." in found.quoted
    assert above.strip() in found.quoted


@pytest.mark.parametrize(
    "sign",
    [
        "Verstuurd vanaf mijn iPhone",
        "Verzonden vanaf mijn Galaxy",
        "Von meinem iPhone gesendet",
        "Gesendet von Outlook für Android",
        "Gesendet mit der GMX Mail App",
        "Sent from my iPad",
        "Sent from Outlook for iOS",
        "Outlook voor iOS downloaden",
        "Get Outlook for Android<https://aka.ms/x>",
        "Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.",
    ],
)
def test_the_signature_of_a_phone_is_folded_with_the_quote(sign):
    found = split(f"Ja.\n\n{sign}\n\n{HEADS[0]}\n{QUOTE}")
    assert found.own == "Ja."
    assert found.quoted.startswith(sign)


@pytest.mark.parametrize(
    "text",
    [
        "Op 3 november schreef ik u al.\nDaarop kwam geen antwoord:\nwaarom niet?",
        "On Monday I wrote you:\nno answer came.",
        "Ik kan niet bestellen. Dit zie ik:\n\nFrom: 12\nTo: 15\n",
        "Von: 12 Uhr\nBis: 15 Uhr\nBitte rufen Sie an.",
        "Mijn reis:\nDatum: 3 november\nVan: Utrecht\nAan: niemand\nGraag een kaartje.",
        "De: verkeerde maat.\nAan: gepast.",
        "Op 3 november 2026 om 10:11 schreef ik u:\n\nMijn koffie is koud.",
        "On 3 November 2026 I wrote:\n\nMy coffee is cold.",
        "5 > 3 en dat klopt",
        "-- \nAnn de Vries\nTel. 06",
        "Mein Handy sendet nicht. Gesendet habe ich es gestern.",
        "1. punt een\n2. punt twee:\n   - a",
        "----------\nlijst\n----------",
    ],
)
def test_words_that_only_look_like_a_quote_stay(text):
    assert split(text).own == text.strip("\n")
    assert split(text).quoted == ""


def test_answers_between_quoted_lines_stay_with_what_they_answer():
    text = f"{HEADS[0]}\n\n> Werkt het?\n\nNee.\n\n> Stekker erin?\n\nJa."
    assert split(text).own == text
    assert split(text).quoted == ""


def test_an_answer_above_and_between_stays_whole():
    text = f"Zie onder.\n\n{HEADS[0]}\n\n> Werkt het?\n\nNee.\n\n> Stekker erin?\n\nJa."
    assert split(text).own == text


def test_an_answer_below_the_quote_stands_alone():
    found = split(f"{HEADS[6]}\n> Werkt es?\n>> alt\n> mehr\n\nJa, danke.\n\nJürgen")
    assert found.own == "Ja, danke.\n\nJürgen"
    assert found.quoted.startswith(HEADS[6])


def test_older_attributions_within_the_quote_are_no_answers():
    quote = f"{HEADS[8]}\n\n> Neu\n>\n> {HEADS[10]}\n>\n>> Alt\n>> älter"
    found = split(f"Gut.\n\n{quote}")
    assert (found.own, found.quoted) == ("Gut.", quote)


@pytest.mark.parametrize(
    "text", ["> alleen dit", f"{HEADS[0]}\n{QUOTE}", "Sent from my iPhone", MARKER["nl"] + "\nx"]
)
def test_a_mail_that_is_only_quote_keeps_its_text(text):
    assert split(text).own == text.strip("\n")
    assert split(text).quoted == ""


def test_nothing_is_thrown_away():
    text = f"Ja.\n\nVerstuurd vanaf mijn iPhone\n\n{HEADS[0]}\n{QUOTE}\n-- \nvoet"
    found = split(text)
    together = [*found.own.split(), *found.quoted.split()]
    assert sorted(together) == sorted(text.split())


def test_what_was_passed_on_is_no_quote():
    text = (
        "Kunt u dit oplossen?\n\n---------- Forwarded message ---------\nFrom: x\nDate: y\nTo: z\n"
    )
    assert split(text).own == text.strip()
    outlook = "FYI\n\nFrom: x\nSent: y\nTo: z\nSubject: v\n\nHelp!"
    assert split(outlook, forwarded=True).own == outlook
    assert split(outlook).own == "FYI"
