"""Ids of steps and flows: each has one, and one that can be kept here."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.conversion.markup import every, kind, safe
from engine.conversion.work import Work
from engine.linter.places import is_taken
from engine.spiff.elements import FLOW_NODES

_KEPT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
"""Ids that drawings show and tables hold."""
_ADDED: Final = "_added"
_RENAMED: Final = "_renamed"
_NAMING: Final = ("sourceRef", "targetRef", "attachedToRef", "default", "bpmnElement")
"""Attributes that hold the id of a step or flow."""
_WORDED: Final = frozenset({"incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef"})
"""Elements whose text is one."""


def settle(root: etree._Element) -> None:
    """Give an id to what has none, and another to what cannot keep its own; `note` tells it."""
    names = _Names({node.get("id", "") for node in root.iter(etree.Element)})
    renamed: dict[str, str] = {}
    for node in _parts(root):
        old = node.get("id", "")
        if not old:
            node.set("id", names.free(kind(node)))
            node.set(_ADDED, "")
        elif kind(node) != "process" and (not _KEPT.fullmatch(old) or is_taken(old)):
            if old not in renamed:
                renamed[old] = names.free(safe(old, kind(node)))
            node.set("id", renamed[old])
            node.set(_RENAMED, old)
    if renamed:
        _follow(root, renamed)


def note(work: Work) -> None:
    """Note what `settle` did in a process."""
    for node in _parts(work.root):
        if node.attrib.pop(_ADDED, None) is not None:
            work.notes.add(node, "id.added", new=node.get("id"))
        old = node.attrib.pop(_RENAMED, None)
        if old is not None:
            work.notes.add(node, "id.renamed", old=old, new=node.get("id"))


def _parts(root: etree._Element) -> Iterator[etree._Element]:
    yield from every(root, "process", *FLOW_NODES, "sequenceFlow")


class _Names:
    """Finds names nobody has yet."""

    def __init__(self, known: set[str]) -> None:
        self._known = known
        self._last: Counter[str] = Counter()

    def free(self, name: str) -> str:
        """Return the name with the next number nobody has."""
        while True:
            self._last[name] += 1
            found = f"{name}_{self._last[name]}"
            if found not in self._known:
                return found


def _follow(root: etree._Element, renamed: dict[str, str]) -> None:
    """Let everything that names a step or flow name it as it is now."""
    for node in root.iter(etree.Element):
        for name in _NAMING:
            if node.get(name) in renamed:
                node.set(name, renamed[node.get(name, "")])
        text = (node.text or "").strip()
        if text in renamed and kind(node) in _WORDED:
            node.text = renamed[text]
