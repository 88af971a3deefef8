"""One process on its way into our dialect: its XML, its picture, its forms, what is noted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from engine.conversion.dialects import Dialect
from engine.conversion.drawing import EVENT, GATEWAY, STEP, Drawing
from engine.conversion.expressions import InexpressibleError, condition, value
from engine.conversion.markup import (
    add,
    bpmn,
    children,
    every,
    kind,
    name_in_all,
    rename,
    safe,
    set_property,
)
from engine.conversion.notes import Notes
from engine.conversion.renaming import renamed
from engine.expressions.errors import ExpressionError
from engine.expressions.tree import Node, names
from engine.expressions.writer import written
from engine.spiff.elements import FLOW_NODES

KEEP_ANSWERS = "imported.keep_answers"
"""The operation that receives the forms of imported steps."""
COUNTED_THERE = frozenset(
    {
        *("nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "loopCounter"),
        *("numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances"),
        "numberOfTerminatedInstances",
    }
)
"""Values that the engines of other tools set in repetitions."""
MOST_ADDED = 50
"""Steps that may be added to one process."""


@dataclass
class Upload:
    """What the files of one upload know of each other."""

    operations: frozenset[str] = frozenset()
    reserved: frozenset[str] = frozenset()
    decisions: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """Names of uploaded files that became part of a process."""
    processes: dict[str, str] = field(default_factory=dict)
    """Ids of processes as drawn, and as they are now; of two with one id the first is called."""
    folders: set[str] = field(default_factory=set)
    """Ids of all processes as they are now."""
    called: set[str] = field(default_factory=set)
    """Processes that another one calls; what they read may come from there."""
    sets: set[str] = field(default_factory=set)
    """Values that any process of the upload sets."""


_NAMED = {"userTask": "ask", "scriptTask": "set"}
"""How the ids of added elements begin."""
Purpose = Literal["condition", "timer", "value", "list"]


@dataclass(frozen=True)
class Use:
    """An expression, and the element it belongs to."""

    tree: Node
    node: etree._Element
    purpose: Purpose = "value"


@dataclass
class FormDraft:
    """The form of a step that is being made."""

    name: str
    title: str
    components: list[dict[str, Any]] = field(default_factory=list)
    may_grow: bool = True
    """Whether questions the drawing leaves open may be added."""

    @property
    def shown(self) -> str:
        """Return how sentences name it."""
        return self.title


class Work:
    """A process that is being converted."""

    def __init__(
        self, root: etree._Element, process: etree._Element, dialect: Dialect, source: str
    ) -> None:
        self.root, self.process, self.dialect = root, process, dialect
        self.notes = Notes(source)
        self.drawing = Drawing(root)
        self.upload = Upload()
        self.folder = ""
        """Id of the process as it will be."""
        self.forms: dict[str, FormDraft] = {}
        """By the id of their user task."""
        self.files: dict[str, bytes] = {}
        """Forms that came as files, by the name of the form."""
        self.uses: list[Use] = []
        self.uses_of: dict[str, list[Use]] = defaultdict(list)
        """By the name of what is read."""
        self.sets: set[str] = set()
        self.results: list[tuple[etree._Element, str]] = []
        """Values that code set: their steps ask for them now."""
        self.called: dict[str, str] = {}
        """Fields of forms that have another key here, by the path they were read on."""
        self.dates: set[str] = set()
        """Fields of forms that hold a day without a time."""
        self.calls_code = False
        """Whether an operation sets values nobody can see in the file."""
        self.lanes: dict[str, etree._Element] = {
            (reference.text or "").strip(): reference.getparent()
            for reference in every(process, "flowNodeRef")
        }
        """The innermost lane that names an element, by the element's id."""
        self.added = 0
        self.ids = {node.get("id"): node for node in root.iter(etree.Element) if node.get("id")}
        self.into: dict[str, list[etree._Element]] = defaultdict(list)
        self.out: dict[str, list[etree._Element]] = defaultdict(list)
        for flow in every(process, "sequenceFlow"):
            self.into[flow.get("targetRef", "")].append(flow)
            self.out[flow.get("sourceRef", "")].append(flow)

    def flow_nodes(self, *tags: str) -> list[etree._Element]:
        """Return the flow nodes of the process, those of subprocesses included."""
        wanted = set(tags) or FLOW_NODES
        return [node for node in self.process.iter(bpmn("*")) if kind(node) in wanted]

    @property
    def may_add(self) -> bool:
        """Return whether one more step may be added; a drawing has its limits."""
        return self.added < MOST_ADDED

    def new_id(self, wanted: str) -> str:
        """Return an id nobody has."""
        name, number = safe(wanted, "step"), 1
        while name in self.ids or f"{name}_di" in self.ids:
            number += 1
            name = f"{safe(wanted, 'step')}_{number}"
        self.ids[name] = self.process
        return name

    def read_condition(
        self, node: etree._Element, text: str, purpose: Purpose = "condition"
    ) -> str:
        """Return a condition in our spelling. Raises InexpressibleError."""
        return self._written(node, condition(text, self.dialect.language), purpose)

    def read_value(self, node: etree._Element, text: str, purpose: Purpose = "value") -> str:
        """Return a parameter in our spelling. Raises InexpressibleError."""
        return self._written(node, value(text, self.dialect.language), purpose)

    def uses_tree(self, node: etree._Element, tree: Node, purpose: Purpose = "value") -> str:
        """Return the spelling of a tree; remembers which values it needs."""
        return self._written(node, tree, purpose)

    def _written(self, node: etree._Element, tree: Node, purpose: Purpose = "value") -> str:
        tree = renamed(tree, self.called)
        counted = sorted(names(tree) & COUNTED_THERE)
        if counted:
            raise InexpressibleError(f"“{counted[0]}” is counted by that engine")
        try:
            text = written(tree)
        except ExpressionError as error:
            raise InexpressibleError(error.sentence) from None
        use = Use(tree, node, purpose)
        self.uses.append(use)
        for name in names(tree):
            self.uses_of[name].append(use)
        return text

    def needed(self) -> dict[str, list[Use]]:
        """Return the values that are read and never set, with where they are read."""
        found: dict[str, list[Use]] = defaultdict(list)
        for use in self.uses:
            for name in sorted(names(use.tree) - self.sets):
                found[name].append(use)
        return found

    def form_of(self, node: etree._Element) -> FormDraft:
        """Return the form that is being made for a user task; a new one at first."""
        identifier = node.get("id", "")
        if identifier not in self.forms:
            title = " ".join((node.get("name") or identifier).split())
            self.forms[identifier] = FormDraft(self.form_name(identifier), title[:100])
        return self.forms[identifier]

    def form_name(self, wanted: str, raw: bytes | None = None) -> str:
        """Return a name for a form that no other form has, not even in other letters' case.

        A form that came along as `raw` shares its name with itself only.
        """
        taken = {name.lower() for name, known in self.files.items() if known != raw}
        taken |= {form.name.lower() for form in self.forms.values()}
        wanted = safe(wanted, "form")
        name, number = wanted, 1
        while name.lower() in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def as_person(self, node: etree._Element) -> FormDraft:
        """Make a step one that a person completes with a form; return the form."""
        rename(node, "userTask")
        form = self.form_of(node)
        set_property(node, "formKey", form.name)
        set_property(node, "operation", KEEP_ANSWERS)
        return form

    def step_before(
        self,
        target: etree._Element,
        name: str | Mapping[str, str],
        flows: Iterable[etree._Element] | None = None,
    ) -> etree._Element:
        """Draw a new user task in front of an element, on all flows into it or on some.

        `name` is as drawn, or our own in each language.
        """
        plain = name if isinstance(name, str) else name["en"]
        step = self._before(target, "userTask", plain, flows)
        if not isinstance(name, str):
            name_in_all(step, name)
        self.as_person(step)
        self.notes.add(step, "step.added")
        return step

    def script_before(self, target: etree._Element, script: str) -> etree._Element:
        """Draw a new script task in front of an element."""
        step = self._before(target, "scriptTask", "Set values", None)
        name_in_all(step, {"en": "Set values", "nl": "Waarden zetten", "de": "Werte setzen"})
        add(step, "script").text = script
        return step

    def _before(
        self,
        target: etree._Element,
        tag: str,
        name: str,
        flows: Iterable[etree._Element] | None,
    ) -> etree._Element:
        self.added += 1
        known = list(self.into[target.get("id", "")])
        reached = known if flows is None else list(flows)
        wanted = f"{_NAMED[tag]}_{target.get('id')}"
        step = add(target.getparent(), tag, id=self.new_id(wanted), name=name)
        identifier, end = str(step.get("id")), str(target.get("id"))
        self.ids[identifier] = step
        self.drawing.before(end, identifier, EVENT if tag.endswith("Event") else STEP)
        for flow in known:
            if flow in reached:
                self._retarget(flow, target, step)
            else:
                self.drawing.arrive(flow.get("id", ""), end)
        self.flow(step, target)
        self._stand_beside(step, target)
        if not self.drawing.has(identifier):
            self.notes.add(step, "process.undrawn", new=name)
        return step

    def gateway_after(self, source: etree._Element) -> etree._Element:
        """Draw an inclusive gateway behind a step, and let its flows leave there."""
        start = source.get("id", "")
        gateway = add(source.getparent(), "inclusiveGateway", id=self.new_id(f"ways_{start}"))
        identifier = str(gateway.get("id"))
        self.ids[identifier] = gateway
        self.drawing.after(start, identifier, GATEWAY)
        for flow in self.out.pop(start, []):
            flow.set("sourceRef", identifier)
            self.out[identifier].append(flow)
            self._refer(source, gateway, "outgoing", flow)
            self.drawing.leave(flow.get("id", ""), identifier)
        if "default" in source.attrib:
            gateway.set("default", source.attrib.pop("default"))
        self.flow(source, gateway)
        self._stand_beside(gateway, source)
        return gateway

    def _retarget(self, flow: etree._Element, old: etree._Element, new: etree._Element) -> None:
        self.into[old.get("id", "")].remove(flow)
        self.into[new.get("id", "")].append(flow)
        flow.set("targetRef", new.get("id", ""))
        self._refer(old, new, "incoming", flow)
        self.drawing.arrive(flow.get("id", ""), new.get("id", ""))

    @staticmethod
    def _refer(old: etree._Element, new: etree._Element, tag: str, flow: etree._Element) -> None:
        for reference in children(old, tag):
            if (reference.text or "").strip() == flow.get("id"):
                new.append(reference)

    def flow(self, source: etree._Element, target: etree._Element) -> None:
        """Draw a flow from one element to another."""
        start, end = source.get("id", ""), target.get("id", "")
        identifier = self.new_id(f"from_{start}_to_{end}")
        flow = add(
            source.getparent(), "sequenceFlow", id=identifier, sourceRef=start, targetRef=end
        )
        self.ids[identifier] = flow
        self.out[start].append(flow)
        self.into[end].append(flow)
        for node, tag in ((source, "outgoing"), (target, "incoming")):
            reference = etree.Element(bpmn(tag))
            reference.text = identifier
            before = [*children(node, "documentation", "extensionElements", "incoming")]
            node.insert(max((node.index(each) + 1 for each in before), default=0), reference)
        self.drawing.connect(identifier, start, end)

    def _stand_beside(self, new: etree._Element, known: etree._Element) -> None:
        """Put a new element into the lane of a known one."""
        lane = self.lanes.get(known.get("id", ""))
        if lane is not None:
            add(lane, "flowNodeRef").text = new.get("id")
            self.lanes[str(new.get("id"))] = lane
