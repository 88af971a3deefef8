"""What we know of SpiffWorkflow 3.2.0 and rely on; a new version must be measured again."""

from importlib.metadata import version
from types import SimpleNamespace

import pytest
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition as BpmnMessage
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition

from tests.engine import diagrams as d
from tests.engine import elements as e

FLOW = d.chain("start", "e")


def stock(*parts, messages=()):
    parser = SpiffBpmnParser()
    parser.add_bpmn_str(d.diagram("p", *parts, messages=messages), "p.bpmn")
    return parser.get_spec("p"), parser.get_subprocess_specs("p")


def run(*specs):
    workflow = BpmnWorkflow(*specs)
    workflow.do_engine_steps()
    return workflow


def test_the_version_is_the_one_that_was_measured():
    assert version("spiffworkflow") == "3.2.0"


def test_a_message_of_the_bpmn_class_does_not_reach_a_spiff_diagram():
    workflow = run(
        *stock(
            d.start(),
            d.catch("c", "reply"),
            d.end(),
            d.chain("start", "c", "end"),
            messages=["reply"],
        )
    )
    with pytest.raises(WorkflowException):
        workflow.send_event(BpmnEvent(BpmnMessage("reply"), payload={}))
    workflow.send_event(BpmnEvent(MessageEventDefinition("reply"), payload={}))
    workflow.do_engine_steps()
    assert workflow.completed


def test_stock_waiting_events_do_not_show_what_a_gateway_waits_for():
    workflow = run(
        *stock(
            d.start(),
            d.event_gateway("g"),
            d.catch("c", "reply"),
            d.timer("t", "P1D"),
            d.end("e1"),
            d.end("e2"),
            d.chain("start", "g", "c", "e1"),
            d.chain("g", "t", "e2"),
            messages=["reply"],
        )
    )
    assert [(event.name, event.value) for event in workflow.waiting_events()] == [(None, None)]


def test_an_automatic_endless_loop_stops_silently_stuck():
    spec, subs = stock(
        d.start(),
        d.exclusive("j"),
        d.node("scriptTask", "x", "<bpmn:script>n = 1</bpmn:script>"),
        d.chain("start", "j", "x", "j"),
    )
    workflow = run(spec, subs)
    assert not workflow.completed
    assert not workflow.get_tasks(state=TaskState.READY)


def test_a_non_interrupting_message_boundary_fires_only_once():
    workflow = run(
        *stock(
            d.start(),
            d.user("w"),
            d.boundary("b", "w", d.message_definition("ping"), interrupting=False),
            d.user("x"),
            d.end("e"),
            d.end("e2"),
            d.chain("start", "w", "e"),
            d.chain("b", "x", "e2"),
            messages=["ping"],
        )
    )
    workflow.send_event(BpmnEvent(MessageEventDefinition("ping"), payload={}))
    workflow.do_engine_steps()
    with pytest.raises(WorkflowException):
        workflow.send_event(BpmnEvent(MessageEventDefinition("ping"), payload={}))


def test_a_stock_event_subprocess_for_an_error_starts_with_the_process():
    workflow = run(
        *stock(
            d.start(),
            d.user("w"),
            d.end("e"),
            d.chain("start", "w", "e"),
            e.handler("h", e.error(), "repair", interrupting=True),
        )
    )
    ready = workflow.get_tasks(state=TaskState.READY, manual=True)
    assert sorted(task.task_spec.name for task in ready) == ["repair", "w"]


def test_a_stock_join_lets_the_last_branch_undo_what_another_found_out():
    workflow = run(
        *stock(
            d.start(),
            d.parallel("f"),
            d.user("a"),
            d.user("b"),
            d.parallel("j"),
            d.user("after"),
            d.end("e"),
            d.chain("start", "f", "a", "j", "after", "e"),
            d.chain("f", "b", "j"),
        )
    )
    workflow.get_next_task(spec_name="f").data["n"] = 1
    for name, n in (("a", 2), ("b", 1)):
        task = workflow.get_next_task(spec_name=name)
        task.data["n"] = n
        task.run()
        workflow.do_engine_steps()
    assert workflow.get_next_task(spec_name="after").data["n"] == 1


def test_a_stock_signal_at_the_end_is_silently_ignored():
    spec, _ = stock(d.start(), d.node("endEvent", "e", "<bpmn:signalEventDefinition/>"), FLOW)
    assert type(spec.task_specs["e"].event_definition).__name__ == "NoneEventDefinition"


def test_the_stock_script_engine_runs_any_python():
    """Why no diagram may ever reach it: this is a file access from a gateway condition."""
    task = SimpleNamespace(data={})
    assert PythonScriptEngine().evaluate(task, "__import__('os').path.exists('/')") is True
