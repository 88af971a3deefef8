"""What a mail program knows about a mail, and which mails belong together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage

INBOX, SENT = "inbox", "sent"
FOLDERS = {INBOX: "INBOX", SENT: "Sent"}
"""The two folders of a customer's mailbox, by the word addresses of pages use."""


@dataclass(frozen=True)
class MailLine:
    """A line in the list of mails. Message ids come without angle brackets."""

    folder: str
    uid: int
    message_id: str
    references: tuple[str, ...]
    """Message ids it answers, oldest first."""
    from_name: str
    from_address: str
    to: str
    """Names, or addresses without what follows a plus, for readers."""
    to_addresses: str
    subject: str
    sent_at: datetime
    unread: bool


@dataclass(frozen=True)
class Enclosure:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True)
class OpenMail:
    """A mail that was opened."""

    line: MailLine
    reply_to: str
    returned_to: str
    """Where a report about it goes (Return-Path); empty: nowhere."""
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    files: tuple[Enclosure, ...]
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class Thread:
    """Mails that belong together, oldest first."""

    mails: tuple[MailLine, ...]

    @property
    def last(self) -> MailLine:
        """Return the newest mail."""
        return self.mails[-1]

    @property
    def unread(self) -> bool:
        """Return whether one of them is unread."""
        return any(line.unread for line in self.mails)

    @property
    def places(self) -> set[str]:
        """Return where its mails lie, each as `folder-uid`."""
        return {f"{line.folder}-{line.uid}" for line in self.mails}


def threads(mails: Iterable[MailLine]) -> list[Thread]:
    """Return the mails put together by what they answer, the latest conversation first.

    Mails belong together when one names the other, or both name a third, in References or
    In-Reply-To; a subject alone joins nothing (RFC 5256, the algorithm REFS).
    """
    groups = _Groups()
    kept = list(mails)
    for line in kept:
        for named in (line.message_id, *line.references):
            groups.join(_own(line), named)
    found: dict[str, list[MailLine]] = {}
    for line in kept:
        found.setdefault(groups.of(_own(line)), []).append(line)
    sorted_ones = (Thread(tuple(sorted(group, key=_place))) for group in found.values())
    return sorted(sorted_ones, key=lambda thread: thread.last.sent_at, reverse=True)


def words(message: EmailMessage) -> tuple[str, str]:
    """Return the plain text and the HTML of a mail; either may be empty."""
    return _body(message, "plain"), _body(message, "html")


def moment(written: datetime | None) -> datetime:
    """Return what a Date header says, aware; the beginning of time when it says nothing."""
    if written is None:
        return datetime.fromtimestamp(0, UTC)
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset nobody knows
        content = part.get_payload(decode=True)
        return content.decode(errors="replace") if isinstance(content, bytes) else ""


def _place(line: MailLine) -> tuple[datetime, int, int]:
    """Return where a mail stands in its conversation; of one second, answers come later."""
    return line.sent_at, len(line.references), line.uid


def _own(line: MailLine) -> str:
    return f"{line.folder} {line.uid}"


class _Groups:
    """Names that belong together, each group known by one of them."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            name = above
        return name

    def join(self, one: str, other: str) -> None:
        if other:
            self._above[self.of(other)] = self.of(one)
