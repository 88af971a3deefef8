"""Which case a mail belongs to, and what proves it.

The order is that of reliability.md C: a signed token; the Message-ID of a mail of ours, which
nobody can guess; then, only for somebody who takes part in the case and is not proven to be
somebody else, the Message-ID of a mail in it or its number in the subject. Everything weaker is
a hint that a person looks at.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.cases import mail_tokens, participants
from processes.cases.models import Case
from processes.cases.numbers import normal
from processes.mail.models import IncomingMail, OutgoingMail
from processes.mail.reading.message import ReadMail

_NUMBER = re.compile(r"(?<![0-9a-z])[0-9a-z]{4}-?[0-9a-z]{4}-?[0-9a-z](?![0-9a-z])", re.IGNORECASE)
_LONGEST_SUBJECT = 500
_MOST_NUMBERS = 20
_MOST_REFERENCES = 100
"""The newest of them; a longer thread has its token in each."""


@dataclass(frozen=True)
class Found:
    """A case, and how a mail names it."""

    case: Case
    why: str
    """A code: token, message_id, reference or number."""
    proven: bool
    """Whether the mail shows something only readers of our mails have."""
    sure: bool = True
    """False: a hint only; a person decides whether the mail belongs to the case."""


def find_case(session: Session, mail: ReadMail, *, trusted_host: str = "") -> Found | None:
    """Return the case a mail belongs to or hints at; None when it names none.

    `trusted_host` is the receiving server whose verdict on the sender is believed (RFC 8601).
    """
    answered = mail.references[-_MOST_REFERENCES:]
    case = mail_tokens.find_case(session, (*addresses(mail), *answered))
    if case is not None:
        return Found(case, "token", proven=True)
    case = _of_outgoing(session, answered)
    if case is not None:
        return Found(case, "message_id", proven=True)
    believed = mail.authentication.get(trusted_host) != "fail" if trusted_host else True
    hints = [("reference", _of_incoming(session, answered)), ("number", _numbered(session, mail))]
    weak = [(why, case) for why, case in hints if case is not None]
    for why, case in weak:
        if believed and participants.takes_part(session, case, mail.sender.address):
            return Found(case, why, proven=False)
    return Found(weak[0][1], weak[0][0], proven=False, sure=False) if weak else None


def addresses(mail: ReadMail) -> tuple[str, ...]:
    """Return every address the mail was sent to: as its writer says, then as servers noted.

    A server notes the mailbox itself where the writer named an alias.
    """
    return (*(person.address for person in (*mail.to, *mail.cc)), *mail.delivered_to)


def _of_outgoing(session: Session, message_ids: Iterable[str]) -> Case | None:
    """Return the case of the newest mail of ours among these."""
    query = (
        select(Case)
        .join(OutgoingMail, OutgoingMail.case_id == Case.id)
        .where(OutgoingMail.message_id.in_(list(message_ids)))
        .order_by(OutgoingMail.id.desc())
    )
    return session.scalars(query.limit(1)).one_or_none()


def _of_incoming(session: Session, message_ids: Iterable[str]) -> Case | None:
    """Return the case of the newest mail among these that is in one."""
    query = (
        select(Case)
        .join(IncomingMail, IncomingMail.case_id == Case.id)
        .where(IncomingMail.message_id.in_(list(message_ids)))
        .order_by(IncomingMail.id.desc())
    )
    return session.scalars(query.limit(1)).one_or_none()


def _numbered(session: Session, mail: ReadMail) -> Case | None:
    """Return the first case whose number, with the right check character, is in the subject."""
    written = _NUMBER.findall(mail.subject[:_LONGEST_SUBJECT])[:_MOST_NUMBERS]
    numbers = list(filter(None, map(normal, written)))
    if not numbers:
        return None
    found = {
        case.number: case for case in session.scalars(select(Case).where(Case.number.in_(numbers)))
    }
    return next((found[number] for number in numbers if number in found), None)
