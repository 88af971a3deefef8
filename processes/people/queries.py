"""Reading people."""

from collections.abc import Iterable

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from processes.people.models import Contact, Role, Staff
from processes.people.permissions import MATRIX


def handlers(session: Session) -> list[Staff]:
    """Return the people a case can be given to, by name."""
    roles = [role for role in Role if "write" in MATRIX[role].get("requests", ())]
    return list(
        session.scalars(
            select(Staff).where(Staff.active, Staff.role.in_(roles)).order_by(Staff.name)
        )
    )


def names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Return the names behind actor strings such as `staff:3`; unknown ones are left out."""
    wanted = set(actors)
    kinds = [
        select(literal(prefix), table.id, table.name).where(table.id.in_(ids))
        for prefix, table in (("staff", Staff), ("contact", Contact))
        if (ids := _ids(prefix, wanted))
    ]
    rows = session.execute(union_all(*kinds)) if kinds else ()
    return {f"{prefix}:{row_id}": name for prefix, row_id, name in rows}


def actor_name(session: Session, actor: str) -> str:
    """Return the name to show for one actor; empty for the system itself."""
    kind, _, number = actor.partition(":")
    if not number.isdigit():
        return ""
    if kind == "staff":
        staff = session.get(Staff, int(number))
        return staff.name if staff is not None else ""
    contact = session.get(Contact, int(number)) if kind == "contact" else None
    return contact.name if contact is not None else ""


def _ids(prefix: str, actors: set[str]) -> list[int]:
    parts = (actor.partition(":") for actor in actors)
    return [int(number) for kind, _, number in parts if kind == prefix and number.isdigit()]
