"""Mails become cases and entries of their timelines."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock
from processes.cases import correlation, participants, search, services
from processes.cases.correlation import Found
from processes.cases.models import (
    Activity,
    ActivityKind,
    Case,
    CaseLink,
    Channel,
    Direction,
    LinkKind,
)
from processes.cases.ports import HasEngine
from processes.cases.timeline import SYSTEM, Author
from processes.files.models import Attachment
from processes.mail.addresses import without_plus
from processes.mail.incoming import Route, own_addresses, stored
from processes.mail.models import IncomingMail, IncomingState, Mailbox
from processes.mail.reading.language import language_of
from processes.mail.reading.message import ReadMail
from processes.mail.services import CODE_GONE
from processes.people import access_codes, contacts
from processes.people.models import Contact, Staff
from processes.request import services as requests

LONGEST_TEXT = 20_000
"""Characters of a mail that the timeline shows; the whole stays with the mail."""
_LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class ReceivedMail:
    """A stored mail, what reading it gave, and where it came in."""

    mail: IncomingMail
    content: ReadMail
    route: Route

    @property
    def named(self) -> tuple[str, ...]:
        """Return where a token of ours may stand: recipients, then the mails it answers."""
        return (*correlation.addresses(self.content), *self.content.references)

    @property
    def is_doubtful(self) -> bool:
        """Return whether our own server says that the sender is somebody else (DMARC)."""
        host = self.route.mailbox.trusted_host if self.route.mailbox else ""
        return bool(host) and self.content.authentication.get(host) == "fail"


def file(mail: IncomingMail, why: str, *, case_id: int | None = None, unread: bool = False) -> None:
    """Put a mail aside; it belongs to a case, asks for nothing, or its rule says so."""
    mail.state, mail.why, mail.unread = IncomingState.FILED, why, unread
    mail.case_id = case_id


def wait(mail: IncomingMail, why: str) -> None:
    """Leave a mail in the inbox, for an agent to say what becomes of it."""
    mail.state, mail.why, mail.unread = IncomingState.WAITING, why, True


def take_reply(app: HasEngine, session: Session, received: ReceivedMail, found: Found) -> Activity:
    """Let a mail join its case as the customer's word: it wakes, stops the closing, reopens.

    One whose writer takes no part in the case has a token; it is marked as a stranger's, and
    its writer becomes no participant (docs/adr/0013).
    """
    mail, case, sender = received.mail, found.case, received.content.sender.address
    known = participants.takes_part(session, case, sender)
    facts = {
        name: True
        for name, holds in (("stranger", not known), ("doubtful", received.is_doubtful))
        if holds
    }
    entry = enter(session, mail, case, writer(session, case, mail), facts)
    belongs(mail, case, IncomingState.REPLY, found.why)
    requests.wake(app, session, case, entry)
    if known and found.proven and not received.is_doubtful:
        _trust(session, case, sender)
        participants.add(session, case, others(session, mail))
    return entry


def note_colleague(session: Session, received: ReceivedMail, case: Case) -> Activity:
    """Let a mail from the address of a colleague join its case, for colleagues' eyes.

    Anybody can write such an address: it is never an action of staff, and wakes nothing.
    """
    mail = received.mail
    author = Author(SYSTEM, mail.from_name or mail.from_address)
    entry = enter(session, mail, case, author, {"staff": True}, internal=True)
    belongs(mail, case, IncomingState.REPLY, "staff")
    case.updated_at = entry.at
    services.mark_unread(session, case)
    return entry


def open_case(
    app: HasEngine,
    session: Session,
    mail: IncomingMail,
    route: Route,
    *,
    wants_mail: bool = True,
    doubtful: bool = False,
) -> Case:
    """Make a case of a mail and start its process; the mail is its first entry (CON-14, COV-04).

    It is in the language of its words where they tell, else the writer's, else the mailbox's.
    `wants_mail` false: nothing is sent by itself, as to a machine that asks for no answers.
    `doubtful`: our own server says that the sender is somebody else; agents are told.
    """
    mailbox = route.mailbox
    language = language_of(mail.text) or _language(session, mail, mailbox)
    case = services.new_case(session, Channel.EMAIL, language=language)
    case.mailbox_id = mailbox.id if mailbox else None
    case.queue_id = route.queue_id
    case.automatic_mail = case.automatic_mail and wants_mail
    person = _person(session, mail, language)
    if person is not None:
        case.contact_id, case.organization_id = person.id, person.organization_id
    words = mail.text[:LONGEST_TEXT]
    case.subject = stored(mail.subject, _LONGEST_SUBJECT, lines=False) or services.title_from(words)
    case.description = case.original_description = words
    search.index(session, case)
    author = Author(person.actor, mail.from_name or person.name) if person else _nobody(mail)
    enter(session, mail, case, author, {"doubtful": True} if doubtful else {})
    belongs(mail, case, IncomingState.NEW_CASE, "")
    participants.add(session, case, [(mail.from_name, mail.from_address), *others(session, mail)])
    _link_hint(session, mail, case)
    requests.start(app.engine, session, case, "new", author.actor)
    return case


def enter(
    session: Session,
    mail: IncomingMail,
    case: Case,
    author: Author,
    facts: dict[str, Any],
    *,
    internal: bool = False,
) -> Activity:
    """Put a mail, with its files, on the timeline; the case's own row is left alone.

    `data` says with `cut` that the mail has more text, and with `wordless` that it has none.
    """
    _blank_code(session, mail, case)
    told = {"cut": len(mail.text) > LONGEST_TEXT, "wordless": not mail.text.strip()}
    entry = Activity(
        case_id=case.id,
        at=clock.business_now(session),
        kind=ActivityKind.MAIL,
        medium="email",
        internal=internal,
        direction=Direction.IN,
        author=author.actor,
        author_name=author.name[:120],
        subject=mail.subject,
        text=mail.text[:LONGEST_TEXT],
        incoming_mail_id=mail.id,
        data={name: True for name, holds in told.items() if holds} | facts,
    )
    session.add(entry)
    session.flush()
    session.execute(
        update(Attachment)
        .where(Attachment.incoming_mail_id == mail.id)
        .values(activity_id=entry.id)
        .execution_options(synchronize_session=False)
    )
    return entry


def _blank_code(session: Session, mail: IncomingMail, case: Case) -> None:
    """Take the portal's code out of what is quoted: more people read it than the first mail."""
    code = access_codes.current(session, case.id)
    if code is None:
        return
    plain = access_codes.plaintext(session, code)
    mail.subject = mail.subject.replace(plain, CODE_GONE)
    mail.text = mail.text.replace(plain, CODE_GONE)
    mail.quoted = mail.quoted.replace(plain, CODE_GONE)
    mail.html = mail.html.replace(plain, CODE_GONE)


def is_colleague(session: Session, address: str, case: Case) -> bool:
    """Return whether an address is that of staff, and not of somebody we help ourselves."""
    if participants.is_contact(session, case, address):
        return False
    known = select(Staff.id).where(func.lower(Staff.email) == address, Staff.active)
    return session.scalar(known.limit(1)) is not None


def others(session: Session, mail: IncomingMail) -> list[tuple[str, str]]:
    """Return whom a mail was also written to, without ourselves."""
    own = own_addresses(session)
    written: Iterable[list[str]] = (*mail.recipients.get("to", ()), *mail.recipients.get("cc", ()))
    return [(name, address) for name, address in written if without_plus(address) not in own]


def _language(session: Session, mail: IncomingMail, mailbox: Mailbox | None) -> str:
    known = contacts.by_email(session, mail.from_address or None)
    if known is not None:
        return known.language
    return mailbox.language if mailbox else "en"


def belongs(mail: IncomingMail, case: Case, state: IncomingState, why: str) -> None:
    """Write down which case a mail is in and how it came there."""
    mail.state, mail.why = state, why
    mail.case_id = case.id
    if mail.maybe_case_id == case.id:
        mail.maybe_case_id = None


def _link_hint(session: Session, mail: IncomingMail, case: Case) -> None:
    """Name the case the mail hints at, for an agent to confirm or refuse."""
    if mail.maybe_case_id is not None and mail.maybe_case_id != case.id:
        session.add(
            CaseLink(
                case_id=case.id,
                other_id=mail.maybe_case_id,
                kind=LinkKind.MAYBE,
                created_at=clock.business_now(session),
            )
        )


def _person(session: Session, mail: IncomingMail, language: str) -> Contact | None:
    """Return the contact of the sender; None when the mail names no address."""
    if not mail.from_address:
        return None
    return contacts.find_or_add(
        session, name=mail.from_name, email=mail.from_address, language=language
    )


def writer(session: Session, case: Case, mail: IncomingMail) -> Author:
    """Return who wrote: the case's customer by name, anybody else by what the mail says."""
    if participants.is_contact(session, case, mail.from_address):
        contact = session.get_one(Contact, case.contact_id)
        return Author(contact.actor, contact.name)
    return _nobody(mail)


def _nobody(mail: IncomingMail) -> Author:
    return Author("mail", mail.from_name or mail.from_address)


def _trust(session: Session, case: Case, sender: str) -> None:
    """An answer with our token shows that our mail has arrived at the customer's address."""
    if participants.is_contact(session, case, sender):
        contact = session.get_one(Contact, case.contact_id)
        contact.email_verified, contact.bounced_at, contact.bounce = True, None, None
