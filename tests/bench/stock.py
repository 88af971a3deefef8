"""The library in its usual way, on the same process: its own serializer, no database.

What our engine costs for a command is told as a ratio to restoring, completing and saving with
`BpmnWorkflowSerializer` as the library's manual shows it.
"""

from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG

from engine.spiff.machine import Machine
from engine.spiff.parser import Bundle, parse
from engine.spiff.script import ScriptEngine
from tests.bench import process
from tests.bench.measure import Figure, Watch

_TURNS = 300


def figures() -> list[Figure]:
    """Return a line for the library and one for ours: restore, complete `answer`, save."""
    theirs, ours = Watch(), Watch()
    serializer, saved = _stock()
    bundle, frozen = _frozen()
    for _ in range(_TURNS):
        theirs(lambda: _stock_turn(serializer, saved))
        ours(lambda: _turn(bundle, frozen))
    floor = theirs.figure("library's own serializer: complete a user task", "engine alone", None)
    return [
        floor,
        ours.figure("ours: thaw, complete, prune, freeze", "engine alone", floor.per_second),
    ]


def _stock() -> tuple[BpmnWorkflowSerializer, str]:
    parser = SpiffBpmnParser()
    parser.add_bpmn_str(_without_services(process.diagram()), "bench.bpmn")
    spec = parser.get_spec(process.PROCESS)
    workflow = BpmnWorkflow(spec, parser.get_subprocess_specs(process.PROCESS))
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
    for task in workflow.get_tasks(state=TaskState.READY):
        task.data.update(process.START)
    workflow.do_engine_steps()
    _complete(workflow, process.CLASSIFY)
    return serializer, serializer.serialize_json(workflow)


def _stock_turn(serializer: BpmnWorkflowSerializer, saved: str) -> None:
    workflow = serializer.deserialize_json(saved)
    _complete(workflow, process.ANSWER)
    serializer.serialize_json(workflow)


def _complete(workflow: Any, form: dict[str, Any]) -> None:
    (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
    task.data.update(form)
    task.run()
    workflow.do_engine_steps()


def _without_services(raw: bytes) -> bytes:
    """Turn service tasks into plain steps of the library: there are no operations here."""
    begin = b"<bpmn:extensionElements><spiffworkflow:serviceTaskOperator"
    script = b"<bpmn:script>done = True</bpmn:script>"
    return raw.replace(b"bpmn:serviceTask", b"bpmn:scriptTask").replace(begin, script + begin)


def _frozen() -> tuple[Bundle, bytes]:
    bundle = parse(process.files(), process.PROCESS)
    machine = Machine.new(bundle, _script(), process.START)
    (task,) = machine.waiting()
    machine.complete(task.task_id, process.CLASSIFY)
    return bundle, machine.frozen()


def _turn(bundle: Bundle, frozen: bytes) -> None:
    machine = Machine.thawed(bundle, _script(), frozen)
    (task,) = machine.waiting()
    machine.complete(task.task_id, process.ANSWER)
    machine.frozen()


def _script() -> ScriptEngine:
    return ScriptEngine(datetime(2026, 1, 5, tzinfo=UTC), lambda *_: {"done": True})
