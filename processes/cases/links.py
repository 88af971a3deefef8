"""Cases that belong together: proposed by a mail, confirmed or refused by an agent."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.errors import NotFoundError
from processes.cases import changes, timeline
from processes.cases.models import Case, CaseLink, LinkKind
from processes.cases.services import author
from processes.people.models import Staff


def confirm(session: Session, case: Case, other: Case, staff: Staff) -> None:
    """Say that the two belong together; both tell so. Raises NotFoundError for no proposal."""
    _proposal(session, case, other).kind = LinkKind.RELATED
    for here, there in ((case, other), (other, case)):
        timeline.note_event(session, here, "related", author(staff), number=there.number)


def refuse(session: Session, case: Case, other: Case) -> None:
    """Say that the two have nothing to do with each other. Raises NotFoundError."""
    session.delete(_proposal(session, case, other))
    for each in (case, other):
        changes.record(session, "case", each.id)


def _proposal(session: Session, case: Case, other: Case) -> CaseLink:
    pair = or_(
        and_(CaseLink.case_id == case.id, CaseLink.other_id == other.id),
        and_(CaseLink.case_id == other.id, CaseLink.other_id == case.id),
    )
    query = select(CaseLink).where(pair, CaseLink.kind == LinkKind.MAYBE).with_for_update()
    found = session.scalars(query).first()
    if found is None:
        raise NotFoundError
    return found
