"""Where uploaded files belong: every file in the folder of its process, whatever it was called."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from engine.spiff.parser import processes
from engine.spiff.xml import UnreadableXmlError

_PROCESS = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ ().-]{0,99}")
_ROOT = "bpmn"
"""The folder of all processes in our own tree; people zip it as it is."""


class MisplacedFileError(ValueError):
    """A file of which nobody can say where it belongs; carries its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


def place(
    files: Mapping[str, bytes], current: Mapping[str, bytes], process: str
) -> dict[str, bytes]:
    """Return the files under the names they are deployed with: `<process>/<name>`.

    A diagram goes to the folder of its process and takes the place of the diagram deployed
    there. Forms and decisions that come without a folder go to `process`, else to the one
    process among the files. Raises MisplacedFileError.
    """
    ours = {name: _process_in(raw) for name, raw in files.items() if name.endswith(".bpmn")}
    ids = sorted(set(filter(None, ours.values())))
    home = process or (ids[0] if len(ids) == 1 else "")
    placed: dict[str, bytes] = {}
    for name, raw in files.items():
        parts = _parts(name)
        folder = parts[0] if len(parts) > 1 and parts[0] != "forms" else ""
        if name.endswith(".bpmn"):
            target = _diagram(parts, folder, ours[name] or home, current)
        else:
            target = _attachment(parts, folder or home, current)
        if target in placed:
            raise MisplacedFileError(name)
        placed[target] = raw
    return placed


def _parts(name: str) -> tuple[str, ...]:
    """Return the segments of a name that cannot lead anywhere else."""
    parts = PurePosixPath(name).parts
    if len(parts) > 1 and parts[0] == _ROOT:
        parts = parts[1:]
    if not parts or len(parts) > 4 or not all(map(_NAME.fullmatch, parts)):  # noqa: PLR2004
        raise MisplacedFileError(name)
    return parts


def _diagram(
    parts: tuple[str, ...], folder: str, process: str, current: Mapping[str, bytes]
) -> str:
    home = folder or process or PurePosixPath(parts[-1]).stem
    if not _PROCESS.fullmatch(home):
        raise MisplacedFileError("/".join(parts))
    if folder and folder != process:  # the linter says so, at the very line
        return f"{folder}/{parts[-1]}"
    deployed = [name for name in current if name.startswith(f"{home}/") and name.endswith(".bpmn")]
    return deployed[0] if deployed else f"{home}/{home}.bpmn"


def _attachment(parts: tuple[str, ...], folder: str, current: Mapping[str, bytes]) -> str:
    if not _PROCESS.fullmatch(folder):
        raise MisplacedFileError("/".join(parts))
    last = parts[-1]
    if last.endswith(".form"):
        return f"{folder}/forms/{last}"
    namesakes = [
        name
        for name in current
        if name.startswith(f"{folder}/") and name.rsplit("/", 1)[-1] == last
    ]
    return namesakes[0] if namesakes else f"{folder}/decisions/{last}"


def _process_in(raw: bytes) -> str:
    """Return the id of the process a diagram holds; empty when it cannot be read."""
    try:
        found = processes(raw)
    except UnreadableXmlError:
        return ""
    return found[0][0] if found else ""
