"""Use cases on a case that need no process: notes, contacts, todos, switches, reading."""

from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInputError, NotFoundError
from processes.cases import changes, mentions, search, settings, timeline
from processes.cases.models import Activity, ActivityKind, Case, Channel, Direction
from processes.cases.numbers import new_number
from processes.cases.timeline import Author
from processes.people.models import Staff

MEDIA = ("phone", "email", "counter", "fax", "chat", "letter")
"""How we spoke with a customer outside the product."""

_LONGEST_TEXT = 20_000
_LONGEST_SUBJECT = 200


def new_case(session: Session, channel: Channel, *, language: str) -> Case:
    """Return a fresh case: a number, house defaults, and no data at all."""
    rules = settings.get_all(session)
    now = clock.business_now(session)
    case = Case(
        number=new_number(),
        channel=channel,
        language=language,
        automatic_mail=rules[settings.AUTOMATIC_MAIL],
        created_at=now,
        updated_at=now,
    )
    session.add(case)
    session.flush()  # the process needs case.id
    search.index(session, case)
    changes.record(session, "desk")
    return case


def add_note(session: Session, case: Case, text: str, staff: Staff) -> Activity:
    """Add a note only colleagues see; those named as `@username` are told."""
    note = timeline.add(
        session, case, ActivityKind.NOTE, author=author(staff), text=checked(text, "text")
    )
    mentions.tell(session, case, note, staff)
    return note


def add_contact(
    session: Session, case: Case, text: str, staff: Staff, *, medium: str, direction: Direction
) -> Activity:
    """Add what was said with the customer outside the product; the customer may read it."""
    if medium not in MEDIA:
        raise InvalidInputError({"medium": ["invalid_choice"]})
    return timeline.add(
        session,
        case,
        ActivityKind.CONTACT,
        author=author(staff),
        text=checked(text, "text"),
        medium=medium,
        internal=False,
        direction=direction,
    )


def add_todo(session: Session, case: Case, text: str, staff: Staff) -> Activity:
    """Add something to do, for colleagues only."""
    return timeline.add(
        session,
        case,
        ActivityKind.TODO,
        author=author(staff),
        text=checked(text, "text"),
        data={"done": False},
    )


def tick_todo(session: Session, case: Case, activity_id: int, staff: Staff, *, done: bool) -> None:
    """Mark a todo of this case as done, or open it again."""
    todo = session.get(Activity, activity_id)
    if todo is None or todo.case_id != case.id or todo.kind is not ActivityKind.TODO:
        raise NotFoundError
    todo.data = {
        "done": done,
        "by": staff.name if done else "",
        "at": clock.business_now(session).isoformat() if done else "",
    }
    changes.record(session, "case", case.id)


def switch_mail(session: Session, case: Case, staff: Staff, *, on: bool) -> None:
    """Let the case send automatic mail, or none at all."""
    if case.automatic_mail == on:
        return
    case.automatic_mail = on
    code = "automatic_mail_on" if on else "automatic_mail_off"
    timeline.note_event(session, case, code, author(staff))


def mark_read(session: Session, case: Case, staff: Staff) -> None:
    """Take the mark of news off the list when the handler opens the case."""
    if case.unread and case.assignee_id in {None, staff.id}:
        case.unread = False
        changes.record(session, "desk")


def mark_unread(session: Session, case: Case) -> None:
    """Mark the case in lists: the customer has said something."""
    case.unread = True
    changes.record(session, "desk")


def author(staff: Staff) -> Author:
    """Return a member of staff as the writer of an entry."""
    return Author(staff.actor, staff.name)


def checked(text: str, field: str) -> str:
    """Return the text trimmed. Raises InvalidInputError when empty or endless."""
    trimmed = text.replace("\0", "").strip()
    if not trimmed:
        raise InvalidInputError({field: ["required"]})
    if len(trimmed) > _LONGEST_TEXT:
        raise InvalidInputError({field: ["too_long"]})
    return trimmed


def title_from(text: str) -> str:
    """Return the first words of a text, as a title until somebody writes a better one."""
    line = " ".join(text.split())
    if len(line) <= 70:  # noqa: PLR2004 - about one line of a list
        return line
    return line[:69].rsplit(" ", 1)[0] + "…"
