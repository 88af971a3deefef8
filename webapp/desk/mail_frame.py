"""A mail as it was sent: a page of its own for a sandboxed frame, under a policy of its own.

The page around it keeps its strict policy: only the frame may fetch pictures from the internet,
and only once its reader has asked for them.
"""

import base64
from collections.abc import Iterable, Sequence

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import AppError, NotFoundError
from processes.files import services as files
from processes.files.models import Attachment
from processes.mail import inbox
from processes.mail.reading import html
from webapp.auth import requires
from webapp.context import tx
from webapp.desk.blueprint import bp

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""No scripts, no forms, no origin; links open in a new tab that knows nothing of us."""

_DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MOST_BYTES = 3_000_000
"""Of all pictures of one mail that travel within its page; further ones are listed as files."""


@bp.get("/mail/<int:mail_id>/sent")
@requires("requests", "read")
def sent_mail(mail_id: int) -> ResponseReturnValue:
    """Show the HTML of a mail, and nothing else, within a frame of ours."""
    found = inbox.open_mail(tx(), mail_id)
    if not found.mail.html:
        raise NotFoundError
    remote = request.args.get("pictures") == "1"
    wanted = html.picture_ids(found.mail.html)
    pictures = dict(_pictures(tx(), found.attachments, wanted))
    response = Response(html.shown(found.mail.html, pictures=pictures, remote=remote))
    policy = html.policy(remote=remote)
    response.headers["Content-Security-Policy"] = (
        f"{policy}; frame-ancestors 'self'; sandbox {SANDBOX}"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _pictures(
    session: Session, attachments: Sequence[Attachment], wanted: frozenset[str]
) -> Iterable[tuple[str, str]]:
    """Give the mail's own pictures as data: a sandboxed frame is nobody's, and gets no files."""
    left = _MOST_BYTES
    for each in attachments:
        kind, size = each.file.media_type, each.file.size
        if each.content_id not in wanted or kind not in _DRAWN or size > left:
            continue
        try:
            content = files.read(session, each.sha256)
        except AppError:  # the store is away: the mail is shown without the picture
            continue
        left -= size
        yield each.content_id, f"data:{kind};base64,{base64.b64encode(content).decode()}"
