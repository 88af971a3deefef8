"""Files that people send: checked, kept, and theirs until a message takes them along."""

from collections.abc import Sequence
from typing import BinaryIO, cast

from flask import g, request
from werkzeug.datastructures import FileStorage

from engine.errors import AppError
from processes.files import kinds, services
from processes.files.errors import FileTooLargeError, RefusedFileError, TooManyFilesError
from processes.files.models import Attachment
from processes.files.names import safe_name
from processes.files.services import Prepared
from processes.people import rate_limits
from processes.people.models import SessionKind
from processes.people.rate_limits import Limit
from webapp.context import TAKEN, app, give_way
from webapp.files.access import actor, readable
from webapp.files.blueprint import side
from webapp.files.words import filesize

FIELD, KEYS = "files", "file_keys"
"""Names of the fields of a form: files that come along, and keys of those uploaded before."""


class TooManyUploadsError(AppError):
    """That were very many files; please try again in an hour."""

    code = "rate_limited"
    status = 429


def collect() -> list[str]:
    """Return the keys of the files of this form, to be claimed in its transaction.

    Call it first in a view: what came along is kept meanwhile, outside any transaction, and rows
    read before are let go. Raises what `take` raises.
    """
    before = [key for key in request.form.getlist(KEYS) if key]
    came = take(request.files.getlist(FIELD), beside=len(before))
    return [*before, *(attachment.key for attachment in came)]


def take(files: Sequence[FileStorage], *, beside: int = 0) -> list[Attachment]:
    """Keep files as loose uploads of the person who sends them; empty fields do not count.

    Once a request: called again it returns what it kept.

    `beside` says how many the message has already. Raises FileTooLargeError, TooManyFilesError,
    RefusedFileError (a customer's programs), NoRoomError, StoreAwayError, TooManyUploadsError.
    """
    sent = [each for each in files if each.filename]
    if not sent:
        return []
    if TAKEN in g:  # the view is run again
        return cast("list[Attachment]", g.get(TAKEN))
    who = actor()
    limit = rate_limits.PORTAL_UPLOAD if side() is SessionKind.PORTAL else None
    prepared = _brought(sent, beside, limit, who)
    with app().db.write() as session:
        taken = [
            services.attach(session, services.record(session, each), name, uploaded_by=who)
            for each, name in prepared
        ]
    g.taken_uploads = taken
    return taken


def bring(place: str) -> list[tuple[Prepared, str]]:
    """Keep the files of a stranger's form and return them with their names; they have no row yet.

    `place` is where the stranger sends from, for the limit. Call it before anything was written;
    once a request, as `take`, whose errors it raises.
    """
    sent = [each for each in request.files.getlist(FIELD) if each.filename]
    if not sent:
        return []
    if TAKEN not in g:
        g.taken_uploads = _brought(sent, 0, rate_limits.PORTAL_UPLOAD_PLACE, place)
    return cast("list[tuple[Prepared, str]]", g.get(TAKEN))


def listed(keys: Sequence[str]) -> list[Attachment]:
    """Return which of these uploads are there for this person, to be shown in the form again."""
    places = [readable(key) for key in keys[: app().settings.most_files]]
    return [place.attachment for place in places if place is not None and place.is_loose]


def _brought(
    sent: Sequence[FileStorage], beside: int, limit: Limit | None, who: str
) -> list[tuple[Prepared, str]]:
    """Check files and bring their bytes to the store; with a limit they are a customer's."""
    most = app().settings.most_files
    if len(sent) + beside > most:
        raise TooManyFilesError(most=most)
    give_way()
    if limit is not None:
        _count(limit, who, len(sent))
        for each in sent:
            _refuse_program(each)
    return [(_prepared(each), each.filename or "") for each in sent]


def _prepared(sent: FileStorage) -> Prepared:
    most = app().settings.largest_file_bytes
    try:
        return services.prepare(app().settings, cast("BinaryIO", sent.stream), most=most)
    except FileTooLargeError:
        name = safe_name(sent.filename or "")
        raise FileTooLargeError(name=name, most=filesize(most)) from None


def _refuse_program(sent: FileStorage) -> None:
    """Raise RefusedFileError for a program, by its first bytes or by its name."""
    head = sent.stream.read(kinds.HEAD)
    sent.stream.seek(0)
    if kinds.is_program(kinds.media_type(head), sent.filename or ""):
        raise RefusedFileError(name=safe_name(sent.filename or ""))


def _count(limit: Limit, who: str, files: int) -> None:
    """Count a customer's uploads. Raises TooManyUploadsError."""
    with app().db.write() as session:
        within = [rate_limits.hit(session, limit, who) for _ in range(files)]
    if not all(within):
        raise TooManyUploadsError
