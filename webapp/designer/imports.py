"""Uploads from other tools, converted on their way in; what is said about them."""

from collections.abc import Mapping, Sequence

from flask_babel import LazyString, lazy_gettext

from engine.conversion import Conversion, Note, convert
from webapp.context import app

SHOWN = 300
TOPICS: dict[str, LazyString] = {
    "attribute": lazy_gettext("Setting"),
    "extension": lazy_gettext("Setting"),
    "process": lazy_gettext("Process"),
    "assignment": lazy_gettext("Who does it"),
    "form": lazy_gettext("Form"),
    "service": lazy_gettext("Code"),
    "script": lazy_gettext("Script"),
    "expression": lazy_gettext("Expression"),
    "decision": lazy_gettext("Decision"),
    "call": lazy_gettext("Called process"),
    "mapping": lazy_gettext("Value"),
    "value": lazy_gettext("Value"),
    "condition": lazy_gettext("Condition"),
    "gateway": lazy_gettext("Gateway"),
    "step": lazy_gettext("Step"),
    "timer": lazy_gettext("Timer"),
    "message": lazy_gettext("Message"),
    "event": lazy_gettext("Event"),
    "repeat": lazy_gettext("Repetition"),
    "listener": lazy_gettext("Listener"),
    "data": lazy_gettext("Data"),
    "id": lazy_gettext("Id"),
    "element": lazy_gettext("Not supported"),
    "file": lazy_gettext("File"),
}
"""Short words for what a note is about, by the first part of its code."""
WEIGHTS: dict[str, LazyString] = {
    "lost": lazy_gettext("lost"),
    "changed": lazy_gettext("changed"),
    "kept": lazy_gettext("kept"),
}


def converted(sent: Mapping[str, bytes]) -> Conversion:
    """Return an upload in our dialect; files that are in it already stay as they are."""
    product = app()
    return convert(
        sent,
        operations=product.vocabulary.operations.names(),
        reserved=product.own_processes,
    )


def placed(conversion: Conversion, files: Mapping[str, bytes]) -> list[Note]:
    """Return the notes under the names their files were placed at, as far as these differ."""
    by_content = {raw: name for name, raw in files.items()}
    names = {name: by_content.get(raw, name) for name, raw in conversion.files.items()}
    return [note.at(names.get(note.file, note.file)) for note in conversion.notes]


def shown(notes: Sequence[Note]) -> Sequence[Note]:
    """Return as many notes as a page can show, what is lost first."""
    return notes[:SHOWN]
