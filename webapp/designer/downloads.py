"""Deployed files as files."""

from io import BytesIO

from flask import Response, send_file
from flask.typing import ResponseReturnValue

from engine.definitions import pack
from engine.errors import NotFoundError
from webapp.auth import requires
from webapp.context import app, tx
from webapp.designer.blueprint import bp
from webapp.designer.processes import version_of

_POLICY = "default-src 'none'; sandbox"


@bp.get("/<process>/versions/<int:number>.zip")
@requires("processes", "read")
def archive(process: str, number: int) -> ResponseReturnValue:
    """Send the whole bundle of a version."""
    files = app().engine.definitions.get(tx(), version_of(process, number).id).files
    return attachment(pack(files), f"{process}-v{number}.zip", "application/zip")


@bp.get("/<process>/versions/<int:number>/files/<path:name>")
@requires("processes", "read")
def file(process: str, number: int, name: str) -> ResponseReturnValue:
    """Send one file of a version as it was deployed."""
    files = app().engine.definitions.get(tx(), version_of(process, number).id).files
    if name not in files:
        raise NotFoundError
    return attachment(files[name], name.rsplit("/", 1)[-1], "application/octet-stream")


def attachment(raw: bytes, name: str, kind: str) -> Response:
    """Return bytes that browsers save and never show."""
    response = send_file(
        BytesIO(raw), mimetype=kind, as_attachment=True, download_name=name, etag=False
    )
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
