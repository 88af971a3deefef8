"""The command `casewright lint`: what the rules say about files, without database or settings."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from casewright.printing import printable
from engine.conversion.dialects import dialect_of
from engine.deployment import DEPLOYED_SUFFIXES
from engine.linter import Finding, lint
from engine.sentences import Sentence
from engine.spiff import xml
from engine.spiff.sources import processes
from processes.bootstrap import read_bundle, vocabulary
from processes.config import SHIPPED

CLEAN, WRONG, UNREADABLE = 0, 1, 2
_LARGEST = 20_000_000
_INSIDE = frozenset({"forms", "decisions"})
"""Folders within the folder of a process."""
_TOOLS = {
    "camunda7": "Camunda 7",
    "camunda8": "Camunda 8",
    "flowable": "Flowable",
    "activiti": "Activiti",
}
_HOUSE = "bpmn"
"""Name of a folder that holds one folder a process, as ours."""


@dataclass(frozen=True)
class Given:
    """A file that was asked about."""

    path: Path
    raw: bytes
    target: str
    """`<process>/<name>` under which it would be deployed."""


class UnreadableFileError(Exception):
    """A path that cannot be read, or holds nothing to look at; its text says why."""


def run(names: Sequence[str], *, as_json: bool, trial: bool) -> int:
    """Print every finding on the files and folders and return the exit code.

    0 without errors, 1 with errors, 2 when a file cannot be read.
    """
    code, paths = CLEAN, []
    for name in names:
        try:
            paths += _files(Path(name))
        except UnreadableFileError as error:
            print(printable(f"{name}: {error}"), file=sys.stderr)
            code = UNREADABLE
    contents: dict[Path, bytes] = {}
    for path in dict.fromkeys(paths):
        try:
            contents[path] = _read(path)
        except (UnreadableFileError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            print(printable(f"{path}: {reason}"), file=sys.stderr)
            code = UNREADABLE
    for path, raw in contents.items():
        _say_import(path, raw)
    found = list(_findings(list(_placed(contents)), trial=trial))
    try:
        _print(found, as_json=as_json)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if any(finding.severity == "error" for finding in found):
        return code or WRONG
    return code


def _files(path: Path) -> list[Path]:
    """Return a file, or all deployable files below a folder. Raises UnreadableFileError."""
    try:
        if not path.is_dir():
            return [path]
        found = [each for each in sorted(path.rglob("*")) if each.suffix in DEPLOYED_SUFFIXES]
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise UnreadableFileError(str(error)) from None
    if not found:
        message = "this folder holds no .bpmn, .dmn or .form file"
        raise UnreadableFileError(message)
    return found


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        message = "this is no file"
        raise UnreadableFileError(message)
    with path.open("rb") as file:
        raw = file.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        message = f"this file is larger than {_LARGEST // 1_000_000} MB"
        raise UnreadableFileError(message)
    return raw


def _say_import(path: Path, raw: bytes) -> None:
    """Say how a diagram of another engine becomes one of ours; the rules alone do not help it."""
    try:
        dialect = dialect_of(xml.read(raw)) if path.suffix == ".bpmn" else None
    except xml.UnreadableXmlError:
        return
    tool = _TOOLS.get(dialect.tool) if dialect is not None else None
    if tool is not None:
        text = f"{path}: written for {tool}; casewright import converts it, as an upload does"
        print(printable(text), file=sys.stderr)


def _placed(contents: Mapping[Path, bytes]) -> Iterator[Given]:
    """Yield each file with the name it would be deployed under."""
    homes = {path: _process(path, raw) for path, raw in contents.items() if path.suffix == ".bpmn"}
    shipped = {path.name for path in SHIPPED.iterdir() if path.is_dir()}
    for path, raw in contents.items():
        if path in homes:
            yield Given(path, raw, f"{homes[path]}/{homes[path]}.bpmn")
            continue
        folder = {".form": "/forms", ".dmn": "/decisions"}.get(path.suffix, "")
        yield Given(path, raw, f"{_home(path, homes, shipped)}{folder}/{path.name}")


def _process(path: Path, raw: bytes) -> str:
    """Return the folder of a diagram: its own within a house of processes, else its process id."""
    folder = path.absolute().parent
    if folder.parent.name == _HOUSE:
        return folder.name
    try:
        found = processes(xml.read(raw))
    except xml.UnreadableXmlError:
        found = []
    return (found[0][0] if found else "") or path.stem


def _home(path: Path, homes: Mapping[Path, str], shipped: set[str]) -> str:
    """Return the process a form or decision belongs to."""
    folder = next(each for each in path.absolute().parents if each.name not in _INSIDE)
    if folder.parent.name == _HOUSE or folder.name in shipped:
        return folder.name
    near = {home for each, home in homes.items() if folder in each.absolute().parents}
    for candidates in (near, set(homes.values())):
        if len(candidates) == 1:
            return candidates.pop()
    return folder.name


def _findings(given: Sequence[Given], *, trial: bool) -> Iterator[Finding]:
    """Yield what the rules say, each file under the path it was given by.

    Files are laid over the shipped processes. Two that would take the same place, such as two
    drafts of one process, are looked at one after the other.
    """
    base, words = read_bundle(SHIPPED), vocabulary()
    for batch in _batches(given):
        names = {each.target: str(each.path) for each in batch}
        files = {**base, **{each.target: each.raw for each in batch}}
        try:
            found = lint(files, words, trial=trial)
        except Exception as error:  # noqa: BLE001 - a command answers in sentences, whatever comes
            text = Sentence(
                "The linter failed: {reason}", reason=f"{type(error).__name__}: {error}"
            )
            found = [Finding(each.target, 0, "", "linter", text) for each in batch]
        for finding in found:
            if finding.file in names or finding.severity == "error":
                name = names.get(finding.file, f"{_HOUSE}/{finding.file}")
                yield Finding(
                    name,
                    finding.line,
                    finding.element_id,
                    finding.rule,
                    finding.text,
                    finding.severity,
                )


def _batches(given: Iterable[Given]) -> list[list[Given]]:
    batches: list[list[Given]] = []
    for each in given:
        for batch in batches:
            if all(other.target != each.target for other in batch):
                batch.append(each)
                break
        else:
            batches.append([each])
    return batches


def _print(found: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "file": each.file,
                "line": each.line,
                "element": each.element_id,
                "rule": each.rule,
                "sentence": str(each.text),
                "severity": each.severity,
            }
            for each in found
        ]
        print(json.dumps(rows, indent=1))
        return
    for each in found:
        place = f"{each.file}:{each.line}" if each.line else each.file
        element = f" [{each.element_id}]" if each.element_id else ""
        print(printable(f"{place}{element} {each.severity} {each.rule}: {each.text}"))
    errors = sum(1 for each in found if each.severity == "error")
    print(f"Errors: {errors}, warnings: {len(found) - errors}.")
