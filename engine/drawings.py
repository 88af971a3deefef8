"""The lines of diagrams: which flow leads where, which process a call activity calls, its names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.spiff.elements import properties
from engine.spiff.xml import BPMN, read

_LABEL = "label."


@dataclass(frozen=True)
class Drawing:
    """The lines of one process: its flows and which processes its call activities call."""

    names: Mapping[str, str]
    """What the process is called, by language."""
    incoming: Mapping[str, list[tuple[str, str]]]
    """By target: (flow id, source)."""
    calls: Mapping[str, str]
    """By call activity: the process it calls."""


def drawings(files: Mapping[str, bytes]) -> dict[str, Drawing]:
    """Return the lines of every process among readable files, by process."""
    found = {}
    for name, raw in sorted(files.items()):
        if name.endswith(".bpmn"):
            found[name.split("/", 1)[0]] = _drawing(raw)
    return found


@lru_cache(maxsize=256)
def _drawing(raw: bytes) -> Drawing:
    root = read(raw)
    incoming: dict[str, list[tuple[str, str]]] = {}
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        line = (flow.get("id", ""), flow.get("sourceRef", ""))
        incoming.setdefault(flow.get("targetRef", ""), []).append(line)
    calls = {
        node.get("id", ""): node.get("calledElement", "")
        for node in root.iter(f"{{{BPMN}}}callActivity")
    }
    process = next(root.iter(f"{{{BPMN}}}process"))
    names = {
        name.removeprefix(_LABEL): value
        for name, value in properties(process).items()
        if name.startswith(_LABEL)
    }
    return Drawing({"en": process.get("name", process.get("id", "")), **names}, incoming, calls)
