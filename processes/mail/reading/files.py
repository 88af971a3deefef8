"""The files of a mail: whatever is not its text, under a name that can be shown."""

import mimetypes
from collections.abc import Iterable, Iterator

from processes.mail.reading.bodies import Bodies
from processes.mail.reading.charsets import one_line
from processes.mail.reading.html import picture_ids
from processes.mail.reading.message import Part
from processes.mail.reading.parts import Piece

_NAMES = {
    "message/rfc822": "message.eml",
    "message/global": "message.eml",
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invitation.ics",
    "text/vcard": "contact.vcf",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.txt",
}
_LONGEST_NAME = 200
_ALTERNATIVES = {"text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext"}
"""The same text once more, in ways nobody here reads."""


def files_of(message: Piece, bodies: Bodies, html: str) -> tuple[Part, ...]:
    """Return the files; inline those that the HTML shows by their Content-ID."""
    found = [*_pieces(message, bodies), *bodies.hidden_files]
    pictured = picture_ids(html)
    return tuple(
        Part(
            _name(part.name) or f"attachment-{number}",
            part.content,
            part.content_id,
            inline=part.content_id in pictured,
        )
        for number, part in enumerate(found, 1)
        if part.content
    )


def _pieces(message: Piece, bodies: Bodies) -> Iterator[Part]:
    for piece in _leaves(message):
        if id(piece) not in bodies.taken and piece.type not in _ALTERNATIVES:
            yield Part(piece.name or _own_name(piece), piece.content(), piece.content_id)


def _leaves(message: Piece) -> Iterable[Piece]:
    return (piece for piece in message.walk() if not piece.type.startswith("multipart/"))


def _own_name(piece: Piece) -> str:
    if piece.type.startswith("message/rfc822") and piece.children:
        subject = piece.children[0].headers.text("Subject")[:80]
        return f"{subject}.eml" if subject else _NAMES[piece.type]
    known = _NAMES.get(piece.type)
    return known or f"attachment{mimetypes.guess_extension(piece.type) or '.bin'}"


def _name(name: str) -> str:
    """Return the last step of a path, without what systems forbid in names."""
    last = one_line(name).replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(last) <= _LONGEST_NAME:
        return last
    stem, dot, ending = last.rpartition(".")
    short = len(ending) <= 10 and bool(stem)  # noqa: PLR2004 - what is longer is no ending
    return f"{stem[: _LONGEST_NAME - 11]}{dot}{ending}" if short else last[:_LONGEST_NAME]
