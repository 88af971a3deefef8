"""Use cases of requests, called by the web and by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInputError, NotWaitingError
from engine.runtime import Engine
from processes.cases import categories, changes, search, services, timeline
from processes.cases.models import (
    Activity,
    ActivityKind,
    Case,
    CaseStatus,
    Channel,
    Direction,
)
from processes.cases.outgoing_mail import Sending
from processes.cases.ports import HasEngine
from processes.cases.timeline import Author
from processes.files import services as files
from processes.files.services import Prepared
from processes.mail.rich import Rich, from_text
from processes.people import contacts
from processes.people.models import Staff
from processes.request import operations

PROCESS = "request"
CUSTOMER_REPLY = "customer.reply"
INTAKE_CHANNELS = (Channel.PHONE, Channel.COUNTER, Channel.FAX, Channel.CHAT, Channel.MANUAL)
"""What the New button offers."""


@dataclass(frozen=True)
class Intake:
    """What a customer sent by the web form, already checked by it."""

    name: str
    email: str
    category: str
    subcategory: str
    description: str
    language: str
    subject: str = ""
    phone: str = ""
    files: Sequence[tuple[Prepared, str]] = ()
    """What came along, already in the store, each with its name."""


def submit_request(app: HasEngine, session: Session, intake: Intake) -> Case:
    """Record a customer's request from the portal and start its process.

    On return the number exists and the request waits to be classified.
    """
    person = contacts.find_or_add(
        session,
        name=intake.name,
        email=intake.email,
        phone=intake.phone,
        language=intake.language,
    )
    case = services.new_case(session, Channel.PORTAL, language=intake.language)
    case.contact_id, case.organization_id = person.id, person.organization_id
    case.subject = intake.subject.strip() or services.title_from(intake.description)
    case.description = case.original_description = intake.description
    place = categories.place(session, intake.category, intake.subcategory)
    operations.file_under(case, *place)
    if case.subcategory_id is None:
        raise InvalidInputError({"subcategory": ["invalid_choice"]})
    search.index(session, case)
    entry = timeline.add(
        session,
        case,
        ActivityKind.MESSAGE,
        author=Author(person.actor, intake.name.strip() or person.name),
        text=intake.description,
        medium="portal",
        internal=False,
        direction=Direction.IN,
    )
    for prepared, name in intake.files:
        stored = files.record(session, prepared)
        files.attach(session, stored, name, activity_id=entry.id, uploaded_by=person.actor)
    start(app.engine, session, case, "new", person.actor)
    return case


def open_blank(app: HasEngine, session: Session, channel: Channel, staff: Staff) -> Case:
    """Make a numbered case before any data, for a customer on the phone or at the counter."""
    if channel not in INTAKE_CHANNELS:
        raise InvalidInputError({"channel": ["invalid_choice"]})
    case = services.new_case(session, channel, language=staff.locale)
    start(app.engine, session, case, "taken_down", staff.actor)
    return case


def receive_reply(
    app: HasEngine, session: Session, case: Case, text: str, *, author: Author, medium: str
) -> Activity:
    """Take in a customer's word: it wakes a waiting process or opens a closed case again.

    While work goes on it only lands on the timeline and marks the case as unread.
    """
    entry = _incoming(session, case, services.checked(text, "text"), author, medium)
    wake(app, session, case, entry)
    return entry


def wake(app: HasEngine, session: Session, case: Case, entry: Activity) -> None:
    """Let the process of a case hear of a word of the customer that is on the timeline."""
    # The instance is locked before the case, in the same order as by its timer.
    moved = app.engine.correlate(
        session,
        CUSTOMER_REPLY,
        key=str(case.id),
        payload={"activity_id": entry.id},
        actor=entry.author,
    )
    session.flush()  # what the process wrote about the case must not be forgotten
    # Not FOR UPDATE: two entries that name the case would then wait for each other.
    session.refresh(case, with_for_update={"of": Case, "key_share": True})
    case.updated_at = entry.at
    if case.is_closed and not moved:
        start(app.engine, session, case, "reopened", entry.author, reply_id=entry.id)
    services.mark_unread(session, case)
    changes.record(session, "case", case.id)


def send_reply(
    session: Session, case: Case, words: str | Rich, staff: Staff, sending: Sending | None = None
) -> Activity:
    """Write to the customer while the process stays where it is.

    Only intake is possible before classifying: raises NotWaitingError then, and for a case
    that is closed.
    """
    if case.status is CaseStatus.UNCLASSIFIED or case.is_closed:
        raise NotWaitingError
    rich = words if isinstance(words, Rich) else from_text(words)
    services.checked(rich.text, "text")
    return operations.send_reply(session, case, rich, staff.actor, sending)


def assign(session: Session, case: Case, staff: Staff, by: Staff) -> None:
    """Hand a classified case over to another handler."""
    if case.status is CaseStatus.UNCLASSIFIED:
        raise NotWaitingError
    case.assignee_id = staff.id
    timeline.note_event(session, case, "assigned", services.author(by), handler=staff.name)
    changes.record(session, "desk")


def start(
    engine: Engine, session: Session, case: Case, entry: str, actor: str, **more: Any
) -> None:
    """Start an instance on the version now active; data holds ids and decisions only.

    `entry` says how the request begins: `new`, `taken_down` or `reopened`.
    """
    data = {
        "entry": entry,
        "request_type": "",
        "next_status": "",
        "next": "",
        "mode": "",
        "outcome": "",
        "letter": "",
        "portal": False,
        "email_known": False,
        "automatic_mail": case.automatic_mail,
        **more,
    }
    session.flush()
    engine.start(session, PROCESS, key=str(case.id), data=data, actor=actor)
    changes.record(session, "desk")


def _incoming(session: Session, case: Case, text: str, author: Author, medium: str) -> Activity:
    """Add the entry without touching the case's row, which is locked later."""
    entry = Activity(
        case_id=case.id,
        at=clock.business_now(session),
        kind=ActivityKind.MAIL if medium == "email" else ActivityKind.MESSAGE,
        medium=medium,
        internal=False,
        direction=Direction.IN,
        author=author.actor,
        author_name=author.name,
        text=text,
        data={},
    )
    session.add(entry)
    session.flush()
    return entry
