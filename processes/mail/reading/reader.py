"""The way from raw bytes to a mail taken apart."""

import hashlib

from processes.mail.models import LONGEST_MESSAGE_ID, LONGEST_SUBJECT, MailKind
from processes.mail.reading import bodies as bodies_of
from processes.mail.reading.absence import is_forward
from processes.mail.reading.addresses import address, answerable, people
from processes.mail.reading.authentication import verdicts
from processes.mail.reading.bounces import read_bounce
from processes.mail.reading.dates import sent_at
from processes.mail.reading.files import files_of
from processes.mail.reading.headers import Headers, above
from processes.mail.reading.html import clean
from processes.mail.reading.kinds import kind_of, wants_no_answer
from processes.mail.reading.language import language_of
from processes.mail.reading.limits import LARGEST_MAIL, LONGEST_TEXT, MOST_REFERENCES
from processes.mail.reading.message import Part, Person, ReadMail, UnreadableMailError
from processes.mail.reading.parts import Cutter, Piece
from processes.mail.reading.quotes import split

_ENVELOPE = ("Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "X-Delivered-To")


def read(raw: bytes, *, own_addresses: frozenset[str] = frozenset()) -> ReadMail:
    """Return a raw mail taken apart.

    `own_addresses` are those of our mailboxes, in lower case: mail from them is our own.

    Raises nothing but `UnreadableMailError`, whose code is `empty`, `not_a_mail`, `too_large`,
    `headers_too_large`, `too_deep`, `too_many_parts` or `two_senders`.
    """
    message = _cut(raw)
    headers = message.headers
    sender = _sender(headers)
    bodies = bodies_of.Bodies()
    found = bodies.read(message)
    whole = "\n\n".join(filter(None, map(bodies_of.text, found)))[:LONGEST_TEXT]
    html = clean(bodies_of.html(found))
    kind = kind_of(message, sender.address, whole, own_addresses)
    subject = headers.text("Subject")[:LONGEST_SUBJECT]
    words = split(whole, forwarded=is_forward(subject) or kind is MailKind.BOUNCE)
    files = files_of(message, bodies, html)
    return ReadMail(
        sender=sender,
        subject=subject,
        text=words.own,
        quoted=words.quoted,
        html=html,
        kind=kind,
        digest=_digest(headers, whole, files),
        message_id=next(iter(headers.ids("Message-ID")), "")[:LONGEST_MESSAGE_ID],
        references=_references(headers),
        to=_people(headers, "To"),
        cc=_people(headers, "Cc"),
        delivered_to=_envelope(headers),
        reply_to=next(iter(_people(headers, "Reply-To")), None),
        sent_at=sent_at(headers.first("Date")),
        files=files,
        wants_no_answer=wants_no_answer(headers, kind),
        bounce=read_bounce(message, whole, own_addresses) if kind is MailKind.BOUNCE else None,
        language=language_of(words.own),
        authentication=verdicts(headers),
    )


def _cut(raw: bytes) -> Piece:
    if not raw.strip(b" \t\r\n\x00"):
        raise UnreadableMailError("empty")
    if len(raw) > LARGEST_MAIL:
        raise UnreadableMailError("too_large")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")  # lines as old Macintoshes ended them
    message = Cutter().cut(raw, above(raw), len(raw))
    if not len(message.headers):
        raise UnreadableMailError("not_a_mail")
    return message


def _sender(headers: Headers) -> Person:
    found = [person for value in headers.all("From") for person in people(value)]
    if len({person.address for person in found if person.address}) > 1:
        raise UnreadableMailError("two_senders")
    named = [person for person in found if person.address]
    instead = [person for person in people(headers.first("Sender")) if person.address]
    first = next(iter([*named, *(instead if not found else []), *found]), Person("", ""))
    return answerable(first)  # only now: two senders are told apart by all their addresses


def _people(headers: Headers, name: str) -> tuple[Person, ...]:
    return tuple(person for value in headers.all(name) for person in people(value))


def _envelope(headers: Headers) -> tuple[str, ...]:
    noted = (address(value) for name in _ENVELOPE for value in headers.all(name))
    return tuple(dict.fromkeys(filter(None, noted)))


def _references(headers: Headers) -> tuple[str, ...]:
    named = [*headers.ids("References"), *headers.ids("In-Reply-To")]
    found = [each[:LONGEST_MESSAGE_ID] for each in dict.fromkeys(named)]
    return tuple(
        found if len(found) <= MOST_REFERENCES else [found[0], *found[1 - MOST_REFERENCES :]]
    )


def _digest(headers: Headers, text: str, files: tuple[Part, ...]) -> str:
    """Return a mark of what was sent: not of the way it took, nor of how it was encoded."""
    mark = hashlib.sha256()
    for name in ("From", "Message-ID", "Date", "Subject"):
        mark.update(headers.first(name).encode("utf-8", "replace") + b"\0")
    mark.update(text.encode("utf-8", "replace"))
    for file in files:
        mark.update(b"\0" + hashlib.sha256(file.content).digest())
    return mark.hexdigest()
