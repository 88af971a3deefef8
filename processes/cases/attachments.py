"""Who may read an attachment: decided anew at each look, by the entry or mail it belongs to."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from processes.cases import policies
from processes.cases.models import Activity, Case
from processes.cases.policies import Visitor
from processes.files.models import Attachment
from processes.people.models import Contact, Staff
from processes.people.permissions import allows


@dataclass(frozen=True)
class Place:
    """An attachment and where it stands; a loose upload and one of a mail stand in no case."""

    attachment: Attachment
    activity: Activity | None
    case: Case | None

    @property
    def is_loose(self) -> bool:
        """Return whether it was uploaded for something not yet sent."""
        one = self.attachment
        return one.activity_id is one.incoming_mail_id is one.outgoing_mail_id is None


def for_staff(session: Session, key: str, staff: Staff) -> Place | None:
    """Return the attachment with this key if a member of staff may read it now.

    Theirs are their own loose uploads, the files of cases they may see, and those of mails.
    """
    place = _place(session, key)
    if place is None or not staff.active:
        return None
    if place.is_loose:
        return place if place.attachment.uploaded_by == staff.actor else None
    if place.case is None:
        return place if allows(staff, "requests", "read") else None
    return place if policies.may_see(staff, place.case) else None


def for_visitor(session: Session, key: str, visitor: Visitor, contact: Contact) -> Place | None:
    """Return the attachment with this key if a customer may read it now.

    Theirs are their own loose uploads and what public entries of cases they may open show.
    """
    place = _place(session, key)
    if place is None:
        return None
    if place.is_loose:
        return place if place.attachment.uploaded_by == contact.actor else None
    if place.activity is None or place.case is None or not policies.is_public(place.activity):
        return None
    return place if policies.visitor_may_see(visitor, place.case) else None


def _place(session: Session, key: str) -> Place | None:
    query = (
        select(Attachment, Activity, Case)
        .outerjoin(Activity, Activity.id == Attachment.activity_id)
        .outerjoin(Case, Case.id == Activity.case_id)
        .options(joinedload(Attachment.file, innerjoin=True))
        .where(Attachment.key == key)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Place(*row)
