"""Files as browsers send them: single ones or a zip archive, read within bounds."""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from engine.deployment import DEPLOYED_SUFFIXES

MOST_FILES = 200
MOST_ENTRIES = 2_000
"""Entries an archive may list, those we leave out included."""
LARGEST = 2_000_000
LARGEST_TOGETHER = 20_000_000
_ARCHIVE = ".zip"
_ENCRYPTED = 0x1
_LONGEST_NAME = 200
_UNREADABLE = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,  # names that are no UTF-8, places before the beginning
)
"""All that the library raises about archives that were tampered with."""


class UploadError(Exception):
    """An upload that is not even looked at; its text says why in the reader's language."""


def read(sent: Sequence[FileStorage]) -> dict[str, bytes]:
    """Return the deployable files of an upload under the names they came with.

    Raises UploadError.
    """
    try:
        return _bounded_together(sent)
    finally:
        for file in sent:
            file.close()


def _bounded_together(sent: Sequence[FileStorage]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = LARGEST_TOGETHER
    for name, raw in _all(sent):
        left -= len(raw)
        if left < 0 or len(files) == MOST_FILES:
            raise UploadError(
                gettext(
                    "That is too much at once: at most %(files)s files and %(size)s MB together.",
                    files=MOST_FILES,
                    size=LARGEST_TOGETHER // 1_000_000,
                )
            )
        if name in files:
            raise UploadError(gettext("%(name)s was sent twice.", name=name))
        files[name] = raw
    if not files:
        raise UploadError(gettext("Choose .bpmn, .form or .dmn files, or a .zip with such files."))
    return files


def _all(sent: Sequence[FileStorage]) -> Iterator[tuple[str, bytes]]:
    for file in sent:
        name = _checked_name(file.filename or "")
        if not name:
            continue
        if name.lower().endswith(_ARCHIVE):
            yield from _unpacked(file, name)
        elif name.endswith(DEPLOYED_SUFFIXES):
            yield name, _bounded(file.stream.read(LARGEST + 1), name)
        else:
            raise UploadError(gettext("%(name)s is no .bpmn, .form, .dmn or .zip file.", name=name))


def _unpacked(file: FileStorage, archive_name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive; what cannot be deployed is left out."""
    try:
        with ZipFile(file.stream) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise UploadError(gettext("%(name)s holds too many files.", name=archive_name))
            for entry in entries:
                name = _checked_name(entry.filename)
                if not entry.is_dir() and _is_wanted(name):
                    yield name, _extracted(archive, entry)
    except _UNREADABLE as error:
        words = gettext("%(name)s is no readable zip archive.", name=archive_name)
        raise UploadError(words) from error


def _extracted(archive: ZipFile, entry: ZipInfo) -> bytes:
    """Return one file of an archive; never more than is allowed, whatever the archive claims."""
    name = entry.filename
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise UploadError(gettext("%(name)s is encrypted or packed in an odd way.", name=name))
    with archive.open(entry) as packed:
        return _bounded(packed.read(LARGEST + 1), name)


def _bounded(raw: bytes, name: str) -> bytes:
    if len(raw) > LARGEST:
        raise UploadError(
            gettext("%(name)s is larger than %(size)s MB.", name=name, size=LARGEST // 1_000_000)
        )
    return raw


def _is_wanted(name: str) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
    return name.endswith(DEPLOYED_SUFFIXES) and not hidden


def _checked_name(name: str) -> str:
    """Return a name that stays where it is put. Raises UploadError."""
    parts = PurePosixPath(name).parts
    leads_away = ".." in parts or name.startswith("/") or "\\" in name or ":" in name
    if leads_away or len(name) > _LONGEST_NAME or not name.isprintable():
        shown = "".join(c if c.isprintable() else "?" for c in name[:_LONGEST_NAME])
        raise UploadError(gettext("The name %(name)s is not allowed.", name=shown))
    return name
