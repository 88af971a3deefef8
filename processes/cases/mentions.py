"""Colleagues named in an internal note hear of it by mail; the customer never does (CON-35)."""

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.cases.models import Activity, Case
from processes.cases.policies import may_see
from processes.database import house
from processes.mail.services import Envelope, Recipient, queue_mail
from processes.people.models import Staff

MOST = 10
"""Colleagues one note can tell."""
_NAME = re.compile(r"(?<![\w@.-])@([\w.-]{1,60})")


def tell(session: Session, case: Case, note: Activity, writer: Staff) -> list[Staff]:
    """Write to each colleague named as `@username` in a note; return them.

    The mail belongs to no case, so that nothing of it stands in what the customer gets. Whoever
    may not see the case, and the writer, are not told.
    """
    names = {name.rstrip(".-").lower() for name in _NAME.findall(note.text)[:MOST]}
    query = select(Staff).where(func.lower(Staff.username).in_(names), Staff.id != writer.id)
    told = [each for each in session.scalars(query) if may_see(each, case)] if names else []
    for colleague in told:
        _write(session, case, note, writer, colleague)
    if told:
        note.data = {**note.data, "told": [colleague.name for colleague in told]}
    return told


def _write(session: Session, case: Case, note: Activity, writer: Staff, to: Staff) -> None:
    queue_mail(
        session,
        "cases/mention",
        to=Recipient(to.email, to.name, to.locale),
        context={
            "colleague_name": to.name,
            "writer_name": writer.name,
            "number": case.number,
            "subject": case.subject,
            "note": note.text,
            "desk_link": f"{house(session).public_url}/desk/cases/{case.number}#entry-{note.id}",
        },
        automatic=True,
        envelope=Envelope(reply_to=writer.email),
    )
