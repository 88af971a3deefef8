"""Every mail in every language: complete, safe, and the same in text and HTML."""

import re

import pytest

from processes.mail.messages import compose
from processes.mail.models import OutgoingMail
from processes.mail.services import Recipient, queue_mail
from processes.mail.templates import languages_of, one_line, render, templates

CONTEXT = {
    "number": "7K3M-9QXT-4",
    "subject": "Inloggen lukt niet",
    "customer_name": "Sanne de Vries",
    "handler_name": "Mila Jansen",
    "handler_email": "mila@care.example",
    "company": "Lowland Coffee",
    "standard_message": "Bedankt!",
    "portal_link": "https://care.example/portal/cases/7K3M-9QXT-4",
    "code": "ABCD-EFGH-JKMN",
    "message": "Een antwoord\nop twee regels.",
    "closing_date": "30 november 2026",
    "link": "https://care.example/portal/sign-in",
    "colleague_name": "Emma Clarke",
    "writer_name": "Mila Jansen",
    "note": "Kijk jij even mee?",
    "desk_link": "https://care.example/desk/cases/7K3M-9QXT-4",
}


@pytest.mark.parametrize("template", templates())
def test_every_mail_exists_in_three_languages_and_says_the_same_in_html(template):
    assert languages_of(template) == {"en", "nl", "de"}
    for language in ("en", "nl", "de"):
        mail = render(template, language, CONTEXT)
        assert mail.subject
        assert "{{" not in mail.text
        assert f'lang="{language}"' in mail.html
        plain = re.sub(r"<[^>]+>", "", mail.html.partition("<body")[2].partition(">")[2])
        assert words(plain) == words(mail.text)


def test_what_a_person_typed_is_text_and_nothing_else():
    hostile = "<script>alert(1)</script> {{ 7*7 }} {% raw %} <img src=x onerror=alert(1)>"
    mail = render("request/reply", "en", CONTEXT | {"message": hostile, "subject": hostile})
    assert "<script>" not in mail.html
    assert "<img" not in mail.html
    assert "{{ 7*7 }}" in mail.text
    assert "49" not in mail.text


def test_links_are_live_and_cannot_leave_their_quotes():
    message = 'Zie https://x.example/a"onmouseover="alert(1) en https://y.example/b?c=1&d=2.'
    html = render("request/reply", "nl", CONTEXT | {"message": message}).html
    assert 'href="https://y.example/b?c=1&amp;d=2"' in html
    assert "onmouseover=" not in re.sub(r">[^<]*<", "><", html)


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@y.example", "a\nb", "a\x00b", "a\x0bb"])
def test_header_lines_cannot_be_smuggled_in(house, bad):
    assert not re.search(r"[\r\n\x00\x0b]", one_line(bad))
    with house.db.write() as session:
        mail = queue_mail(
            session,
            "request/reply",
            to=Recipient("sanne@example.org", bad, "nl"),
            context=CONTEXT | {"subject": bad},
            automatic=True,
        )
        message = compose(mail)
    assert message["Bcc"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{mail.message_id}>"
    assert message.get_body(("plain",)).get_content().strip() == mail.text.strip()


def test_a_very_long_subject_is_cut():
    assert len(render("request/reply", "en", CONTEXT | {"subject": "x" * 5_000}).subject) <= 200


def test_message_ids_are_unique_and_fixed(house):
    house.classified()
    house.classified()
    ids = [mail.message_id for mail in house.mails()]
    assert len(set(ids)) == len(ids) == 2
    assert all(re.fullmatch(r"c[0-9a-z]{42}\.[0-9a-f]{32}@care\.example", each) for each in ids)
    assert isinstance(house.mails()[0], OutgoingMail)


def words(text):
    for entity, sign in (("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text.split()
