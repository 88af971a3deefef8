"""Files that people send: checked, kept, and theirs until a message takes them along."""

from collections.abc import Sequence
from typing import BinaryIO, cast

from flask import request
from werkzeug.datastructures import FileStorage

from engine.errors import AppError
from processes.files import kinds, services
from processes.files.errors import FileTooLargeError, RefusedFileError, TooManyFilesError
from processes.files.models import Attachment
from processes.files.names import safe_name
from processes.files.services import Prepared
from processes.people import rate_limits
from processes.people.models import SessionKind
from webapp.context import app, give_way
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

    `beside` says how many the message has already. Raises FileTooLargeError, TooManyFilesError,
    RefusedFileError (a customer's programs), NoRoomError, StoreAwayError, TooManyUploadsError.
    """
    sent = [each for each in files if each.filename]
    if not sent:
        return []
    who, is_customer, settings = actor(), side() is SessionKind.PORTAL, app().settings
    if len(sent) + beside > settings.most_files:
        raise TooManyFilesError(most=settings.most_files)
    give_way()
    if is_customer:
        _count(who, len(sent))
        for each in sent:
            _refuse_program(each)
    prepared = [(_prepared(each), each.filename or "") for each in sent]
    with app().db.write() as session:
        return [
            services.attach(session, services.record(session, each), name, uploaded_by=who)
            for each, name in prepared
        ]


def listed(keys: Sequence[str]) -> list[Attachment]:
    """Return which of these uploads are there for this person, to be shown in the form again."""
    places = [readable(key) for key in keys[: app().settings.most_files]]
    return [place.attachment for place in places if place is not None and place.is_loose]


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


def _count(who: str, files: int) -> None:
    """Count a customer's uploads. Raises TooManyUploadsError."""
    with app().db.write() as session:
        within = [rate_limits.hit(session, rate_limits.PORTAL_UPLOAD, who) for _ in range(files)]
    if not all(within):
        raise TooManyUploadsError
