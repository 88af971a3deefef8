"""Looking into a customer's mailbox."""

import re
from base64 import b64encode
from io import BytesIO

from flask import Response, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import NotFoundError
from processes.demo.post import customer_mail, program
from processes.demo.post.customer_mail import Enclosure, OpenMail, Thread
from webapp.demo_mail.blueprint import bp, customer, normal, page, world

_FRAME_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A mail in its frame shows its own pictures and colours; it runs, sends and fetches nothing."""
_PICTURE = re.compile(r"cid:([^\"'\s>)]{1,250})")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_BASE = '<meta charset="utf-8"><base target="_blank">'
_LARGEST_PICTURE = 2_000_000


@bp.get("")
def start() -> ResponseReturnValue:
    """Show whose mailbox can be opened; open the one whose address was typed."""
    world()
    typed = request.args.get("address", "").strip()
    if not typed:
        return page("start")
    address = normal(typed)
    if address:
        return redirect(url_for("demo_mail.box", address=address), 303)
    problem = gettext("That is no mail address. It looks like name@example.org.")
    return page("start", 422, typed=typed, problem=problem)


@bp.get("/<address>")
def box(address: str) -> ResponseReturnValue:
    """Show the conversations of a mailbox."""
    me = customer(address)
    with program.opened(world(), address) as mailbox:
        known = customer_mail.threads(mailbox.mails())
    return page("box", me=me, threads=known, chosen=request.args.get("open", ""))


@bp.get("/<address>/<folder>/<int:uid>")
def open_mail(address: str, folder: str, uid: int) -> ResponseReturnValue:
    """Show a mail within its conversation."""
    me = customer(address)
    with program.opened(world(), address) as mailbox:
        shown = mailbox.open(folder, uid)
        known = customer_mail.threads(mailbox.mails())
    return page(
        "open_mail",
        me=me,
        threads=known,
        shown=shown,
        thread=thread_of(known, shown),
        as_text=request.args.get("as") == "text" or not shown.html,
        files=_listed(shown),
    )


@bp.get("/<address>/<folder>/<int:uid>/html")
def framed(address: str, folder: str, uid: int) -> ResponseReturnValue:
    """Give the HTML of a mail for its frame, with its own pictures in it."""
    shown = _open(address, folder, uid)
    found = {one.content_id: one for one in shown.files if one.content_id}
    markup = _PICTURE.sub(lambda match: _picture(found.get(match[1])), shown.html)
    head = _HEAD.search(markup)
    place = head.end() if head else 0
    answer = Response(f"{markup[:place]}{_BASE}{markup[place:]}", mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _FRAME_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@bp.get("/<address>/<folder>/<int:uid>/files/<int:number>")
def enclosure(address: str, folder: str, uid: int, number: int) -> ResponseReturnValue:
    """Give a file that came with a mail, to be saved."""
    files = _listed(_open(address, folder, uid))
    if number >= len(files):
        raise NotFoundError
    name = " ".join(files[number].name.split())[:200] or "file"
    return _saved(files[number].content, name)


@bp.get("/<address>/<folder>/<int:uid>/source")
def source(address: str, folder: str, uid: int) -> ResponseReturnValue:
    """Give a mail as it came over the wire, to be saved."""
    return _saved(_open(address, folder, uid).raw, f"{uid}.eml")


def thread_of(known: list[Thread], shown: OpenMail) -> Thread:
    """Return the conversation a mail belongs to."""
    place = (shown.line.folder, shown.line.uid)
    for thread in known:
        if any((one.folder, one.uid) == place for one in thread.mails):
            return thread
    return Thread((shown.line,))


def _open(address: str, folder: str, uid: int) -> OpenMail:
    customer(address)
    with program.opened(world(), address) as mailbox:
        return mailbox.open(folder, uid)


def _listed(shown: OpenMail) -> list[Enclosure]:
    """Return the files that are no part of the text itself."""
    return [one for one in shown.files if not (one.content_id and one.content_id in shown.html)]


def _picture(found: Enclosure | None) -> str:
    """Return a picture of the mail as an address that needs no fetching."""
    if found is None or not found.media_type.startswith("image/"):
        return ""
    if len(found.content) > _LARGEST_PICTURE:
        return ""
    return f"data:{found.media_type};base64,{b64encode(found.content).decode()}"


def _saved(content: bytes, name: str) -> Response:
    return send_file(
        BytesIO(content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=name,
        etag=False,
    )
