"""An activity repeated over a list, where the library's own repetition fails."""

import pytest

from engine.spiff.repetition import MAX_REPEATS, RepeatError
from engine.spiff.workflow import LimitError
from tests.engine import diagrams as d
from tests.engine.spiff.test_machine import World


def repeated(*, sequential, named=False, gathers=False, data=None):
    """start -> ask (in a loop while `more`) -> each, for every one of `items` -> last."""
    repeat = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
        + "<bpmn:loopDataOutputRef>answers</bpmn:loopDataOutputRef>" * gathers
        + '<bpmn:inputDataItem id="each_item" name="item"/>' * named
        + '<bpmn:outputDataItem id="each_answer" name="answer"/>' * gathers
        + "</bpmn:multiInstanceLoopCharacteristics>"
    )
    return World(
        d.start(),
        d.exclusive("m"),
        d.user("ask"),
        d.node("userTask", "each", repeat),
        d.user("last"),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "ask", "each", "last", "x"),
        d.flow("x", "m", "more"),
        d.flow("x", "end", id_="out"),
        data={"more": True, **(data or {})},
    )


WAYS = pytest.mark.parametrize("sequential", [True, False])


def finish(world, **facts):
    for _ in range(20):
        if "each" not in world.at():
            break
        wait = world.machine.waiting()[0]
        world.again()
        world.machine.complete(wait.task_id, facts)


@WAYS
def test_a_repeated_step_survives_being_frozen_and_gathers_its_answers_again_at_each_turn(
    sequential,
):
    world = repeated(sequential=sequential, named=True, gathers=True, data={"answer": "outer"})
    for items in ([1, 2], [3], [4, 5, 6]):
        world.complete("ask", items=items)
        assert world.at() == (["each"] if sequential else ["each"] * len(items))
        seen = world.machine.task_data(world.machine.waiting()[0].task_id)
        assert (seen["item"], "answer" in seen) == (items[0], False)
        finish(world, answer="yes")
        data = world.machine.task_data(world.machine.waiting()[0].task_id)
        assert data["answers"] == ["yes"] * len(items)
        assert data["answer"] == "outer"
        assert "item" not in data
        world.complete("last")


@WAYS
def test_items_that_are_null_are_worked_on_like_any_other(sequential):
    world = repeated(sequential=sequential)
    world.complete("ask", items=[None, None])
    assert set(world.at()) == {"each"}
    finish(world)
    assert world.at() == ["last"]


def test_an_item_that_left_the_list_in_the_meantime_is_skipped():
    world = repeated(sequential=True)
    world.complete("ask", items=[1, 2, 3])
    world.complete("each", items=[])
    assert world.at() == ["last"]


@WAYS
def test_an_instance_that_gives_no_answer_counts_as_null(sequential):
    world = repeated(sequential=sequential, gathers=True)
    world.complete("ask", items=[1, 2])
    finish(world)
    assert world.machine.task_data(world.machine.waiting()[0].task_id)["answers"] == [None, None]


@WAYS
@pytest.mark.parametrize("items", ["text", {"a": 1}, 7, None])
def test_what_is_no_list_is_refused(sequential, items):
    world = repeated(sequential=sequential)
    with pytest.raises(RepeatError, match="'items' is not a list"):
        world.complete("ask", items=items)


@WAYS
def test_a_list_that_is_too_long_is_refused(sequential):
    world = repeated(sequential=sequential)
    with pytest.raises(LimitError, match="at most 500"):
        world.complete("ask", items=[0] * (MAX_REPEATS + 1))
