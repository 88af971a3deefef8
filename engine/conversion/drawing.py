"""The picture of a diagram: room made for a new step, lines led to it."""

from lxml import etree

from engine.conversion.markup import kind
from engine.spiff.xml import BPMN

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
STEP = (100, 80)
"""Width and height of a task, as the drawing tools use them."""
GATEWAY = (50, 50)
EVENT = (36, 36)
_GAP = 50
_CONTAINERS = {"participant", "lane", "subProcess", "transaction", "adHocSubProcess", "group"}


class Drawing:
    """The shapes and edges of one file; files without a picture are fine, nothing is drawn."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._shapes = {node.get("bpmnElement"): node for node in root.iter(f"{{{DI}}}BPMNShape")}
        self._edges = {node.get("bpmnElement"): node for node in root.iter(f"{{{DI}}}BPMNEdge")}
        containers = (node for node in root.iter(f"{{{BPMN}}}*") if kind(node) in _CONTAINERS)
        self._containers = {node.get("id") for node in containers}

    def has(self, element: str) -> bool:
        """Return whether the element has a shape."""
        return self._bounds(element) is not None

    def box(self, element: str) -> tuple[float, float, float, float] | None:
        """Return x, y, width and height of an element."""
        bounds = self._bounds(element)
        if bounds is None:
            return None
        x, y, width, height = (_number(bounds, name) for name in ("x", "y", "width", "height"))
        return x, y, width, height

    def forget(self, elements: set[str]) -> None:
        """Take the shapes and edges of these elements out."""
        for known in (self._shapes, self._edges):
            for element in elements & known.keys():
                node = known.pop(element)
                parent = node.getparent()
                if parent is not None:
                    parent.remove(node)

    def rename(self, old: str, new: str) -> None:
        """Let a shape, edge or plane stand for another id."""
        for node in self._root.iter(
            f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge", f"{{{DI}}}BPMNPlane"
        ):
            if node.get("bpmnElement") == old:
                node.set("bpmnElement", new)
        for known in (self._shapes, self._edges):
            if old in known:
                known[new] = known.pop(old)

    def widen(self, element: str, width: float) -> None:
        """Make a shape at least so wide, for words where there was a symbol."""
        bounds = self._bounds(element)
        if bounds is not None and _number(bounds, "width") < width:
            bounds.set("width", _text(width))

    def before(self, target: str, new: str, size: tuple[int, int]) -> None:
        """Put a new shape where `target` stands; `target` and all right of it moves on."""
        box = self.box(target)
        if box is None:
            return
        x, y, _, height = box
        self._make_room(x, size[0] + _GAP, at_cut=True)
        self._add_shape(new, self._shapes[target], (x, y + height / 2 - size[1] / 2, *size))

    def after(self, source: str, new: str, size: tuple[int, int]) -> None:
        """Put a new shape to the right of `source`; what stood there moves on."""
        box = self.box(source)
        if box is None:
            return
        x, y, width, height = box
        self._make_room(x + width, size[0] + _GAP)
        place = (x + width + _GAP / 2, y + height / 2 - size[1] / 2, *size)
        self._add_shape(new, self._shapes[source], place)

    def arrive(self, flow: str, target: str) -> None:
        """Let the last point of a flow touch the left side of its new target."""
        box, points = self.box(target), self._points(flow)
        if box is None or not points:
            return
        x, y, _, height = box
        if len(points) > 1 and _number(points[-2], "x") > x:  # from above or below, or backwards
            middle = x + box[2] / 2
            above = _number(points[-2], "y") < y + height / 2
            points[-2].set("x", _text(middle))
            _move(points[-1], middle, y if above else y + height)
            return
        _move(points[-1], x, y + height / 2)

    def leave(self, flow: str, source: str) -> None:
        """Let the first point of a flow touch its new source."""
        box, points = self.box(source), self._points(flow)
        if box is None or not points:
            return
        x, y, width, height = box
        _move(points[0], x + width, y + height / 2)

    def connect(self, flow: str, source: str, target: str) -> None:
        """Draw a straight flow from the right side of one shape to the left side of another."""
        start, end = self.box(source), self.box(target)
        if start is None or end is None:
            return
        parent = self._shapes[target].getparent()
        edge = etree.SubElement(parent, f"{{{DI}}}BPMNEdge", id=f"{flow}_di", bpmnElement=flow)
        for x, y in (
            (start[0] + start[2], start[1] + start[3] / 2),
            (end[0], end[1] + end[3] / 2),
        ):
            etree.SubElement(edge, f"{{{DD}}}waypoint", x=_text(x), y=_text(y))
        self._edges[flow] = edge

    def _bounds(self, element: str) -> etree._Element | None:
        shape = self._shapes.get(element)
        return shape.find(f"{{{DC}}}Bounds") if shape is not None else None

    def _points(self, flow: str) -> list[etree._Element]:
        edge = self._edges.get(flow)
        return edge.findall(f"{{{DD}}}waypoint") if edge is not None else []

    def _add_shape(
        self, element: str, beside: etree._Element, place: tuple[float, float, float, float]
    ) -> None:
        parent = beside.getparent()
        shape = etree.SubElement(
            parent, f"{{{DI}}}BPMNShape", id=f"{element}_di", bpmnElement=element
        )
        numbers = zip(("x", "y", "width", "height"), map(_text, place), strict=True)
        etree.SubElement(shape, f"{{{DC}}}Bounds", dict(numbers))
        self._shapes[element] = shape

    def _make_room(self, cut: float, width: float, *, at_cut: bool = False) -> None:
        """Move everything from `cut` on to the right; what reaches over it grows.

        `at_cut`: points right at the cut move too, with the shapes whose left sides they touch.
        """
        for bounds in self._root.iter(f"{{{DC}}}Bounds"):
            x, wide = _number(bounds, "x"), _number(bounds, "width")
            owner = bounds.getparent().get("bpmnElement") if bounds.getparent() is not None else ""
            if x >= cut:
                bounds.set("x", _text(x + width))
            elif x + wide > cut and owner in self._containers:
                bounds.set("width", _text(wide + width))
        for point in self._root.iter(f"{{{DD}}}waypoint"):
            x = _number(point, "x")
            if x > cut or (at_cut and x == cut):
                point.set("x", _text(x + width))


def _number(node: etree._Element, name: str) -> float:
    try:
        found = float(node.get(name, "0"))
    except ValueError:
        return 0.0
    return found if -1e6 < found < 1e6 else 0.0  # noqa: PLR2004 - no drawing is that large


def _text(number: float) -> str:
    return f"{number:g}"


def _move(point: etree._Element, x: float, y: float) -> None:
    point.set("x", _text(x))
    point.set("y", _text(y))
