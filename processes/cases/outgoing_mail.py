"""Mails to a case's customer: who gets them, in which language, and what every one may say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from processes.cases import history, participants, settings, threads, timeline
from processes.cases.models import Activity, ActivityKind, Case, Direction
from processes.cases.threads import Thread
from processes.cases.timeline import Author
from processes.database import house
from processes.files import services as files
from processes.mail.addresses import Pair
from processes.mail.reading.marker import MARKER
from processes.mail.rich import Rich
from processes.mail.services import Recipient, queue_mail
from processes.mail.templates import MailText, render, subject_of
from processes.mail.thread_headers import answer_to, with_number
from processes.people.models import Contact, Staff

_NOT_THEIRS = {"customer_name": "", "subject": ""}
"""Nothing a stranger typed goes to an address nobody has proved to be theirs."""


@dataclass(frozen=True)
class Sending:
    """How a mail goes out, where its writer said so."""

    language: str = ""
    """Of this mail only; empty: the language we write to the customer in."""
    subject: str = ""
    cc: tuple[Pair, ...] = ()
    bcc: tuple[Pair, ...] = ()
    keys: tuple[str, ...] = ()
    """Of the writer's own uploads."""
    wait: timedelta = timedelta(0)
    """Real time within which the mail can be taken back."""


_AS_USUAL = Sending()


def write(  # noqa: PLR0913 - a mail has that many facts
    session: Session,
    case: Case,
    template: str,
    *,
    author: Author,
    automatic: bool,
    words: Rich | None = None,
    secret: str = "",
    sending: Sending = _AS_USUAL,
    **more: Any,
) -> Activity | None:
    """Write a mail to the case's customer and put it on the timeline.

    `words` is what a person wrote; the timeline shows it in place of the whole mail, and the
    conversation so far is quoted beneath. Returns None, and writes nothing, when no address is
    known.
    """
    contact = session.get(Contact, case.contact_id) if case.contact_id else None
    if contact is None or contact.email is None:
        return None
    thread = threads.thread_of(session, case)
    facts = context(session, case, sending.language or case.language) | more
    if automatic and not contact.email_verified:
        facts |= _NOT_THEIRS
    rendered = _rendered(session, case, template, facts, words, sending, thread)
    mail = queue_mail(
        session,
        template,
        to=Recipient(contact.email, facts["customer_name"], sending.language or case.language),
        context=facts,
        case_id=case.id,
        automatic=automatic,
        secret=secret,
        rendered=rendered,
        envelope=threads.envelope(session, case, thread, cc=sending.cc, bcc=sending.bcc),
        wait=sending.wait,
    )
    said = rendered.body.replace(secret, "····") if secret else rendered.body
    text, data = words.text if words else said, _as_written(session, words, sending)
    participants.add(session, case, sending.cc)
    entry = timeline.record_mail(session, case, mail, author, text=text, data=data)
    _enclose(session, entry, sending)
    return entry


def reach(
    session: Session,
    case: Case,
    template: str,
    *,
    author: Author,
    words: Rich,
    sending: Sending = _AS_USUAL,
    **more: Any,
) -> Activity:
    """Tell the customer what a person wrote, by mail or, without an address, in the portal."""
    mailed = write(
        session,
        case,
        template,
        author=author,
        automatic=False,
        words=words,
        sending=sending,
        **more,
    )
    if mailed is not None:
        return mailed
    entry = timeline.add(
        session,
        case,
        ActivityKind.MESSAGE,
        author=author,
        text=words.text,
        medium="portal",
        internal=False,
        direction=Direction.OUT,
    )
    _enclose(session, entry, sending)
    return entry


def context(session: Session, case: Case, language: str = "") -> dict[str, Any]:
    """Return what every mail about the case may mention."""
    rules = settings.get_all(session)
    contact = session.get(Contact, case.contact_id) if case.contact_id else None
    handler = session.get(Staff, case.assignee_id) if case.assignee_id else None
    return {
        "number": case.number,
        "subject": case.subject,
        "customer_name": contact.name if contact else "",
        "handler_name": handler.name if handler else rules[settings.COMPANY],
        "handler_email": handler.email if handler else house(session).mail_from,
        "company": rules[settings.COMPANY],
        "standard_message": rules[settings.STANDARD_MESSAGE][language or case.language],
        "portal_link": portal_link(session, case) if case.portal_enabled else "",
        "code": "",
    }


def usual_subject(case: Case, latest_subject: str, language: str) -> str:
    """Return the subject a reply has unless its writer changes it.

    `latest_subject` is that of the customer's latest mail; empty when none came.
    """
    facts = {"number": case.number, "subject": case.subject}
    usual = subject_of("request/reply", language, facts)
    return answer_to(latest_subject, case.number) or usual


def _rendered(  # noqa: PLR0913, PLR0917 - all that a mail is made of
    session: Session,
    case: Case,
    template: str,
    facts: Mapping[str, Any],
    words: Rich | None,
    sending: Sending,
    thread: Thread,
) -> MailText:
    """Return the mail's text; what a person wrote has the conversation so far beneath it.

    Not when somebody new reads along: what was said before was not said to them.
    """
    language = sending.language or case.language
    told = {**facts, "message": words} if words is not None else facts
    copies = [address for _, address in (*sending.cc, *sending.bcc)]
    told_before = all(participants.takes_part(session, case, each.lower()) for each in copies)
    beneath = None
    if words is not None and told_before:
        beneath = history.beneath(session, case, language)
    rendered = render(template, language, told, marker=MARKER[language], beneath=beneath)
    return replace(rendered, subject=_subject(case, thread, rendered, facts, sending))


def _subject(
    case: Case, thread: Thread, rendered: MailText, facts: Mapping[str, Any], sending: Sending
) -> str:
    """Return the subject: the writer's, else the customer's own, else the template's.

    Without the subject of the case, which may be anybody's words, the template's own has to do.
    """
    if sending.subject:
        return with_number(sending.subject, case.number)
    theirs = answer_to(thread.subject, case.number) if facts["subject"] else ""
    return theirs or rendered.subject


def _enclose(session: Session, entry: Activity, sending: Sending) -> None:
    """Send the writer's uploads along, and show them at the entry."""
    for attachment in files.claim(session, sending.keys, entry.author):
        attachment.activity_id, attachment.outgoing_mail_id = entry.id, entry.mail_id


def _as_written(session: Session, words: Rich | None, sending: Sending) -> dict[str, Any]:
    """Return what is needed to show a mail in its form, and to take it back."""
    facts: dict[str, Any] = {"html": words.html} if words is not None else {}
    if sending.wait:
        facts["held_until"] = (clock.real_now(session) + sending.wait).isoformat()
    return facts


def portal_link(session: Session, case: Case) -> str:
    """Return the address of the customer's own page of the case."""
    return f"{house(session).public_url}/portal/cases/{case.number}"
