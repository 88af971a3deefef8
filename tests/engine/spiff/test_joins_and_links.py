import pytest

from engine.spiff.joins import merged
from engine.spiff.parser import parse
from engine.spiff.xml import read
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World


def two_branches(gateway="parallelGateway", data=None):
    return World(
        d.start(),
        d.node(gateway, "f"),
        d.user("a"),
        d.user("b"),
        d.node(gateway, "j"),
        d.user("after"),
        d.end(),
        d.chain("start", "f"),
        *(
            d.flow("f", branch, "True" if gateway == "inclusiveGateway" else None)
            for branch in "ab"
        ),
        d.chain("a", "j"),
        d.chain("b", "j", "after", "end"),
        data=data or {"n": 1, "list": [1]},
    )


@pytest.mark.parametrize("gateway", ["parallelGateway", "inclusiveGateway"])
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_branch_that_changed_nothing_does_not_undo_what_another_found_out(gateway, order):
    world = two_branches(gateway)
    world.complete(order[0], n=2, only=True)
    world.complete(order[1])
    assert world.data("after") == {"n": 2, "list": [1], "only": True}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_what_both_append_to_a_list_is_kept(order):
    world = two_branches()
    world.complete(order[0], list=[1, 2])
    world.complete(order[1], list=[1, 2, 3])
    assert world.data("after")["list"] == [1, 2, 2, 3]


def test_where_both_change_the_same_value_the_later_one_wins():
    world = two_branches()
    world.complete("b", n=5)
    world.complete("a", n=4)
    assert world.data("after")["n"] == 4


@pytest.mark.parametrize(
    ("base", "branches", "expected"),
    [
        ({}, [{}, {}], {}),
        ({"a": 1, "b": 2}, [{"b": 2}, {"a": 1, "b": 2}], {"b": 2}),
        ({"a": 1}, [{"a": 1, "x": [1]}, {"a": 1, "x": [2]}], {"a": 1, "x": [2]}),
        ({"a": [1, 2]}, [{"a": [1, 2, 3]}, {"a": [1]}], {"a": [1]}),
        ({"a": {"k": 1}}, [{"a": {"k": 2}}, {"a": {"k": 1}}], {"a": {"k": 2}}),
        ({"a": 1}, [{"a": 2}, {}], {}),
    ],
)
def test_branches_are_merged_against_what_they_began_with(base, branches, expected):
    assert merged(base, branches) == expected


def test_each_round_of_a_loop_joins_only_its_own_branches():
    world = World(
        d.start(),
        d.exclusive("m"),
        d.parallel("f"),
        d.user("a"),
        d.user("b"),
        d.parallel("j"),
        d.user("check"),
        d.exclusive("x", "x_end"),
        d.end(),
        d.chain("start", "m", "f", "a", "j", "check", "x"),
        d.chain("f", "b", "j"),
        d.flow("x", "m", "more"),
        d.flow("x", "end", id_="x_end"),
        data={"by_a": 0, "by_b": 0},
    )
    for turn in range(1, 31):
        first, second = ("a", "b") if turn % 2 else ("b", "a")
        world.complete(first, **{f"by_{first}": turn})
        if turn % 3:
            world.complete(second, **{f"by_{second}": turn})
        else:
            world.complete(second)
        expected = {f"by_{first}": turn}
        assert expected.items() <= world.data("check").items()
        world.complete("check", more=True)
    assert abs(world.sizes[-1] - world.sizes[20]) < 20  # digits of times


def test_a_join_of_three_branches_that_forked_in_two_places_is_not_pruned_away(monkeypatch):
    def story():
        world = World(
            d.start(),
            d.parallel("f"),
            d.user("a"),
            d.parallel("g"),
            d.user("b"),
            d.user("c"),
            d.parallel("j"),
            d.user("after"),
            d.end(),
            d.chain("start", "f", "a", "j", "after", "end"),
            d.chain("f", "g", "b", "j"),
            d.chain("g", "c", "j"),
        )
        world.complete("a", by_a=1)
        world.complete("b", by_b=1)
        world.complete("c", by_c=1)
        return world.at(), world.data("after")

    pruned = story()
    assert pruned == (["after"], {"by_a": 1, "by_b": 1, "by_c": 1})
    monkeypatch.setattr("engine.spiff.machine.prune", lambda _workflow: None)
    assert story() == pruned


def test_branches_that_end_apart_give_a_called_process_all_they_found_out():
    child = d.diagram(
        "child",
        d.start(),
        d.parallel("f"),
        d.user("a"),
        d.user("b"),
        d.end("ea"),
        d.end("eb"),
        d.chain("start", "f", "a", "ea"),
        d.chain("f", "b", "eb"),
    )
    world = World(
        d.start(),
        d.call("c", "child"),
        d.user("after"),
        d.end(),
        d.chain("start", "c", "after", "end"),
        files={"child/child.bpmn": child},
    )
    world.complete("a", by_a=1)
    world.complete("b", by_b=1)
    assert world.data("after") == {"by_a": 1, "by_b": 1}


LINKED = (
    d.start(),
    d.user("one"),
    e.throw("away", e.link("L")),
    e.catch("here", e.link("L")),
    d.user("two"),
    d.end(),
    d.chain("start", "one", "away"),
    d.chain("here", "two", "end"),
)


def test_a_link_leads_from_its_throw_to_the_catch_of_its_name():
    world = World(*LINKED)
    world.complete("one", n=1)
    assert world.at() == ["two"]
    assert world.data("two") == {"n": 1}
    assert [item for item in world.done() if item != "one"] == ["away", "here"]


def test_several_throws_may_lead_to_one_catch_and_make_a_loop():
    world = World(
        d.start(),
        e.throw("in", e.link("again")),
        e.catch("here", e.link("again")),
        d.user("work"),
        d.exclusive("x", "x_end"),
        e.throw("back", e.link("again")),
        d.end(),
        d.chain("start", "in"),
        d.chain("here", "work", "x"),
        d.flow("x", "back", "more"),
        d.flow("x", "end", id_="x_end"),
    )
    for _ in range(120):
        world.complete("work", more=True)
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    world.complete("work", more=False)
    assert world.machine.completed


def test_reading_a_link_leaves_the_file_as_it_was():
    raw = d.diagram("p", *LINKED)
    parse({"p/p.bpmn": raw}, "p")
    assert len(read(raw).findall(".//{*}linkEventDefinition")) == 2


def test_an_inclusive_join_waits_for_a_called_process_and_not_for_ways_nobody_took():
    child = d.diagram("child", d.start(), d.user("work"), d.end(), d.chain("start", "work", "end"))
    world = World(
        d.start(),
        d.node("inclusiveGateway", "f", default="never"),
        d.user("a"),
        d.call("b", "child"),
        d.user("c"),
        d.node("inclusiveGateway", "j"),
        d.user("after"),
        d.end(),
        d.chain("start", "f"),
        d.flow("f", "a", "True"),
        d.flow("f", "b", "True"),
        d.flow("f", "c", id_="never"),
        d.chain("a", "j", "after", "end"),
        d.chain("b", "j"),
        d.chain("c", "j"),
        files={"child/child.bpmn": child},
    )
    world.complete("a", by_a=1)
    assert world.at() == ["work"]
    world.complete("work", by_b=1)
    assert world.data("after") == {"by_a": 1, "by_b": 1}


@pytest.mark.parametrize("gateway", ["parallelGateway", "inclusiveGateway"])
def test_a_join_in_a_loop_waits_in_every_round_while_another_branch_is_open(monkeypatch, gateway):
    def story():
        when = "True" if gateway == "inclusiveGateway" else None
        world = World(
            d.start(),
            d.parallel("outer"),
            d.user("aside"),
            d.end("aside_end"),
            d.exclusive("m"),
            d.node(gateway, "f"),
            d.user("a"),
            d.user("b"),
            d.node(gateway, "j"),
            d.user("check"),
            d.chain("start", "outer", "aside", "aside_end"),
            d.chain("outer", "m", "f"),
            d.flow("f", "a", when),
            d.flow("f", "b", when),
            d.chain("a", "j", "check", "m"),
            d.chain("b", "j"),
        )
        trace = []
        for turn in range(25):
            for step in ("a", "b", "check") if turn % 2 else ("b", "a", "check"):
                world.complete(step, n=turn)
                trace.append(world.at())
        return trace, world.sizes

    trace, sizes = story()
    assert trace[:3] == [["a", "aside"], ["aside", "check"], ["a", "aside", "b"]]
    assert trace[3:6] == [["aside", "b"], ["aside", "check"], ["a", "aside", "b"]]
    assert abs(sizes[-1] - sizes[38]) < 20
    monkeypatch.setattr("engine.spiff.machine.prune", lambda _workflow: None)
    assert story()[0] == trace


def test_processes_called_in_processes_are_forgotten_with_their_turn_of_a_loop():
    files = {}
    for name, inner in (("one", "two"), ("two", "three")):
        parts = (d.start(), d.call("c", inner), d.end(), d.chain("start", "c", "end"))
        files[f"{name}/{name}.bpmn"] = d.diagram(name, *parts)
    files["three/three.bpmn"] = d.diagram(
        "three", d.start(), d.user("work"), d.end(), d.chain("start", "work", "end")
    )
    world = World(
        d.start(),
        d.exclusive("m"),
        d.call("c", "one"),
        d.chain("start", "m", "c", "m"),
        files=files,
    )
    for _ in range(30):
        world.complete("work")
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times


BRANCHES = (d.user("a"), d.user("b"), d.parallel("j"), d.user("after"), d.end())
TWO_WAYS = (d.chain("f", "a", "j", "after", "end"), d.chain("f", "b", "j"))
FORKING = {
    "a step": (d.user("f"), "f"),
    "a step done for each item": (e.each(d.user("f"), "list", item="item"), "f"),
    "a subprocess": (
        e.sub("f", d.start("s1"), d.user("inner"), d.end("e1"), d.chain("s1", "inner", "e1")),
        "inner",
    ),
    "a step with a reminder": (
        d.user("f")
        + d.boundary("t", "f", d.duration("PT1H"), interrupting=False)
        + d.end("reminded")
        + d.chain("t", "reminded"),
        "f",
    ),
}


@pytest.mark.parametrize("case", FORKING)
def test_two_flows_that_leave_a_step_are_both_taken_and_join_again(case):
    step, first = FORKING[case]
    world = World(
        d.start(), step, d.chain("start", "f"), *BRANCHES, *TWO_WAYS, data={"n": 1, "list": [1]}
    )
    world.complete(first)
    assert world.at() == ["a", "b"]
    world.complete("b", n=2)
    world.complete("a", only=True)
    assert (world.at(), world.data("after")) == (["after"], {"n": 2, "list": [1], "only": True})
    world.complete("after")
    assert world.at() == []


def test_two_flows_that_leave_a_catching_event_are_both_taken():
    world = World(d.start(), d.timer("f", "PT1H"), d.chain("start", "f"), *BRANCHES, *TWO_WAYS)
    world.later(hours=1)
    assert world.at() == ["a", "b"]


def test_two_flows_that_leave_a_boundary_event_are_both_taken():
    world = World(
        d.start(),
        d.user("u"),
        d.boundary("f", "u", d.duration("PT1H")),
        d.chain("start", "u", "end"),
        *BRANCHES,
        *TWO_WAYS,
    )
    world.later(hours=1)
    assert world.at() == ["a", "b"]
