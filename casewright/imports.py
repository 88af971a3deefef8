"""The command `casewright import`: diagrams of other tools in, files in our dialect out."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.conversion import Conversion, convert
from engine.deployment import DEPLOYED_SUFFIXES
from processes.bootstrap import own_operations, shipped_processes

DONE, REFUSED = 0, 2
_LARGEST = 2_000_000


class UnreadableFileError(Exception):
    """A file that cannot be read; its text says which and why."""


def run(names: Sequence[str], folder: str, *, as_json: bool) -> int:
    """Convert files, write what comes out below `folder`, print what became of each element.

    Returns 0, or 2 when a file cannot be read or written; then nothing is printed but why.
    """
    try:
        conversion = convert(
            _files(names), operations=own_operations(), reserved=shipped_processes()
        )
        _write(conversion, Path(folder))
    except (UnreadableFileError, OSError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    if as_json:
        shown = {
            "files": sorted(conversion.files),
            "notes": [note.as_json() for note in conversion.notes],
        }
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return DONE
    for note in conversion.notes:
        print(note)
    for name in sorted(conversion.files):
        print(Path(folder) / name)
    return DONE


def _files(names: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in map(Path, names):
        if path.suffix not in DEPLOYED_SUFFIXES:
            raise UnreadableFileError(f"{path} is no .bpmn, .form or .dmn file.")
        if path.name in found:
            raise UnreadableFileError(f"Two files are called {path.name}; import them one by one.")
        if not path.is_file():
            raise UnreadableFileError(f"There is no file {path}.")
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise UnreadableFileError(f"{path} is larger than {_LARGEST // 1_000_000} MB.")
        found[path.name] = raw
    return found


def _write(conversion: Conversion, folder: Path) -> None:
    for name, raw in conversion.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)
