"""What keeps the mails of a case together in every mail program: message ids and subjects."""

import re
from collections.abc import Iterable

from processes.mail.models import LONGEST_SUBJECT

MOST_REFERENCES = 20
"""Message ids in one References header: the first of the thread and the latest."""
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,240}@[!-;=?-~]{1,240}")
"""Printable ASCII without angle brackets and spaces (RFC 5322 3.6.4)."""
_REPLY = re.compile(r"(?:re|aw|antw|antwort|betr|sv)(?:\[\d{1,3}\])?\s{0,3}:\s{0,9}", re.IGNORECASE)
_MOST_PREFIXES = 60


def references(ids: Iterable[str]) -> tuple[str, ...]:
    """Return message ids as a References header lists them: oldest first, each once.

    Of a long thread the first and the latest are kept, which programs thread by (RFC 5537 3.4.4).
    What is no message id is left out.
    """
    known = tuple(dict.fromkeys(each for each in ids if is_message_id(each)))
    if len(known) <= MOST_REFERENCES:
        return known
    return known[:1] + known[-(MOST_REFERENCES - 1) :]


def is_message_id(text: str) -> bool:
    """Return whether the text can stand between the angle brackets of a header."""
    return _MESSAGE_ID.fullmatch(text) is not None


def answer_to(subject: str, number: str) -> str:
    """Return the subject of an answer: `Re: ` once, the customer's own words, our number.

    Empty when the customer's mail had no subject.
    """
    words = bare(subject).replace(f"[{number}]", "").strip()
    return f"Re: {with_number(words, number)}" if words else ""


def with_number(subject: str, number: str) -> str:
    """Return a subject in which the number of the case stands: by it, too, an answer is known."""
    if number in subject:
        return subject
    mark = f" [{number}]"
    return subject[: LONGEST_SUBJECT - len(mark) - len("Re: ")].rstrip() + mark


def bare(subject: str) -> str:
    """Return a subject without the prefixes of answers, in four languages."""
    words = subject[:LONGEST_SUBJECT].strip()
    for _ in range(_MOST_PREFIXES):
        prefix = _REPLY.match(words)
        if prefix is None:
            break
        words = words[prefix.end() :]
    return words.strip()
