import pytest

from engine.spiff.repeats import RepeatError
from engine.spiff.workflow import LimitError
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World

ITEMS = ["a", "b", "c"]
KINDS = pytest.mark.parametrize("sequential", [True, False])


def repeated(node, *more, data=None, **options):
    return World(
        d.start(),
        node,
        d.user("after"),
        d.end(),
        d.chain("start", "step", "after", "end"),
        *more,
        data={"items": ITEMS} if data is None else data,
        **options,
    )


def test_one_after_the_other_each_gets_its_item():
    world = repeated(e.each(d.user("step"), "items", item="it", sequential=True))
    for item in ITEMS:
        assert world.at() == ["step"]
        assert world.data("step")["it"] == item
        world.complete("step", last=item)
    assert world.at() == ["after"]
    assert world.data("after") == {"items": ITEMS, "last": "c"}


def test_all_at_once_each_gets_its_item():
    world = repeated(e.each(d.user("step"), "items", item="it"))
    assert world.at() == ["step"] * 3
    for _ in ITEMS:
        world.complete("step")
    assert world.data("after") == {"items": ITEMS}


@KINDS
def test_results_stand_in_the_order_of_the_items(sequential):
    world = repeated(
        e.each(
            d.user("step"), "items", item="it", result="out", results="outs", sequential=sequential
        )
    )
    while world.at() != ["after"]:
        machine = world.again()
        wait = [w for w in machine.waiting() if w.element_id == "step"][-1]
        item = machine.task_data(wait.task_id)["it"]
        machine.complete(wait.task_id, {"out": item.upper()})
    assert world.data("after") == {"items": ITEMS, "outs": ["A", "B", "C"]}


@KINDS
def test_a_turn_without_its_result_is_an_error_that_names_the_step(sequential):
    world = repeated(
        e.each(d.user("step"), "items", result="out", results="outs", sequential=sequential)
    )
    with pytest.raises(RepeatError, match="'step' ended without the result 'out'"):
        world.complete("step")


@KINDS
def test_an_item_is_called_by_its_name_which_another_step_may_share(sequential):
    step = e.each(d.user("step"), "items", item="it", result="out", results="outs")
    other = e.each(d.user("after"), "items", item="it", result="out", results="outs")
    renamed = [
        node.replace('id="it"', f'id="{place}_it"').replace('id="out"', f'id="{place}_out"')
        for place, node in (("first", step), ("second", other))
    ]
    if sequential:
        renamed = [node.replace('isSequential="false"', 'isSequential="true"') for node in renamed]
    world = World(
        *(d.start(), *renamed, d.user("last"), d.end()),
        d.chain("start", "step", "after", "last", "end"),
        data={"items": ["a"]},
    )
    assert world.data("step")["it"] == "a"
    world.complete("step", out=1)
    assert world.data("after")["outs"] == []
    world.complete("after", out=2)
    assert world.data("last") == {"items": ["a"], "outs": [2]}


@KINDS
def test_an_empty_list_is_passed_by(sequential):
    node = e.each(d.user("step"), "items", item="it", sequential=sequential)
    assert repeated(node, data={"items": []}).at() == ["after"]


@KINDS
@pytest.mark.parametrize("items", [None, 3, "abc", {"a": 1}])
def test_what_is_no_list_is_refused(sequential, items):
    node = e.each(d.user("step"), "items", item="it", sequential=sequential)
    with pytest.raises(RepeatError, match="'step' repeats over 'items', which must be a list"):
        repeated(node, data={"items": items})


@KINDS
def test_a_hundred_turns_are_possible_and_one_more_is_not(sequential):
    node = e.each(d.service("step", "x.y"), "items", item="it", sequential=sequential)
    world = repeated(node, data={"items": list(range(100))})
    assert len(world.called) == 100
    with pytest.raises(LimitError, match="list of 101; at most 100 turns"):
        repeated(node, data={"items": list(range(101))})
    with pytest.raises(LimitError):
        repeated(node, data={"items": list(range(1_000_000))})


@KINDS
def test_enough_is_enough(sequential):
    node = e.each(
        d.user("step"), "items", item="it", sequential=sequential, until="answer == 'yes'"
    )
    world = repeated(node)
    world.complete("step", answer="no")
    world.complete("step", answer="yes")
    assert world.at() == ["after"]


CHILD = d.diagram(
    "child",
    d.start(),
    d.user("work"),
    d.boundary("late", "work", d.duration("P1D")),
    d.end(),
    d.end("too_late"),
    d.chain("start", "work", "end"),
    d.chain("late", "too_late"),
)


@KINDS
def test_called_processes_and_subprocesses_may_be_repeated(sequential):
    node = e.each(d.call("step", "child"), "items", item="it", sequential=sequential)
    world = repeated(node, files={"child/child.bpmn": CHILD})
    for turn in range(3):
        assert len(world.at()) == (1 if sequential else 3 - turn)
        world.complete("work")
    assert world.at() == ["after"]
    assert not world.machine.timers()


def test_what_a_cancelled_turn_had_begun_is_forgotten():
    node = e.each(d.call("step", "child"), "items", item="it", until="answer == 'yes'")
    world = repeated(node, files={"child/child.bpmn": CHILD})
    world.complete("work", answer="yes")
    assert world.at() == ["after"]
    assert not world.machine.timers()


@KINDS
def test_a_boundary_event_ends_all_turns(sequential):
    node = e.each(d.call("step", "child"), "items", item="it", sequential=sequential)
    world = repeated(
        node,
        e.boundary("stop", "step", e.message("stop")),
        d.user("stopped"),
        d.chain("stop", "stopped", "end"),
        files={"child/child.bpmn": CHILD},
        messages=["stop"],
    )
    world.complete("work")
    world.send("stop")
    assert world.at() == ["stopped"]
    assert not world.machine.timers()
    world.complete("stopped")
    assert world.machine.completed


@KINDS
def test_an_error_of_one_turn_reaches_the_event_on_the_repeated_step(sequential):
    inner = e.sub(
        "step",
        d.start("s"),
        d.user("work"),
        e.end("broken", e.error("broke")),
        d.chain("s", "work", "broken"),
    )
    world = repeated(
        e.each(inner, "items", item="it", sequential=sequential),
        e.boundary("b", "step", e.error("broke")),
        d.user("repair"),
        d.chain("b", "repair", "end"),
        declared=e.declared(errors=["broke"]),
    )
    world.complete("work")
    assert world.at() == ["repair"]


def test_a_repeated_job_waits_for_each():
    node = e.each(d.service("step", "x.y", **{"async": "true"}), "items", item="it")
    world = repeated(node)
    assert world.at() == ["step"] * 3
    for _ in ITEMS:
        world.complete("step")
    assert world.at() == ["after"]


def test_a_repeated_step_inside_a_loop_starts_anew_each_time():
    world = World(
        d.start(),
        d.exclusive("m"),
        e.each(d.user("step"), "items", item="it", result="out", results="outs", sequential=True),
        d.exclusive("x", "x_end"),
        d.end(),
        d.chain("start", "m", "step", "x"),
        d.flow("x", "m", "more"),
        d.flow("x", "end", id_="x_end"),
        data={"items": ["a", "b"], "more": True},
    )
    for turn in range(60):
        world.complete("step", out=turn)
        world.complete("step", out=turn)
    assert abs(world.sizes[-2] - world.sizes[22]) < 20
    assert world.data("step")["outs"] == []


def test_a_loop_goes_on_while_its_condition_holds():
    world = repeated(e.loop(d.user("step"), "more"))
    for _ in range(5):
        world.complete("step", more=True)
        assert world.at() == ["step"]
    world.complete("step", more=False)
    assert world.at() == ["after"]


def test_a_loop_with_a_number_stops_there():
    world = repeated(e.loop(d.service("step", "x.y"), maximum=4))
    assert len(world.called) == 4
    assert world.at() == ["after"]


def test_a_loop_without_end_is_stopped():
    with pytest.raises(LimitError, match="'step' wants more than 100 turns"):
        repeated(e.loop(d.service("step", "x.y"), "True"))
