"""What the shapes of mails are built from: facts of one mail, and headers, bodies, parts."""

import base64
import quopri
from dataclasses import dataclass, field
from random import Random

from processes.mail.models import MailKind

SUPPORT = "support@care.example"
OWN_ADDRESSES = frozenset({SUPPORT})

_PEOPLE = (
    ("Sanne de Vries", "sanne.devries@post.example"),
    ("Jürgen Groß", "j.gross@firma.example"),
    ("Ann O'Neill", "ann@shop.example"),
    ("Bram van 't Hof", "bram@hof.example"),
    ("Łukasz Żak", "lukasz@zak.example"),
    ("Zoë Müller", "zoe@mueller.example"),
)
_SENTENCES = {
    "nl": "Het apparaat doet het niet meer, kunt u mij helpen? Kenmerk {word}.",
    "de": "Das Gerät geht nicht mehr, können Sie mir bitte helfen? Zeichen {word}.",
    "en": "The machine does not work any more, could you please help me? Mark {word}.",
}


@dataclass(frozen=True)
class Facts:
    """What is true of one mail only; `word` stands in no other."""

    number: int
    seed: int
    name: str
    address: str
    language: str

    @property
    def word(self) -> str:
        return f"kiwi{self.seed:x}x{self.number:05d}"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self.language].format(word=self.word)

    @property
    def message_id(self) -> str:
        return f"{self.word}@{self.address.partition('@')[2]}"

    @property
    def boundary(self) -> str:
        return f"=_{self.word}"


@dataclass(frozen=True)
class Shape:
    """A mail as built, and what reading it must give."""

    raw: bytes
    kind: MailKind = MailKind.PERSON
    words: tuple[str, ...] = ()
    """Must stand in the text."""
    folded: tuple[str, ...] = ()
    """Must stand in the quote and not in the text."""
    files: tuple[str, ...] = ()
    """Names of the files, in order."""
    quarantine: str | None = None
    """The code with which reading refuses it."""
    extra: dict[str, object] = field(default_factory=dict)
    """Fields of the read mail that must be exactly so."""


def facts(seed: int, number: int, random: Random) -> Facts:
    name, address = random.choice(_PEOPLE)
    return Facts(number, seed, name, address, random.choice(sorted(_SENTENCES)))


def headers(facts: Facts, /, **changes: str | None) -> bytes:
    """Return a header block; a change of None leaves one out, `X_Y` stands for `X-Y`."""
    fields: dict[str, str | None] = {
        "Return-Path": f"<{facts.address}>",
        "From": f"{encoded(facts.name)} <{facts.address}>",
        "To": f"Support <{SUPPORT}>",
        "Subject": f"Vraag {facts.word}",
        "Date": f"Thu, {facts.number % 27 + 1} Nov 2026 10:{facts.number % 60:02d}:00 +0100",
        "Message-ID": f"<{facts.message_id}>",
        "MIME-Version": "1.0",
    }
    fields |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = (f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return "".join(lines).encode("utf-8", "surrogateescape")


def plain(facts: Facts, text: str, /, charset: str = "utf-8", **changes: str | None) -> bytes:
    """Return a mail of plain text in 8 bits."""
    kind = {"Content_Type": f"text/plain; charset={charset}"} | changes
    return headers(facts, **kind) + b"\r\n" + lines(text).encode(charset)


def multipart(facts: Facts, subtype: str, *parts: bytes, **changes: str | None) -> bytes:
    """Return a mail of parts."""
    return (
        headers(facts, **changes).removesuffix(b"\r\n")
        + b"\r\n"
        + nested(subtype, facts.boundary, *parts)
    )


def nested(subtype: str, boundary: str, *parts: bytes) -> bytes:
    """Return a multipart with its own Content-Type header, to stand in another."""
    mark = boundary.encode()
    name, _, more = subtype.partition(";")
    head = f'Content-Type: multipart/{name}; boundary="{boundary}"{";" + more if more else ""}\r\n'
    body = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return head.encode() + b"\r\n" + body + b"--" + mark + b"--\r\n"


def text_part(text: str, subtype: str = "plain", charset: str = "utf-8") -> bytes:
    head = f"Content-Type: text/{subtype}; charset={charset}\r\n"
    coded = quopri.encodestring(lines(text).encode(charset))
    return head.encode() + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + coded


def file_part(name: str, content: bytes, kind: str = "application/pdf", more: str = "") -> bytes:
    head = (
        f'Content-Type: {kind}; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n{more}'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def encoded(words: str) -> str:
    """Return words as a header has them (RFC 2047)."""
    if words.isascii():
        return words
    return f"=?utf-8?B?{base64.b64encode(words.encode()).decode()}?="


def lines(text: str) -> str:
    return text.replace("\n", "\r\n")


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
