"""What helps an agent to write a mail: ready texts, and who else takes part."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import String, cast, literal, or_, select, union_all
from sqlalchemy.orm import Session

from processes.cases import outgoing_mail
from processes.cases.models import Case, Participant
from processes.mail import canned
from processes.mail.addresses import Pair
from processes.mail.models import CannedText

_MOST = 200


@dataclass(frozen=True)
class Aids:
    """Ready texts by their id, and people, for one case."""

    texts: tuple[tuple[int, str], ...] = ()
    people: tuple[Pair, ...] = ()


def aids(session: Session, case: Case) -> Aids:
    """Return what helps to write to the customer of a case, in one statement."""
    texts = select(
        literal("text"),
        cast(CannedText.id, String).label("key"),
        CannedText.name.label("name"),
        CannedText.position.label("position"),
    ).where(
        CannedText.active,
        or_(CannedText.mailbox_id.is_(None), CannedText.mailbox_id == case.mailbox_id),
    )
    people = select(literal("person"), Participant.address, Participant.name, literal(0)).where(
        Participant.case_id == case.id
    )
    rows = session.execute(
        union_all(texts, people).order_by("position", "name", "key").limit(_MOST)
    ).all()
    return Aids(
        texts=tuple((int(key), name) for kind, key, name, _ in rows if kind == "text"),
        people=tuple((name, key) for kind, key, name, _ in rows if kind == "person"),
    )


def ready_text(session: Session, case: Case, text_id: int, language: str) -> str:
    """Return a ready text with the facts of the case. Raises NotFoundError."""
    text = canned.usable(session, text_id, case.mailbox_id)
    return canned.fill(canned.in_language(text, language), _facts(session, case, language))


def _facts(session: Session, case: Case, language: str) -> Mapping[str, str]:
    known = outgoing_mail.context(session, case, language)
    return {name: str(known[name]) for name in canned.NAMES}
