"""Diagrams of our own drawing, as other tools write them."""

from pathlib import Path

from engine.conversion import convert

FOLDER = Path(__file__).parent
OPERATIONS = frozenset({"imported.keep_answers"})


def files_of(folder):
    """Return the files of one folder by name, as somebody would upload them together."""
    return {
        path.name: path.read_bytes()
        for path in sorted((FOLDER / folder).iterdir())
        if path.suffix in {".bpmn", ".form", ".dmn"}
    }


def upload(folder):
    return convert(files_of(folder), operations=OPERATIONS)
