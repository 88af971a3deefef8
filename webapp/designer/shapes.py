"""Which shape of a drawing shows an element, also one that is not drawn itself."""

from collections.abc import Iterator

from lxml import etree

from engine.spiff.xml import read

_DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI"
_REFERENCES = ("messageRef", "signalRef", "errorRef", "escalationRef", "processRef")


class Shapes:
    """The drawn elements of one readable diagram; of none when `raw` is empty."""

    def __init__(self, raw: bytes) -> None:
        self._root = read(raw) if raw else None
        self._drawn = frozenset(_references(self._root)) if raw else frozenset()

    def showing(self, element_id: str) -> str:
        """Return the id of what is drawn for an element, or empty.

        A message, signal or error shows at the first event that uses it; a process at its pool;
        anything else at what it stands in.
        """
        if self._root is None or not element_id or element_id in self._drawn:
            return element_id if self._root is not None else ""
        found = [node for node in self._root.iter(etree.Element) if self._means(node, element_id)]
        around = (each.get("id", "") for node in found for each in (node, *node.iterancestors()))
        return next((each for each in around if each in self._drawn), "")

    @staticmethod
    def _means(node: etree._Element, element_id: str) -> bool:
        return element_id in (node.get("id"), *(node.get(name) for name in _REFERENCES))


def _references(root: etree._Element) -> Iterator[str]:
    for node in root.iter(f"{{{_DRAWING}}}BPMNShape", f"{{{_DRAWING}}}BPMNEdge"):
        yield node.get("bpmnElement", "")
