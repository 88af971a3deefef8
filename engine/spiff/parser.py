"""From files to something that runs: parsed once for each version, then shared by all instances."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.event_parsers import EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EventBasedGateway,
    IntermediateCatchEvent,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.spiff.parser.event_parsers import (
    SpiffBoundaryEventParser,
    SpiffIntermediateCatchEventParser,
    SpiffStartEventParser,
)
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import ServiceTaskParser

from engine.spiff import xml
from engine.spiff.elements import Element, flow_nodes
from engine.spiff.joins import InclusiveJoin, ParallelJoin
from engine.spiff.repetition import repeating
from engine.spiff.service_task import OperationTask
from engine.spiff.timers import DueTimer, FirstOf


class UnparsableError(ValueError):
    """The library cannot read the diagrams; names file, element and line as far as known."""

    def __init__(self, text: str, file: str = "", element: str = "", line: int = 0) -> None:
        self.text, self.file, self.element, self.line = text, file, element, line
        super().__init__(text)


@dataclass(frozen=True)
class Bundle:
    """A process with everything it calls, ready to be shared by threads: never changed again."""

    key: str
    """Process id."""
    spec: Any
    subprocesses: dict[str, Any]
    elements: dict[tuple[str, str], Element]
    """By (innermost process or subprocess id, element id)."""

    def element(self, task: Any) -> Element | None:
        """Return what is drawn for an engine task; None for the library's own helpers."""
        if task.task_spec.bpmn_id is None:
            return None
        return self.elements.get((task.workflow.spec.name, task.task_spec.bpmn_id))

    def child(self, task: Any, element_id: str) -> Element:
        """Return an element drawn beside that of `task`, such as a timer behind its gateway."""
        return self.elements[(task.workflow.spec.name, element_id)]


def parse(files: Mapping[str, bytes], process: str) -> Bundle:
    """Return the bundle of `process` from all its `.bpmn` and `.dmn` files.

    Raises UnparsableError, and `xml.UnreadableXmlError` for files that are no XML.
    """
    roots = {name: xml.read(raw) for name, raw in files.items() if name.endswith(".bpmn")}
    tables = {name: xml.read(raw) for name, raw in files.items() if name.endswith(".dmn")}
    elements = [node for name, root in roots.items() for node in flow_nodes(root, name)]
    spec, subprocesses = _specs(roots, tables, process, elements)
    for item in (spec, *subprocesses.values()):
        _seal(item)
    index = {(element.scope, element.id): element for element in elements}
    return Bundle(process, spec, subprocesses, index)


def called(raw: bytes) -> set[str]:
    """Return the ids of the processes that the call activities of a file call."""
    found = xml.read(raw).iter(f"{{{xml.BPMN}}}callActivity")
    return {node.get("calledElement", "") for node in found} - {""}


def processes(raw: bytes) -> list[tuple[str, str]]:
    """Return (id, name) of each executable process in a file."""
    found = xml.read(raw).iter(f"{{{xml.BPMN}}}process")
    return [
        (node.get("id", ""), node.get("name") or node.get("id", ""))
        for node in found
        if node.get("isExecutable", "true") != "false"
    ]


class _DueTimerMixin:
    """Makes every timer a DueTimer."""

    node: etree._Element

    def parse_timer_event(self, event: etree._Element) -> DueTimer:
        for tag in ("timeDuration", "timeDate"):
            text = event.findtext(f"bpmn:{tag}", None, xml.NAMESPACES)
            if text is not None:
                identifier = self.node.get("id", "")
                return DueTimer(self.node.get("name", identifier), text.strip(), identifier)
        message = "A timer needs a duration or a date; repeating timers are drawn as a loop."
        raise ValidationException(message, node=self.node)


class _CatchParser(_DueTimerMixin, SpiffIntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _BoundaryParser(_DueTimerMixin, SpiffBoundaryEventParser):  # type: ignore[misc]
    pass


class _StartParser(_DueTimerMixin, SpiffStartEventParser):  # type: ignore[misc]
    pass


class _GatewayParser(EventBasedGatewayParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        return self._create_task(FirstOf())


class _Parser(SpiffBpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library reads it from the class
        **{
            tag: (repeating(parser), spec)
            for tag, (parser, spec) in SpiffBpmnParser.OVERRIDE_PARSER_CLASSES.items()
        },
        full_tag("startEvent"): (_StartParser, StartEvent),
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
        full_tag("eventBasedGateway"): (_GatewayParser, EventBasedGateway),
        full_tag("parallelGateway"): (GatewayParser, ParallelJoin),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, InclusiveJoin),
        full_tag("serviceTask"): (repeating(ServiceTaskParser), OperationTask),
    }


def _specs(
    roots: Mapping[str, etree._Element],
    tables: Mapping[str, etree._Element],
    process: str,
    elements: Iterable[Element],
) -> tuple[Any, dict[str, Any]]:
    parser = _Parser()
    where = {element.id: element for element in elements}
    try:
        for name, root in roots.items():
            parser.add_bpmn_xml(root, name)
        for name, root in tables.items():
            parser.add_dmn_xml(root, name)
        return parser.get_spec(process), parser.get_subprocess_specs(process)
    except ValidationException as error:
        element = where.get(str(error.id or ""))
        raise UnparsableError(
            str(error.args[0] if error.args else error),
            element.file if element else str(error.file_name or ""),
            element.id if element else "",
            element.line if element else 0,
        ) from None
    except (KeyError, AttributeError, TypeError, ValueError, NotImplementedError) as error:
        text = f"The diagram cannot be understood ({type(error).__name__}: {error})."
        raise UnparsableError(text) from None


def _seal(spec: Any) -> None:
    """Do in advance every change the library would make to a spec at run time.

    Without it a restored multi-instance waits for ever, and the first message that triggers
    an event subprocess makes every new instance start it.
    """
    for task_spec in list(spec.task_specs.values()):
        if isinstance(task_spec, LoopTask):
            child = spec.task_specs[task_spec.task_spec]
            if not child.completed_event.is_connected(task_spec.merge_child):
                child.completed_event.connect(task_spec.merge_child)
    for name in set(spec.start.trigger_specs):
        event_subprocess = spec.task_specs[name]
        if spec.start.name not in event_subprocess._inputs:  # noqa: SLF001 - no public way
            event_subprocess._inputs.append(spec.start.name)  # noqa: SLF001
            event_subprocess.connect(spec.end)
