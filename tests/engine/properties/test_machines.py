"""Random processes under random commands: however an instance is kept, it behaves the same."""

from datetime import timedelta
from itertools import count

from hypothesis import given, note, reject
from hypothesis import strategies as st

from engine.linter import lint
from engine.steps import Timer
from tests.engine.properties.profile import examples
from tests.engine.properties.runs import KEPT, Run, alive, compare, thawed
from tests.engine.properties.strategies import COMMANDS, START, plans, turns
from tests.engine.properties.words import VOCABULARY


@examples(100)
@given(plans())
def test_generated_diagrams_have_no_errors(plan):
    found = lint(plan.files(), VOCABULARY)
    assert [str(finding) for finding in found if finding.severity == "error"] == []


@examples(100)
@given(plans(), START, COMMANDS)
def test_however_an_instance_is_kept_it_behaves_the_same(plan, data, commands):
    files = plan.files()
    runs = {keep.__name__: Run(files, data, keep) for keep in KEPT}
    compare(runs, "start")
    for command in commands:
        outcomes = {name: run.do(command) for name, run in runs.items()}
        note(f"{command}: {outcomes['alive']} -> {runs['alive'].view['waiting']}")
        assert len(set(outcomes.values())) == 1, (command, outcomes)
        compare(runs, command)


@examples(100)
@given(plans(), START, COMMANDS, st.integers(0, 2))
def test_a_crash_in_any_command_and_the_command_again_is_as_if_it_had_not_been(
    plan, data, commands, after
):
    files = plan.files()
    quiet, crashing = Run(files, data, alive), Run(files, data, thawed)
    for command in commands:
        if not crashing.machine.completed:
            crashing.crash(command, after)
        assert crashing.do(command) == quiet.do(command)
        compare({"alive": quiet, "crashing": crashing}, command)


@examples(4)
@given(turns(), START)
def test_two_hundred_turns_of_any_loop_leave_no_trace_in_the_state(plan, data):
    run = Run(plan.files(), {**data, "x": 0, "turn": True}, thawed)
    (head,) = [wait.element_id for wait in run.machine.waiting()]
    sizes = [turn(run, head, number) for number in range(220)]
    assert max(sizes[100:]) <= max(sizes[10:60]) + 16  # digits of times


def turn(run, head, number):
    """Let everything come to rest but the task the loop begins with; complete that one."""
    events = count(1)
    for _ in range(100):
        waits = run.machine.waiting()
        if [wait.element_id for wait in waits] == [head]:
            size = len(run.machine.frozen())
            run.do(("complete", head, {"x": number % 2 * 2}))
            return size
        for command in next_commands(run, waits, head, events):
            run.do(command)
    return reject()  # what it waits for begins more of the same


def next_commands(run, waits, head, events):
    """What brings an instance nearer to its rest: work first, then every event in its turn."""
    users = [w.element_id for w in waits if w.kind == "user_task" and w.element_id != head]
    if users:
        return [("complete", users[0], {"x": 0})]
    if any(wait.kind == "service" for wait in waits):
        return [("job", 0)]
    possible = [*run.machine.messages(), *run.machine.timers()]
    chosen = possible[next(events) % len(possible)]
    if isinstance(chosen, Timer):
        return [("later", (chosen.due_at - run.now) / timedelta(hours=1)), ("fire",)]
    if chosen.kind == "signal":
        return [("signal", chosen.message, 0)]
    return [("send", chosen.message, 0, chosen.key)]
