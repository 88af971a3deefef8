"""Which case an instance is about."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.cases.models import Case
from processes.cases.numbers import normal
from webapp.numbers import whole_number


def numbers(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """Return the case numbers behind business keys; keys that belong to no case are left out."""
    ids = {case_id for key in keys if (case_id := whole_number(key)) is not None}
    if not ids:
        return {}
    rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(ids)))
    return {str(case_id): number for case_id, number in rows}


def key_of(session: Session, number: str) -> str | None:
    """Return the business key of the case with this number; None when there is no such case."""
    case_id = session.scalar(select(Case.id).where(Case.number == normal(number)))
    return None if case_id is None else str(case_id)
