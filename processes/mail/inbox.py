"""The shared inbox (COV-15): its folders, its lists, one mail; few statements, whatever its size.

Lists are leafed through by id, so that mail coming in moves nothing and page 1,000 costs what
page 1 costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, true
from sqlalchemy.orm import Session, joinedload, undefer

from engine.errors import NotFoundError
from processes.files.models import Attachment
from processes.mail.models import (
    IncomingMail,
    IncomingState,
    Mailbox,
    MailboxAlias,
    MailKind,
)
from processes.people.models import Staff

View = Literal["waiting", "unread", "all", "aside", "quarantine"]
VIEWS: tuple[View, ...] = ("waiting", "unread", "all", "aside", "quarantine")
COUNTED = 1_000
"""Beyond this a number is not told: nobody reads it, and counting would cost more each year."""

SEARCHED = 50_000
"""Mails one search looks through; it goes on with older ones where that is asked for."""

_LONGEST_SEARCH = 100
_MOST_WORDS = 6
_SNIPPET = 140
_MOST_FOLDERS = 30
_PAST_ALL = 2**31 - 1
"""No id is larger."""


@dataclass(frozen=True)
class Folder:
    """A view of the inbox, or the folder of an alias (COV-16); one of the two."""

    view: View = "all"
    alias: str = ""
    """The folder's name; empty for a view."""


@dataclass(frozen=True)
class Counts:
    """How many mails each view holds, none told beyond `COUNTED`."""

    waiting: int
    unread: int
    quarantine: int
    to_do: int
    """Undecided ones and those nobody has read."""
    unread_by_folder: dict[str, int]
    """Of every folder an alias files in, also the empty ones, by name."""


@dataclass(frozen=True)
class MailRow:
    """One line of the list."""

    id: int
    from_name: str
    from_address: str
    subject: str
    snippet: str
    """How the text begins."""
    received_at: datetime
    unread: bool
    kind: MailKind
    state: IncomingState
    why: str
    folder: str
    case_id: int | None
    maybe_case_id: int | None
    mailbox: str
    """The sender name of the mailbox it came to; empty when it was fed by hand."""
    handled_by: str
    has_files: bool


@dataclass(frozen=True)
class MailPage:
    """Some lines of a longer list, latest first."""

    rows: list[MailRow]
    newer: int
    """`after` of the page before; 0 when there is none."""
    older: int
    """`before` of the next page; 0 when there is none."""


@dataclass(frozen=True)
class MailFile:
    """One mail with everything its page shows."""

    mail: IncomingMail
    alias: str
    """The address of the alias it came to; empty when it came to the mailbox itself."""
    attachments: Sequence[Attachment]
    """Listed and inline ones."""


def counts(session: Session) -> Counts:
    """Return what stands beside the folders."""
    waiting, unread, held = (_bounded(_in_view(v)) for v in ("waiting", "unread", "quarantine"))
    row = session.execute(select(waiting, unread, held, to_do())).one()
    return Counts(row[0], row[1], row[2], row[3], _unread_by_folder(session))


def to_do() -> ColumnElement[int]:
    """Return how many mails wait for somebody: undecided ones and those nobody has read."""
    unread = _in_view("unread") & (IncomingMail.state != IncomingState.WAITING)
    total: ColumnElement[int] = _bounded(_in_view("waiting")) + _bounded(unread)
    return total


def list_mails(  # noqa: PLR0913 - a list can be narrowed in that many ways
    session: Session,
    folder: Folder,
    *,
    q: str = "",
    before: int = 0,
    after: int = 0,
    keep: int = 0,
    per_page: int = 40,
) -> MailPage:
    """Return the mails of a folder, latest first; a search costs the same however many there are.

    `before` and `after` are ids: only older, or only newer, mails. The mail `keep`, which somebody
    has open, stays in its place although it no longer belongs to the folder.
    """
    span = _span(session, before, after, is_search=bool(q.strip()))
    order = IncomingMail.id.asc() if after else IncomingMail.id.desc()
    page = select(IncomingMail.id).where(_in_folder(folder), span.holds(), *_matches(q))
    page = page.order_by(order).limit(per_page + 1)
    kept = select(IncomingMail.id).where(IncomingMail.id == keep, span.holds())
    ids = select(page.subquery().c.id).union(kept)
    query = _rows().where(IncomingMail.id.in_(ids)).order_by(order).limit(per_page + 1)
    found = [MailRow(*row) for row in session.execute(query)]
    has_more = len(found) > per_page
    rows = sorted(found[:per_page], key=lambda row: -row.id)
    first, last = (rows[0].id, rows[-1].id) if rows else (span.below - 1, span.above + 1)
    if after:
        return MailPage(rows, first if has_more else span.rest_above, last)
    return MailPage(rows, first if before else 0, last if has_more else span.rest_below)


@dataclass(frozen=True)
class _Span:
    """The ids a list looks at, without its ends, and where it would go on."""

    above: int
    below: int
    rest_above: int = 0
    rest_below: int = 0

    def holds(self) -> ColumnElement[bool]:
        return (IncomingMail.id > self.above) & (IncomingMail.id < self.below)


def _span(session: Session, before: int, after: int, *, is_search: bool) -> _Span:
    if not is_search:
        return _Span(after, _PAST_ALL if after else before or _PAST_ALL)
    newest = session.scalar(select(func.max(IncomingMail.id))) or 0
    if after:
        below = after + SEARCHED + 1
        return _Span(after, min(below, _PAST_ALL), rest_above=below - 1 if below <= newest else 0)
    below = min(before or _PAST_ALL, newest + 1)
    above = max(below - SEARCHED - 1, 0)
    return _Span(above, below, rest_below=above + 1 if above else 0)


def open_mail(session: Session, mail_id: int) -> MailFile:
    """Return a mail with its texts and files. Raises NotFoundError."""
    mail = _whole(session, mail_id)
    if mail is None:
        raise NotFoundError
    alias = session.get(MailboxAlias, mail.alias_id) if mail.alias_id else None
    return MailFile(mail, alias.address if alias else "", attachments(session, [mail.id]))


def attachments(session: Session, mail_ids: Sequence[int]) -> Sequence[Attachment]:
    """Return the files that came with these mails, in the order of the mail."""
    if not mail_ids:
        return []
    query = (
        select(Attachment)
        .where(Attachment.incoming_mail_id.in_(mail_ids))
        .options(joinedload(Attachment.file))
        .order_by(Attachment.id)
    )
    return session.scalars(query).all()


def _whole(session: Session, mail_id: int) -> IncomingMail | None:
    query = (
        select(IncomingMail)
        .where(IncomingMail.id == mail_id)
        .options(
            undefer(IncomingMail.text),
            undefer(IncomingMail.quoted),
            undefer(IncomingMail.html),
            joinedload(IncomingMail.mailbox),
            joinedload(IncomingMail.handled_by),
        )
    )
    return session.scalars(query).one_or_none()


def _in_folder(folder: Folder) -> ColumnElement[bool]:
    return IncomingMail.folder == folder.alias if folder.alias else _in_view(folder.view)


def _in_view(view: View) -> ColumnElement[bool]:
    match view:
        case "waiting":
            return IncomingMail.state == IncomingState.WAITING
        case "unread":
            return IncomingMail.unread & _is_for_people()
        case "aside":
            return (IncomingMail.state == IncomingState.FILED) & (IncomingMail.folder == "")
        case "quarantine":
            return IncomingMail.state == IncomingState.QUARANTINED
        case "all":
            return true()


def _is_for_people() -> ColumnElement[bool]:
    """Return the condition for what a person wrote and a person should read."""
    states = (
        IncomingState.WAITING,
        IncomingState.NEW_CASE,
        IncomingState.REPLY,
        IncomingState.FILED,
    )
    return IncomingMail.state.in_(states) & (IncomingMail.kind == MailKind.PERSON)


def _bounded(condition: ColumnElement[bool]) -> Any:
    """Return how many rows there are, as far as `COUNTED`."""
    some = select(literal(1)).select_from(IncomingMail).where(condition).limit(COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _unread_by_folder(session: Session) -> dict[str, int]:
    names = (
        select(MailboxAlias.folder)
        .where(MailboxAlias.folder != "")
        .distinct()
        .order_by(MailboxAlias.folder)
        .limit(_MOST_FOLDERS)
        .subquery()
    )
    some = (
        select(IncomingMail.folder)
        .where(IncomingMail.unread, _is_for_people(), IncomingMail.folder != "")
        .limit(COUNTED)
        .subquery()
    )
    query = (
        select(names.c.folder, func.count(some.c.folder))
        .outerjoin(some, some.c.folder == names.c.folder)
        .group_by(names.c.folder)
        .order_by(names.c.folder)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _matches(q: str) -> list[ColumnElement[bool]]:
    """Return the conditions for what somebody typed: every word in sender or subject."""
    words = q[:_LONGEST_SEARCH].replace("\0", " ").split()[:_MOST_WORDS]
    places = (IncomingMail.from_name, IncomingMail.from_address, IncomingMail.subject)
    return [or_(*(place.icontains(word, autoescape=True) for place in places)) for word in words]


def _rows() -> Select[Any]:
    listed = exists().where(Attachment.incoming_mail_id == IncomingMail.id, ~Attachment.inline)
    return (
        select(
            IncomingMail.id,
            IncomingMail.from_name,
            IncomingMail.from_address,
            IncomingMail.subject,
            func.substr(IncomingMail.text, 1, _SNIPPET),
            IncomingMail.received_at,
            IncomingMail.unread,
            IncomingMail.kind,
            IncomingMail.state,
            IncomingMail.why,
            IncomingMail.folder,
            IncomingMail.case_id,
            IncomingMail.maybe_case_id,
            func.coalesce(Mailbox.sender_name, ""),
            func.coalesce(Staff.name, ""),
            listed,
        )
        .outerjoin(Mailbox, Mailbox.id == IncomingMail.mailbox_id)
        .outerjoin(Staff, Staff.id == IncomingMail.handled_by_id)
    )
