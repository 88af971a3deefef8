"""Ready texts for agents' mails: who looks after them, and the names they may mention (COV-07)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import utc_now
from engine.errors import ForbiddenError, InvalidInputError, NotFoundError
from processes.mail.models import CannedText, Mailbox
from processes.people.models import LANGUAGES, Staff
from processes.people.permissions import allows

NAMES = (
    "customer_name",
    "number",
    "subject",
    "handler_name",
    "handler_email",
    "company",
    "portal_link",
)
"""What `{{…}}` in a text may name; everything else stays as it is written."""
_PLACE = re.compile(r"\{\{ {0,3}([a-z_]{1,40}) {0,3}\}\}")
_LONGEST_NAME, _LONGEST_TEXT = 80, 10_000


@dataclass(frozen=True)
class Wording:
    """A ready text as somebody entered it."""

    name: str
    texts: Mapping[str, str]
    """By language; at least one is not empty."""
    mailbox_id: int | None
    """None: for the mails of every mailbox."""
    active: bool = True


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return the text with the listed names replaced, once: what they stand for is not read again.

    A name that is not listed, and any other notation of templates, stays as it is.
    """
    return _PLACE.sub(
        lambda place: str(facts[place[1]]) if place[1] in NAMES else place[0], text
    ).strip()


def in_language(canned: CannedText, language: str) -> str:
    """Return its text in a language, else in the first one it is written in."""
    texts: Mapping[str, str] = canned.texts
    written = (texts.get(each, "") for each in (language, *LANGUAGES))
    return next((text for text in written if text), "")


def usable(session: Session, text_id: int, mailbox_id: int | None) -> CannedText:
    """Return a text for a mail from this mailbox. Raises NotFoundError."""
    canned = session.get(CannedText, text_id)
    if canned is None or not canned.active or canned.mailbox_id not in {None, mailbox_id}:
        raise NotFoundError
    return canned


def may_edit(session: Session, staff: Staff, mailbox_id: int | None) -> bool:
    """Return whether somebody looks after the texts of a mailbox: its owner, and admins.

    Those for every mailbox belong to admins.
    """
    if allows(staff, "settings", "write"):
        return True
    return mailbox_id is not None and mailbox_id in own_mailboxes(session, staff)


def own_mailboxes(session: Session, staff: Staff) -> set[int]:
    """Return the mailboxes somebody owns."""
    if not staff.active:
        return set()
    return set(session.scalars(select(Mailbox.id).where(Mailbox.owner_id == staff.id)))


def kept_by(session: Session, staff: Staff) -> Sequence[CannedText]:
    """Return the texts somebody looks after, in the order agents find them."""
    query = select(CannedText).order_by(CannedText.position, CannedText.name, CannedText.id)
    if not allows(staff, "settings", "write"):
        query = query.where(CannedText.mailbox_id.in_(own_mailboxes(session, staff)))
    return session.scalars(query).all()


def find(session: Session, text_id: int, staff: Staff) -> CannedText:
    """Return a text somebody looks after. Raises NotFoundError for all others."""
    canned = session.get(CannedText, text_id)
    if canned is None or not may_edit(session, staff, canned.mailbox_id):
        raise NotFoundError
    return canned


def add(session: Session, wording: Wording, staff: Staff) -> CannedText:
    """Add a text. Raises InvalidInputError, and ForbiddenError for a mailbox of somebody else."""
    canned = CannedText(position=0)
    _write(session, canned, wording, staff)
    session.add(canned)
    session.flush()
    return canned


def change(session: Session, text_id: int, wording: Wording, staff: Staff) -> CannedText:
    """Change a text. Raises as `add` does, and NotFoundError."""
    canned = find(session, text_id, staff)
    _write(session, canned, wording, staff)
    return canned


def remove(session: Session, text_id: int, staff: Staff) -> None:
    """Remove a text; mails written with it keep their words. Raises NotFoundError."""
    session.delete(find(session, text_id, staff))


def _write(session: Session, canned: CannedText, wording: Wording, staff: Staff) -> None:
    if not may_edit(session, staff, wording.mailbox_id):
        raise ForbiddenError
    texts = {each: wording.texts.get(each, "").replace("\0", "").strip() for each in LANGUAGES}
    name = " ".join(wording.name.replace("\0", "").split())
    problems = _problems(name, texts)
    if wording.mailbox_id is not None and session.get(Mailbox, wording.mailbox_id) is None:
        problems["mailbox"] = ["invalid_choice"]
    if problems:
        raise InvalidInputError(problems)
    canned.name, canned.texts = name, {each: text for each, text in texts.items() if text}
    canned.mailbox_id, canned.active = wording.mailbox_id, wording.active
    canned.updated_by, canned.updated_at = staff.actor, utc_now()


def _problems(name: str, texts: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if not name or len(name) > _LONGEST_NAME:
        found["name"] = ["too_long" if name else "required"]
    if not any(texts.values()):
        found["text_en"] = ["required"]
    for language, text in texts.items():
        if len(text) > _LONGEST_TEXT:
            found[f"text_{language}"] = ["too_long"]
    return found
