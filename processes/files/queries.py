"""Reading attachments, each with its file."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from processes.files.models import Attachment


def of_activities(session: Session, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of timeline entries by entry, in one statement.

    Inline ones, which are part of a mail's text, are among them.
    """
    return _by(session, Attachment.activity_id, list(ids))


def of_incoming_mails(session: Session, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of mails that came in by mail, in one statement."""
    return _by(session, Attachment.incoming_mail_id, list(ids))


def of_outgoing_mails(session: Session, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of mails that go out by mail, in one statement."""
    return _by(session, Attachment.outgoing_mail_id, list(ids))


def _by(
    session: Session, place: InstrumentedAttribute[int | None], ids: list[int]
) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    if not ids:
        return found
    for attachment in session.scalars(_whole(place.in_(ids))):
        found.setdefault(getattr(attachment, place.key), []).append(attachment)
    return found


def _whole(*conditions: ColumnElement[bool]) -> Select[Attachment]:
    return (
        select(Attachment)
        .options(joinedload(Attachment.file, innerjoin=True))
        .where(*conditions)
        .order_by(Attachment.id)
    )
