"""Sizes and kinds of files in words, and what templates need to offer uploads."""

from flask import Blueprint
from flask_babel import format_decimal, gettext, ngettext

from processes.files.kinds import is_picture
from processes.files.models import Attachment
from webapp.context import app

_KILO = 1000
_UNITS = ("kB", "MB", "GB", "TB")
_WHOLE_FROM = 10


def init(bp: Blueprint) -> None:
    """Give templates `filesize`, `filesymbol` and `upload_limits`."""
    bp.add_app_template_filter(filesize)
    bp.add_app_template_filter(filesymbol)
    bp.add_app_template_global(upload_limits)


def filesize(size: int) -> str:
    """Return a number of bytes as people say it: `840 bytes`, `2.4 MB`, `25 MB`."""
    if size < _KILO:
        return ngettext("%(num)s byte", "%(num)s bytes", size)
    number, unit = size / _KILO, 0
    while round(number) >= _KILO and unit < len(_UNITS) - 1:
        number, unit = number / _KILO, unit + 1
    shown = round(number) if number >= _WHOLE_FROM else round(number, 1)
    return f"{format_decimal(shown)} {_UNITS[unit]}"


def filesymbol(attachment: Attachment) -> str:
    """Return the symbol of a file without a picture."""
    return "image" if is_picture(attachment.file.media_type) else "document"


def upload_limits() -> dict[str, object]:
    """Return how large a file and how many a message may have, with the sentences about it."""
    settings = app().settings
    most = filesize(settings.largest_file_bytes)
    return {
        "bytes": settings.largest_file_bytes,
        "files": settings.most_files,
        "hint": gettext("Up to %(most)s each.", most=most),
        "together": gettext("Up to %(most)s together.", most=most),
        "too_large": gettext("{name} is larger than %(most)s.", most=most),
        "too_many": gettext("A message can take %(most)s files.", most=settings.most_files),
    }
