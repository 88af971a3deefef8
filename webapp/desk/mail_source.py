"""The raw message, to be looked at or saved."""

from itertools import islice

from flask import Response
from flask.typing import ResponseReturnValue

from processes.files import services as files
from processes.mail import inbox
from processes.mail.models import IncomingMail
from webapp.auth import requires
from webapp.context import tx
from webapp.desk.blueprint import bp

_SHOWN = 200_000
"""Bytes; the whole can be saved."""


@bp.get("/mail/<int:mail_id>/raw")
@requires("requests", "read")
def raw_mail(mail_id: int) -> ResponseReturnValue:
    """Send the message as it came, byte for byte, to be saved; no browser shows it."""
    found = inbox.open_mail(tx(), mail_id).mail
    response = Response(files.chunks(tx(), found.sha256), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="mail-{found.id}.eml"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def beginning(mail: IncomingMail) -> tuple[str, bool]:
    """Return how the raw message begins, as text, and whether that is all of it."""
    pieces = files.chunks(tx(), mail.sha256, 0, _SHOWN + 1)
    raw = b"".join(islice(pieces, _SHOWN))
    text = raw[:_SHOWN].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text, len(raw) <= _SHOWN
