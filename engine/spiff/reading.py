"""The library's parser with our own elements in place of those it gets wrong."""

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.event_parsers import (
    CANCEL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
    TIMER_EVENT_XPATH,
    EventBasedGatewayParser,
)
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.defaults import (
    EndEvent,
    EventBasedGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.spiff.parser import event_parsers as stock
from SpiffWorkflow.spiff.parser import task_spec as stock_tasks
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser, SpiffProcessParser
from SpiffWorkflow.spiff.specs import defaults

from engine.decisions import Decision
from engine.spiff import xml
from engine.spiff.cycles import RepeatingTimer
from engine.spiff.decision_task import DecisionTask, DecisionTaskParser
from engine.spiff.elements import properties
from engine.spiff.events import Cancel, Kind, Trigger
from engine.spiff.joins import InclusiveGateway, ParallelGateway
from engine.spiff.process import ProcessSpec
from engine.spiff.repeats import EachAtOnce, EachInTurn, Loop
from engine.spiff.service_task import OperationTask
from engine.spiff.timers import DueTimer, FirstOf
from engine.spiff.watchers import BoundaryEvent, Listener

_ROOTS: dict[Kind, tuple[str, str]] = {
    "message": ("messageRef", "name"),
    "signal": ("signalRef", "name"),
    "error": ("errorRef", "errorCode"),
    "escalation": ("escalationRef", "escalationCode"),
}
"""For each kind: the attribute that refers to its declaration, and what it is compared by."""


class _Events:
    """Reads what an event waits for or throws into our own definitions."""

    node: etree._Element

    def parse_message_event(self, event: etree._Element) -> Trigger:
        return self._trigger("message", event)

    def parse_signal_event(self, event: etree._Element) -> Trigger:
        return self._trigger("signal", event)

    def parse_error_event(self, event: etree._Element) -> Trigger:
        return self._trigger("error", event)

    def parse_escalation_event(self, event: etree._Element) -> Trigger:
        return self._trigger("escalation", event)

    def parse_cancel_event(self, _event: etree._Element) -> Cancel:
        return Cancel()

    def parse_timer_event(self, event: etree._Element) -> DueTimer:
        for tag in ("timeDuration", "timeDate", "timeCycle"):
            text = event.findtext(f"bpmn:{tag}", None, xml.NAMESPACES)
            if text is not None:
                kind = RepeatingTimer if tag == "timeCycle" else DueTimer
                identifier = self.node.get("id", "")
                return kind(self.node.get("name", identifier), text.strip(), identifier)
        message = "A timer needs a duration, a date or a repetition."
        raise ValidationException(message, node=self.node)

    def _trigger(self, kind: Kind, event: etree._Element) -> Trigger:
        reference, attribute = _ROOTS[kind]
        declared = _declaration(event, kind, event.get(reference, ""))
        name = declared.get(attribute, "") if declared is not None else ""
        trigger = Trigger(kind, name, element_id=self.node.get("id", ""))
        for place in (event, declared):
            if place is not None:
                trigger.payload = trigger.payload or _extension(place, *_PAYLOAD)
                trigger.variable = trigger.variable or _extension(place, *_VARIABLE)
        trigger.correlation_key = properties(self.node).get("correlation_key", "")
        return trigger


_PAYLOAD = ("messagePayload", "payloadExpression")
_VARIABLE = ("messageVariable", "variableName")


class _Forking:
    """Lets several flows leave a step: each gets a token, as behind a parallel gateway."""

    def handles_multiple_outgoing(self) -> bool:
        return True


class _StartParser(_Events, stock.SpiffStartEventParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        definition = self.get_event_definition(
            [
                *(MESSAGE_EVENT_XPATH, SIGNAL_EVENT_XPATH, TIMER_EVENT_XPATH),
                *(ERROR_EVENT_XPATH, ESCALATION_EVENT_XPATH),
            ]
        )
        task = self._create_task(definition)
        self.spec.start.connect(task)
        return task


class _EndParser(_Events, stock.SpiffEndEventParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        definition = self.get_event_definition(
            [
                *(MESSAGE_EVENT_XPATH, SIGNAL_EVENT_XPATH, CANCEL_EVENT_XPATH),
                *(ERROR_EVENT_XPATH, ESCALATION_EVENT_XPATH, TERMINATION_EVENT_XPATH),
            ]
        )
        task = self._create_task(definition)
        task.connect(self.spec.end)
        return task


class _ThrowParser(_Forking, _Events, stock.SpiffIntermediateThrowEventParser):  # type: ignore[misc]
    pass


class _CatchParser(_Forking, _Events, stock.SpiffIntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _BoundaryParser(_Forking, _Events, stock.SpiffBoundaryEventParser):  # type: ignore[misc]
    pass


class _Repeating(_Forking):
    """Reads the marks for repeating a step into our own tasks."""

    STANDARD_LOOP_CLASS = Loop
    PARALLEL_MI_CLASS = EachAtOnce
    SEQUENTIAL_MI_CLASS = EachInTurn
    task: Any

    def _add_multiinstance_task(self, loop_characteristics: etree._Element) -> None:
        super()._add_multiinstance_task(loop_characteristics)  # type: ignore[misc]
        for reference in (self.task.data_input, self.task.data_output):
            if reference is not None:  # the name stands between line breaks where tools indent
                reference.bpmn_id = (reference.bpmn_id or "").strip()

    def create_data_spec(self, item: etree._Element, kind: type) -> Any:
        """Read what the item of a turn is called: by its name, as ids must differ in a file."""
        name = item.get("name", "")
        named = xml.local_name(item) in {"inputDataItem", "outputDataItem"} and name.isidentifier()
        return kind(name if named else item.get("id"), item.get("name"))


class _SendParser(_Repeating, _Events, stock.SpiffSendTaskParser):  # type: ignore[misc]
    pass


class _ReceiveParser(_Repeating, _Events, stock.SpiffReceiveTaskParser):  # type: ignore[misc]
    pass


class _TaskParser(_Repeating, stock_tasks.SpiffTaskParser):  # type: ignore[misc]
    pass


class _UserTaskParser(_Repeating, stock_tasks.UserTaskParser):  # type: ignore[misc]
    pass


class _ServiceTaskParser(_Repeating, stock_tasks.ServiceTaskParser):  # type: ignore[misc]
    pass


class _ScriptTaskParser(_Repeating, stock_tasks.ScriptTaskParser):  # type: ignore[misc]
    pass


class _DecisionParser(_Repeating, DecisionTaskParser):
    pass


class _CallParser(_Repeating, stock_tasks.CallActivityParser):  # type: ignore[misc]
    pass


class _SubprocessParser(_Repeating, stock_tasks.SubWorkflowParser):  # type: ignore[misc]
    pass


class _GatewayParser(EventBasedGatewayParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        return self._create_task(FirstOf())


class _ProcessParser(SpiffProcessParser):  # type: ignore[misc]
    """Reads BPMN only; lets every event subprocess listen from the start of its scope."""

    def _index_process_nodes(self) -> None:
        """Note the nodes and flows of BPMN itself; the library takes any tag that ends so."""
        for node in self.node.iterdescendants(f"{{{xml.BPMN}}}*"):
            identifier = node.get("id")
            if identifier is None:
                continue
            self.nodes_by_id[identifier] = node
            tag = xml.local_name(node)
            if tag == "sequenceFlow":
                self.outgoing_sequence_flows.setdefault(node.get("sourceRef"), []).append(node)
            elif tag == "boundaryEvent":
                host = node.get("attachedToRef")
                self.boundary_events_by_attached.setdefault(host, []).append(node)

    def create_spec(self) -> ProcessSpec:
        if not self.process_executable:
            message = f"Process {self.bpmn_id} is not executable."
            raise ValidationException(message, node=self.node, file_name=self.filename)
        return ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def add_tasks(self) -> None:
        starts = self.xpath("./bpmn:startEvent")
        if not starts:
            message = "A process needs a start event."
            raise ValidationException(message, node=self.node, file_name=self.filename)
        for node in starts:
            self.parse_node(node)
        for node in self.xpath("./bpmn:subProcess[@triggeredByEvent='true']"):
            self._add_listener(node)

    def _add_listener(self, node: etree._Element) -> None:
        """Hang an event subprocess behind a listener that has taken over its start."""
        body = self.parse_node(node)
        inner = self.parser.process_parsers[body.spec].get_spec()
        (start,) = inner.bpmn_start_events
        drawn = node.find("bpmn:startEvent", xml.NAMESPACES)
        listener = Listener(
            self.spec,
            start.bpmn_id,
            start.event_definition,
            interrupting=drawn.get("isInterrupting", "true") == "true",
            bpmn_name=start.bpmn_name,
            lane=start.lane,
        )
        start.event_definition = NoneEventDefinition()
        self.spec.start.connect(listener)
        listener.connect(body)
        body.connect(self.spec.end)


class Parser(SpiffBpmnParser):  # type: ignore[misc]
    """Reads the files of one bundle."""

    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library reads it from the class
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("startEvent"): (_StartParser, StartEvent),
        full_tag("endEvent"): (_EndParser, EndEvent),
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
        full_tag("intermediateThrowEvent"): (_ThrowParser, IntermediateThrowEvent),
        full_tag("sendTask"): (_SendParser, defaults.SendTask),
        full_tag("receiveTask"): (_ReceiveParser, defaults.ReceiveTask),
        full_tag("eventBasedGateway"): (_GatewayParser, EventBasedGateway),
        full_tag("parallelGateway"): (GatewayParser, ParallelGateway),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, InclusiveGateway),
        full_tag("task"): (_TaskParser, defaults.NoneTask),
        full_tag("manualTask"): (_TaskParser, defaults.ManualTask),
        full_tag("userTask"): (_UserTaskParser, defaults.UserTask),
        full_tag("serviceTask"): (_ServiceTaskParser, OperationTask),
        full_tag("scriptTask"): (_ScriptTaskParser, defaults.ScriptTask),
        full_tag("businessRuleTask"): (_DecisionParser, DecisionTask),
        full_tag("callActivity"): (_CallParser, defaults.CallActivity),
        full_tag("subProcess"): (_SubprocessParser, defaults.SubWorkflowTask),
        full_tag("transaction"): (_SubprocessParser, defaults.TransactionSubprocess),
    }

    def __init__(self, decisions: Mapping[str, Decision]) -> None:
        super().__init__()
        self.decisions = decisions


def _declaration(event: etree._Element, kind: Kind, identifier: str) -> etree._Element | None:
    """Return the message, signal, error or escalation an event refers to."""
    found = event.getroottree().getroot().iterfind(f"bpmn:{kind}", xml.NAMESPACES)
    return next((node for node in found if identifier and node.get("id") == identifier), None)


def _extension(node: etree._Element, *tags: str) -> str:
    """Return the text of the first of these extension elements."""
    for tag in tags:
        text = node.findtext(f"bpmn:extensionElements/spiff:{tag}", None, xml.NAMESPACES)
        if text is not None and text.strip():
            return str(text).strip()
    return ""
