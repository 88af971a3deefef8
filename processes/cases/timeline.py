"""Writing entries of a case's timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from processes.cases import changes
from processes.cases.models import Activity, ActivityKind, Case, Direction
from processes.mail.models import OutgoingMail

SYSTEM = "system"


@dataclass(frozen=True)
class Author:
    """Who wrote an entry."""

    actor: str
    name: str


def add(  # noqa: PLR0913 - an entry has that many facts
    session: Session,
    case: Case,
    kind: ActivityKind,
    *,
    author: Author,
    text: str = "",
    subject: str = "",
    medium: str = "",
    internal: bool = True,
    direction: Direction | None = None,
    mail: OutgoingMail | None = None,
    data: dict[str, Any] | None = None,
) -> Activity:
    """Add an entry at this business time, mark the case as changed, tell open pages."""
    entry = Activity(
        case_id=case.id,
        at=clock.business_now(session),
        kind=kind,
        medium=medium,
        internal=internal,
        direction=direction,
        author=author.actor,
        author_name=author.name,
        subject=subject,
        text=text,
        mail_id=mail.id if mail else None,
        data=data or {},
    )
    session.add(entry)
    case.updated_at = entry.at
    session.flush()
    changes.record(session, "case", case.id)
    return entry


def note_event(session: Session, case: Case, code: str, author: Author, **facts: Any) -> Activity:
    """Add what the product itself noticed; pages make a sentence from the code."""
    return add(session, case, ActivityKind.EVENT, author=author, data={"code": code, **facts})


def record_mail(
    session: Session,
    case: Case,
    mail: OutgoingMail,
    author: Author,
    *,
    text: str,
    data: Mapping[str, Any],
) -> Activity:
    """Put a mail to the customer on the timeline; the customer sees it in the portal too.

    `text` is what is shown in place of the whole mail; it holds no code: the timeline is read by
    more people than the mail.
    """
    return add(
        session,
        case,
        ActivityKind.MAIL,
        author=author,
        subject=mail.subject,
        text=text,
        medium="email",
        internal=False,
        direction=Direction.OUT,
        mail=mail,
        data={"template": mail.template, "automatic": mail.automatic, **data},
    )
