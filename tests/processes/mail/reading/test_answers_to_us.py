"""Our own mails, answered: only what the customer wrote is left of the answer."""

from html import escape

import pytest

from processes.mail.reading import read
from processes.mail.reading.marker import MARKER
from processes.mail.templates import render

FACTS = {
    "number": "7K3M-9QXT-4",
    "subject": "Inloggen lukt niet",
    "customer_name": "Sanne de Vries",
    "handler_name": "Mila Jansen",
    "handler_email": "mila@care.example",
    "company": "Lowland Coffee",
    "portal_link": "https://care.example/portal/cases/7K3M-9QXT-4",
    "message": "Heeft u de stekker gecontroleerd?\n\nOp 3 november schreef u dat hij los zat.",
    "closing_date": "30 november 2026",
}
OURS = "de stekker gecontroleerd"
ANSWER = {
    "nl": "Ja, de lamp brandt nu. Dank u!",
    "de": "Ja, die Lampe leuchtet jetzt. Danke!",
    "en": "Yes, the light is on now. Thank you!",
}
ATTRIBUTION = {
    "nl": "Op di 3 nov 2026 om 10:11 schreef Lowland <support@care.example>:",
    "de": "Am Di., 3. Nov. 2026 um 10:11 Uhr schrieb Lowland <support@care.example>:",
    "en": "On Tue, 3 Nov 2026 at 10:11, Lowland <support@care.example> wrote:",
}
LANGUAGES = sorted(ANSWER)


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def our_mail(language):
    return render("request/reply", language, FACTS, marker=MARKER[language])


def answered(body: str, subtype: str = "plain") -> object:
    head = f"From: s@post.example\nContent-Type: text/{subtype}; charset=utf-8\n\n"
    return read(head.encode() + body.encode())


def check(mail, language):
    assert mail.text == ANSWER[language]
    assert OURS in mail.quoted
    assert mail.language == language


def test_by_a_program_that_marks_what_it_quotes(our_mail, language):
    quote = "\n".join(f"> {line}" for line in our_mail.text.split("\n"))
    check(answered(f"{ANSWER[language]}\n\n{ATTRIBUTION[language]}\n\n{quote}\n"), language)


def test_by_a_program_that_marks_nothing(our_mail, language):
    check(answered(f"{ANSWER[language]}\n\n{our_mail.text}\n"), language)


def test_by_gmail(our_mail, language):
    body = (
        f'<div dir="ltr">{ANSWER[language]}</div><br><div class="gmail_quote">'
        f'<div class="gmail_attr">{escape(ATTRIBUTION[language])}<br></div>'
        f'<blockquote class="gmail_quote">{our_mail.html}</blockquote></div>'
    )
    check(answered(body, "html"), language)


def test_by_outlook(our_mail, language):
    body = (
        f"<html><body><p>{ANSWER[language]}</p><hr><div id=divRplyFwdMsg><b>Von:</b> Lowland<br>"
        f"<b>Gesendet:</b> Dienstag<br><b>An:</b> S<br><b>Betreff:</b> x</div>{our_mail.html}"
    )
    check(answered(body, "html"), language)


def test_by_a_program_that_only_puts_our_html_beneath(our_mail, language):
    check(answered(f"<p>{ANSWER[language]}</p>{our_mail.html}", "html"), language)


def test_between_our_lines(our_mail, language):
    quote = "\n".join(f"> {line}" for line in our_mail.text.split("\n"))
    above, _, below = quote.partition(f"{OURS}?")
    mail = answered(f"{ATTRIBUTION[language]}\n{above}{OURS}?\n\n{ANSWER[language]}\n\n{below}")
    assert ANSWER[language] in mail.text
    assert mail.quoted == ""
