"""Answers that carry a file, made so that no browser ever runs what is in it."""

from urllib.parse import quote

from flask import Response, request
from werkzeug.datastructures import Headers

from processes.files.errors import FileMissingError
from processes.files.kinds import header_type
from processes.files.models import Attachment
from processes.files.services import reading
from processes.files.store import preview_key, store_of
from webapp.context import app

_NOT_SATISFIABLE, _PARTIAL = 416, 206
_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def send(attachment: Attachment, *, inline: bool = False) -> Response:
    """Return an attachment, streamed from the store; one range of it when one is asked for.

    Raises FileMissingError, StoreAwayError before anything was sent.
    """
    size = attachment.file.size
    headers = _headers(header_type(attachment.file.media_type), attachment.name, inline=inline)
    headers["Accept-Ranges"] = "bytes"
    start, end, status = _wanted(size)
    if status == _NOT_SATISFIABLE:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status=status, headers=headers)
    if status == _PARTIAL:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status=status, headers=headers)
    body = reading(app().settings, attachment.sha256, start, end)
    return Response(body, status=status, headers=headers)


def send_preview(attachment: Attachment, size: str) -> Response:
    """Return a picture of an attachment that we drew ourselves. Raises FileMissingError."""
    store, key = store_of(app().settings), preview_key(attachment.sha256, size)
    length = store.size(key)
    if length is None:
        raise FileMissingError
    headers = _headers("image/webp", f"{attachment.name}.webp", inline=True)
    headers["Content-Length"] = str(length)
    if request.method == "HEAD":
        return Response(headers=headers)
    return Response(store.open(key, 0, length), headers=headers)


def _headers(kind: str, name: str, *, inline: bool) -> Headers:
    headers = Headers(_HEADERS)
    headers["Content-Type"] = kind
    headers["Content-Disposition"] = _disposition("inline" if inline else "attachment", name)
    return headers


def _disposition(how: str, name: str) -> str:
    """Return the header of RFC 6266; the name in RFC 8187's form when it is not plain ASCII."""
    if name.isascii():
        return f'{how}; filename="{name.replace(chr(92), "_")}"'
    plain = "".join(letter if letter.isascii() else "_" for letter in name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _wanted(size: int) -> tuple[int, int, int]:
    """Return which bytes are asked for and the status that says so.

    A range is given only when it is the only one: of many the whole file is the answer
    (RFC 9110, 14.2), and of one that begins behind the end nothing.
    """
    asked = None if "If-Range" in request.headers else request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return 0, size, 200
    found = asked.range_for_length(size)
    return (*found, _PARTIAL) if found is not None else (0, 0, _NOT_SATISFIABLE)
