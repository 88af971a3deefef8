"""Shapes that no person wrote: reports, absences, lists, our own mail; and people who look so."""

from collections.abc import Callable

from processes.mail.models import MailKind
from tests.mails.building import SUPPORT, Facts, Shape, multipart, plain, text_part

_ABSENT = {
    "nl": "Ik ben afwezig tot en met 12 november. Uw mail wordt niet gelezen.",
    "de": "Ich bin bis zum 12. November nicht im Büro und lese keine Mails.",
    "en": "I am out of the office until 12 November with no access to mail.",
}

_REPORTED = ("delivery-status.txt", "Uw vraag.eml")


def _ours(facts: Facts) -> bytes:
    return (
        f"From: {SUPPORT}\r\nTo: {facts.address}\r\nSubject: Uw vraag\r\n"
        f"Message-ID: <ours.{facts.word}@care.example>\r\n\r\nTekst\r\n"
    ).encode()


def _report(
    facts: Facts, *, action: str, status: str, said: str, words: str, **more: str | None
) -> bytes:
    status_part = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.post.example\r\n\r\n"
        f"Final-Recipient: rfc822; {facts.address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n"
    ).encode()
    returned = b"Content-Type: message/rfc822\r\n\r\n" + _ours(facts)
    given: dict[str, str | None] = {
        "From": "Mail Delivery System <MAILER-DAEMON@mx.post.example>",
        "Subject": "Undelivered Mail Returned to Sender",
        "Return_Path": "<>",
        "Auto_Submitted": "auto-replied",
    }
    return multipart(
        facts,
        "report; report-type=delivery-status",
        text_part(f"{words} {facts.word}"),
        status_part,
        returned,
        **(given | more),
    )


def _bounced(facts: Facts, raw: bytes, *, permanent: bool = True) -> Shape:
    return Shape(
        raw,
        kind=MailKind.BOUNCE,
        words=(facts.word,),
        files=_REPORTED if b"message/delivery-status" in raw else (),
        extra={
            "bounce.addresses": (facts.address,),
            "bounce.permanent": permanent,
            "bounce.message_ids": (f"ours.{facts.word}@care.example",),
            "wants_no_answer": True,
        },
    )


def bounce_of_postfix(facts: Facts) -> Shape:
    raw = _report(
        facts,
        action="failed",
        status="5.1.1",
        said="550 5.1.1 User unknown",
        words="This is the mail system at host mx. Your message could not be delivered.",
    )
    return _bounced(facts, raw)


def bounce_that_waits(facts: Facts) -> Shape:
    raw = _report(
        facts,
        action="delayed",
        status="4.4.1",
        said="451 4.4.1 timed out",
        words="THIS IS A WARNING ONLY. Your message has been delayed.",
    )
    return _bounced(facts, raw, permanent=False)


def bounce_of_exchange(facts: Facts) -> Shape:
    raw = _report(
        facts,
        action="failed",
        status="5.1.10",
        said="550 5.1.10 RESOLVER.ADR.RecipientNotFound",
        words="Delivery has failed to these recipients or groups:",
        From="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@firma.example>",
        Subject="Undeliverable: Uw vraag",
        Auto_Submitted=None,
    )
    return _bounced(facts, raw)


def bounce_of_exchange_in_german(facts: Facts) -> Shape:
    raw = _report(
        facts,
        action="failed",
        status="5.1.1",
        said="550 5.1.1 unknown",
        words="Fehler bei der Nachrichtenzustellung an folgende Empfänger:",
        From="postmaster@firma.example",
        Subject="Unzustellbar: Ihre Frage",
        Auto_Submitted=None,
    )
    return _bounced(facts, raw)


def bounce_of_exchange_in_dutch(facts: Facts) -> Shape:
    text = (
        f"Uw bericht kan niet worden bezorgd bij de volgende geadresseerden:\n\n{facts.address}\n"
        f"Het e-mailadres is niet gevonden. {facts.word}\n\n"
        f"Message-ID: <ours.{facts.word}@care.example>\n"
    )
    return _bounced(
        facts,
        plain(
            facts,
            text,
            From="Postmaster <postmaster@firma.example>",
            Subject="Onbestelbaar: Uw vraag",
            Return_Path="<>",
        ),
    )


def bounce_of_qmail(facts: Facts) -> Shape:
    text = (
        f"Hi. This is the qmail-send program at mx.post.example. {facts.word}\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        f"<{facts.address}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n"
    ) + _ours(facts).decode().replace("\r\n", "\n")
    return _bounced(
        facts,
        plain(
            facts,
            text,
            From="MAILER-DAEMON@mx.post.example",
            Subject="failure notice",
            Return_Path="<>",
        ),
    )


def bounce_of_exim(facts: Facts) -> Shape:
    text = (
        f"This message was created automatically by mail delivery software. {facts.word}\n\n"
        "A message that you sent could not be delivered to one or more of its recipients.\n"
        f"This is a permanent error. The following address(es) failed:\n\n  {facts.address}\n"
        "    Unrouteable address\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n"
    ) + _ours(facts).decode().replace("\r\n", "\n")
    return _bounced(
        facts,
        plain(
            facts,
            text,
            From="Mail Delivery System <Mailer-Daemon@mx.post.example>",
            Subject="Mail delivery failed: returning message to sender",
            X_Failed_Recipients=facts.address,
            Return_Path=None,
        ),
    )


def report_of_success(facts: Facts) -> Shape:
    raw = _report(
        facts,
        action="delivered",
        status="2.0.0",
        said="250 ok",
        words="Your message was successfully delivered",
        Subject="Successful Mail Delivery Report",
    )
    return Shape(
        raw,
        kind=MailKind.AUTO_REPLY,
        words=(facts.word,),
        files=_REPORTED,
        extra={"bounce": None},
    )


def read_receipt(facts: Facts) -> Shape:
    part = (
        b"Content-Type: message/disposition-notification\r\n\r\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    )
    return Shape(
        multipart(
            facts,
            "report; report-type=disposition-notification",
            text_part(f"Gelezen {facts.word}"),
            part,
        ),
        kind=MailKind.AUTO_REPLY,
        words=(facts.word,),
        files=("disposition-notification.txt",),
    )


def absence_with_headers(facts: Facts) -> Shape:
    return Shape(
        plain(
            facts,
            f"{_ABSENT[facts.language]} {facts.word}",
            Subject="Re: Uw vraag",
            Auto_Submitted="auto-replied (vacation)",
            X_Auto_Response_Suppress="All",
            In_Reply_To=f"<ours.{facts.word}@care.example>",
        ),
        kind=MailKind.AUTO_REPLY,
        words=(facts.word,),
        extra={"wants_no_answer": True},
    )


def absence_by_precedence(facts: Facts) -> Shape:
    return Shape(
        plain(facts, f"Weg. {facts.word}", Precedence="auto_reply", X_Autoreply="yes"),
        kind=MailKind.AUTO_REPLY,
        words=(facts.word,),
    )


def absence_of_the_empty_path(facts: Facts) -> Shape:
    return Shape(
        plain(facts, f"Weg. {facts.word}", Return_Path="<>"),
        kind=MailKind.AUTO_REPLY,
        words=(facts.word,),
    )


def _silent(name: str, subject: str, language: str) -> Callable[[Facts], Shape]:
    def silent(facts: Facts) -> Shape:
        text = f"Hallo,\n\n{_ABSENT[language]} {facts.word}\n"
        return Shape(
            plain(facts, text, Subject=subject), kind=MailKind.AUTO_REPLY, words=(facts.word,)
        )

    silent.__name__ = f"absence_without_headers_{name}"
    return silent


def _person(name: str, subject: str, text: str) -> Callable[[Facts], Shape]:
    def person(facts: Facts) -> Shape:
        return Shape(plain(facts, f"{text} {facts.word}", Subject=subject), words=(facts.word,))

    person.__name__ = f"person_who_writes_{name}"
    return person


def newsletter(facts: Facts) -> Shape:
    return Shape(
        plain(
            facts,
            f"Aanbiedingen {facts.word}",
            List_Unsubscribe="<https://x.example/u>",
            List_Id="Nieuws <news.x.example>",
        ),
        kind=MailKind.LIST,
        words=(facts.word,),
        extra={"wants_no_answer": True},
    )


def bulk(facts: Facts) -> Shape:
    return Shape(
        plain(facts, f"Reclame {facts.word}", Precedence="bulk"),
        kind=MailKind.LIST,
        words=(facts.word,),
    )


def our_own_group(facts: Facts) -> Shape:
    return Shape(
        plain(
            facts,
            facts.sentence,
            List_Id="<support.care.example>",
            Precedence="list",
            List_Post=f"<mailto:{SUPPORT}>",
        ),
        words=(facts.word,),
        extra={"wants_no_answer": True},
    )


def our_own_mail(facts: Facts) -> Shape:
    return Shape(
        plain(facts, f"Ontvangen {facts.word}", From=f"Support <{SUPPORT.upper()}>"),
        kind=MailKind.OWN,
        words=(facts.word,),
    )


def our_own_mail_by_a_forwarder(facts: Facts) -> Shape:
    return Shape(
        plain(facts, f"Ontvangen {facts.word}", X_Casewright=SUPPORT),
        kind=MailKind.OWN,
        words=(facts.word,),
    )


def suppresses_answers(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, X_Auto_Response_Suppress="DR, OOF, AutoReply"),
        words=(facts.word,),
        extra={"wants_no_answer": True},
    )


def checked_sender(facts: Facts) -> Shape:
    raw = plain(facts, facts.sentence)
    checks = (
        b"Authentication-Results: mx.care.example;\r\n\tdkim=pass header.d=x; spf=pass;\r\n"
        b"\tdmarc=fail (p=reject) header.from=x\r\n"
        b"Authentication-Results: mx.care.example; dmarc=pass\r\n"
        b"Authentication-Results: other.example 1; spf=pass smtp.mailfrom=x\r\n"
    )
    return Shape(
        checks + raw,
        words=(facts.word,),
        extra={"authentication": {"mx.care.example": "fail", "other.example": "pass"}},
    )


def many_ways(facts: Facts) -> Shape:
    trace = b"Delivered-To: Help@Care.Example\r\nX-Original-To: support+c123@care.example\r\n"
    return Shape(
        trace + plain(facts, facts.sentence, Cc='"Vries, Sanne de" <s@x.nl>, b@y.nl (Bob)'),
        words=(facts.word,),
        extra={"delivered_to": ("help@care.example", "support+c123@care.example")},
    )


def undisclosed(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, To="undisclosed-recipients:;", Cc=None),
        words=(facts.word,),
        extra={"to": ()},
    )


SHAPES: tuple[Callable[[Facts], Shape], ...] = (
    bounce_of_postfix,
    bounce_that_waits,
    bounce_of_exchange,
    bounce_of_exchange_in_german,
    bounce_of_exchange_in_dutch,
    bounce_of_qmail,
    bounce_of_exim,
    report_of_success,
    read_receipt,
    absence_with_headers,
    absence_by_precedence,
    absence_of_the_empty_path,
    _silent("en", "Automatic reply: Your question", "en"),
    _silent("nl", "Automatisch antwoord: Uw vraag", "nl"),
    _silent("de", "Automatische Antwort: Ihre Frage", "de"),
    _silent("fr", "Réponse automatique : Votre question", "en"),
    _silent("notice", "Abwesenheitsnotiz", "de"),
    _silent("office", "Out of Office: Re: Your question", "en"),
    _silent("away", "Afwezig", "nl"),
    _silent("re", "Re: Out of the office", "en"),
    _person("of_chairs", "Out of office chairs", "I want to buy chairs."),
    _person("of_absence", "Afwezigheid doorgeven lukt niet", "De knop doet het niet."),
    _person("of_replies", "Automatic reply stopped working", "Please help."),
    _person("of_holidays", "Vakantie boeken", "Kan ik een huisje boeken?"),
    _person("of_delivery", "Undelivered parcel", "My parcel could not be delivered."),
    newsletter,
    bulk,
    our_own_group,
    our_own_mail,
    our_own_mail_by_a_forwarder,
    suppresses_answers,
    checked_sender,
    many_ways,
    undisclosed,
)
