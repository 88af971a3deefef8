"""What reading a raw mail gives: plain data, with nothing in it that can act."""

from dataclasses import dataclass, field
from datetime import datetime

from processes.mail.models import MailKind


class UnreadableMailError(Exception):
    """A mail that cannot be read safely; it goes to quarantine with this code as the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Person:
    """A name and an address; the address in lower case, empty when there was none to read."""

    name: str
    address: str


@dataclass(frozen=True)
class Part:
    """A file that came with the mail."""

    name: str
    content: bytes
    content_id: str = ""
    """Without angle brackets."""
    inline: bool = False
    """Shown by the HTML itself."""


@dataclass(frozen=True)
class Bounce:
    """A report that a mail could not be delivered (RFC 3464)."""

    addresses: tuple[str, ...]
    """Whom it did not reach, in lower case."""
    permanent: bool
    """False: the server keeps trying."""
    words: str
    """What the server said."""
    message_ids: tuple[str, ...]
    """Of the mail it is about, as far as the report quotes it."""


@dataclass(frozen=True)
class ReadMail:
    """A mail taken apart. Message ids come without angle brackets, texts without NUL."""

    sender: Person
    subject: str
    text: str
    """The writer's own words, as plain text; never empty when the mail had any text."""
    kind: MailKind
    digest: str
    """64 hexadecimal characters, the same for a mail that came by two ways."""
    message_id: str = ""
    references: tuple[str, ...] = ()
    """Message ids it answers, oldest first, of References and In-Reply-To together."""
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    delivered_to: tuple[str, ...] = ()
    """Addresses of the envelope as servers noted them (Delivered-To, X-Original-To, …)."""
    reply_to: Person | None = None
    sent_at: datetime | None = None
    quoted: str = ""
    """What was quoted beneath or between, as plain text."""
    html: str = ""
    """Cleaned; pictures of the mail itself still as `cid:…`, remote ones switched off."""
    files: tuple[Part, ...] = ()
    wants_no_answer: bool = False
    """Precedence, X-Auto-Response-Suppress and the like: no automatic mail goes back."""
    bounce: Bounce | None = None
    """Set when `kind` is a bounce and says what it is about."""
    language: str = ""
    """en, nl or de where the words tell; else empty."""
    authentication: dict[str, str] = field(default_factory=dict)
    """Verdicts by server name, as Authentication-Results has them: `{"mx.example": "fail"}`."""
