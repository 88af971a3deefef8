"""Who or what wrote a mail: persons, machines, lists, our own house."""

import pytest

from processes.mail.models import MailKind
from processes.mail.reading import read

OWN = frozenset({"support@care.example"})
AWAY_NL = "Beste,\n\nVan 1 t/m 9 november ben ik met vakantie en niet bereikbaar."
AWAY_DE = "Guten Tag,\n\nich bin bis 9. November nicht im Büro. Ihre E-Mail wird nicht gelesen."
AWAY_EN = "Hello,\n\nI'm currently out of the office and will be back on 9 November."


def mail(subject: str, text: str = "Hallo", *more: str, sender: str = "ann@x.example") -> bytes:
    lines = [f"From: {sender}", f"Subject: {subject}", *more, "", text]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Auto-Submitted: auto-replied", MailKind.AUTO_REPLY),
        ("Auto-Submitted: auto-generated", MailKind.AUTO_REPLY),
        ("Auto-Submitted: auto-notified; owner-email=x", MailKind.AUTO_REPLY),
        ("AUTO-SUBMITTED: Auto-Replied (rejected)", MailKind.AUTO_REPLY),
        ("Auto-Submitted: no", MailKind.PERSON),
        ("Precedence: auto_reply", MailKind.AUTO_REPLY),
        ("X-Autoreply: yes", MailKind.AUTO_REPLY),
        ("X-Autorespond: Re: x", MailKind.AUTO_REPLY),
        ("X-Autoreply-From: a@b.example", MailKind.AUTO_REPLY),
        ("X-Autoreply: no", MailKind.PERSON),
        ("Return-Path: <>", MailKind.AUTO_REPLY),
        ("Return-Path: <MAILER-DAEMON>", MailKind.AUTO_REPLY),
        ("Return-Path: <ann@x.example>", MailKind.PERSON),
        ("X-Auto-Response-Suppress: All", MailKind.PERSON),
        ("Precedence: bulk", MailKind.LIST),
        ("Precedence: list", MailKind.LIST),
        ("Precedence: first-class", MailKind.PERSON),
        ("List-Id: Club <club.x.example>", MailKind.LIST),
        ("List-Unsubscribe: <mailto:u@x.example>", MailKind.LIST),
        ("List-Id: <support.care.example>", MailKind.PERSON),
        ("X-Casewright: support@care.example", MailKind.OWN),
        ("X-Casewright: support@other.example", MailKind.PERSON),
    ],
)
def test_headers_say_what_kind_it_is(header, kind):
    assert read(mail("Vraag", "Hallo", header), own_addresses=OWN).kind is kind


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: Uw vraag", "Weg."),
        ("Automatisch antwoord: Uw vraag", "Weg."),
        ("Automatische Antwort: Ihre Frage", "Weg."),
        ("AUTOMATISCH ANTWOORD: x", "Weg."),
        ("Réponse automatique : x", "Absent"),
        ("Autoreply: x", "Weg."),
        ("Auto-Reply: x", "Weg."),
        ("Abwesenheitsnotiz", AWAY_DE),
        ("Abwesenheitsnotiz: Ihre Frage", "x"),
        ("Re: Abwesenheitsnotiz", "x"),
        ("Out of Office AutoReply: x", "x"),
        ("Afwezigheidsassistent: x", "x"),
        ("Out of office", AWAY_EN),
        ("Out of Office: Re: vraag", AWAY_EN),
        ("Afwezig", AWAY_NL),
        ("Vakantie", AWAY_NL),
        ("Abwesend: Ihre Frage", AWAY_DE),
        ("Urlaub Re: Frage", "Ich bin bis 9. November im Urlaub und nicht erreichbar."),
    ],
)
def test_absences_without_headers_are_known_by_their_words(subject, text):
    assert read(mail(subject, text)).kind is MailKind.AUTO_REPLY


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of office chairs", "Can I order six chairs?"),
        ("Out of office: chairs wanted", "Can I order six?"),
        ("Automatic reply does not work", "Please help."),
        ("Automatisch antwoord instellen", "Hoe doe ik dat?"),
        ("Afwezig bij levering", "Ik was niet thuis, kan het opnieuw?"),
        ("Vakantie boeken", "Kan ik volgende week boeken?"),
        ("Urlaub in Holland", "Ich möchte ein Haus mieten."),
        ("Absence of parts", "Some screws are missing."),
        ("Re: Uw vraag", AWAY_EN),
        ("Undelivered parcel", "It could not be delivered, says DHL."),
        ("Onbestelbaar", "Mijn pakket is onbestelbaar retour."),
        ("Delivery failure", "The delivery has failed twice already."),
    ],
)
def test_people_who_write_about_such_things_are_people(subject, text):
    assert read(mail(subject, text)).kind is MailKind.PERSON


@pytest.mark.parametrize(
    ("sender", "subject", "text", "permanent"),
    [
        (
            "MAILER-DAEMON@x.example",
            "Returned mail: see transcript",
            "<a@y.example> 550 5.1.1 no",
            True,
        ),
        (
            "mailer-daemon@x.example",
            "Warning: message delayed",
            "a@y.example will be retried",
            False,
        ),
        ("postmaster@x.example", "Undeliverable: x", "a@y.example could not be delivered", True),
        ("postmaster@x.example", "Unzustellbar: x", "a@y.example wurde nicht zugestellt", True),
        ("postmaster@x.example", "Onbestelbaar: x", "a@y.example: niet bezorgd", True),
        (
            "MAILER-DAEMON@mx.example",
            "Mail Delivery System: verzögert",
            "a@y.example Zustellung verzögert, weitere Versuche",
            False,
        ),
        (
            "postmaster@x.example",
            "Delivery Status Notification (Failure)",
            "a@y.example failed",
            True,
        ),
    ],
)
def test_reports_in_words_name_whom_they_did_not_reach(sender, subject, text, permanent):
    read_mail = read(mail(subject, text, sender=sender), own_addresses=OWN)
    assert read_mail.kind is MailKind.BOUNCE
    assert read_mail.bounce is not None
    assert read_mail.bounce.addresses == ("a@y.example",)
    assert read_mail.bounce.permanent is permanent
    assert read_mail.bounce.words


def test_a_postmaster_who_writes_himself_is_a_person():
    assert read(mail("Vraag", sender="postmaster@x.example")).kind is MailKind.PERSON


def test_lists_and_machines_get_no_automatic_answer_and_persons_do():
    assert read(mail("Vraag", "x", "Precedence: bulk")).wants_no_answer
    assert read(mail("Vraag", "x", "X-Auto-Response-Suppress: DR, AutoReply")).wants_no_answer
    assert not read(mail("Vraag", "x", "X-Auto-Response-Suppress: DR, OOF")).wants_no_answer
    assert not read(mail("Vraag", "x", "X-Auto-Response-Suppress: None")).wants_no_answer
    assert not read(mail("Vraag")).wants_no_answer


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ik heb een vraag, kunt u mij helpen?", "nl"),
        ("Ich habe eine Frage, können Sie mir helfen?", "de"),
        ("I have a question, could you help me please?", "en"),
        ("Hoi", ""),
        ("Здравствуйте", ""),
        ("", ""),
    ],
)
def test_the_language_is_said_only_where_the_words_tell(text, language):
    assert read(mail("x", text)).language == language
