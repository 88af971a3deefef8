"""The command `casewright import`: diagrams of other tools in, files in our dialect out."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from casewright.printing import printable
from engine.conversion import Conversion, convert
from engine.deployment import DEPLOYED_SUFFIXES
from processes.bootstrap import own_operations, shipped_processes

DONE, REFUSED = 0, 2
_LARGEST = 2_000_000


class UnreadableFileError(Exception):
    """A file that cannot be read; its text says which and why."""


class OccupiedPlaceError(Exception):
    """A place where something of somebody else's stands; its text says which."""


def run(names: Sequence[str], folder: str, *, as_json: bool, replace: bool = False) -> int:
    """Convert files, write what comes out below `folder`, print what became of each element.

    Files that are there with other contents stay, and nothing is written, unless `replace`.
    Links are never followed. Returns 0, or 2 when a file cannot be read or written; then nothing
    is printed but why.
    """
    try:
        conversion = convert(
            _files(names), operations=own_operations(), reserved=shipped_processes()
        )
        _write(conversion, Path(folder), replace=replace)
    except (UnreadableFileError, OccupiedPlaceError, OSError) as error:
        print(printable(str(error)), file=sys.stderr)
        return REFUSED
    if as_json:
        shown = {
            "files": sorted(conversion.files),
            "notes": [note.as_json() for note in conversion.notes],
        }
        print(json.dumps(shown, indent=2))
        return DONE
    for note in conversion.notes:
        print(printable(str(note)))
    for name in sorted(conversion.files):
        print(printable(str(Path(folder) / name)))
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


def _write(conversion: Conversion, folder: Path, *, replace: bool) -> None:
    """Write all files, or none when one of them may not be written."""
    for name, raw in conversion.files.items():
        _check_place(folder, name, raw, replace=replace)
    for name, raw in conversion.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)


def _check_place(folder: Path, name: str, raw: bytes, *, replace: bool) -> None:
    """Raise OccupiedPlaceError when writing would go elsewhere or over somebody's work."""
    target = folder / name
    within = [target, *target.parents][: len(Path(name).parts)]
    for place in within:
        if place.is_symlink():
            raise OccupiedPlaceError(f"{place} is a link; nothing was written.")
    if target.is_file() and not replace and target.read_bytes() != raw:
        raise OccupiedPlaceError(
            f"{target} is there already with other contents; nothing was written. "
            "Import into another folder, or add --replace."
        )
