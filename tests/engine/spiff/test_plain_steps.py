import pytest

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World


@pytest.mark.parametrize("tag", ["task", "manualTask"])
def test_a_step_done_by_hand_waits_until_somebody_says_it_is_done(tag):
    world = World(d.start(), d.node(tag, "t"), d.end(), d.chain("start", "t", "end"))
    assert world.at() == ["t"]
    world.complete("t")
    assert world.machine.completed


def test_a_script_task_sets_what_its_lines_say():
    script = "<bpmn:script>n = m + 1\nfar = n &gt; 5</bpmn:script>"
    world = World(
        d.start(),
        d.node("scriptTask", "s", script),
        d.user("u"),
        d.end(),
        d.chain("start", "s", "u", "end"),
        data={"m": 5},
    )
    assert world.data("u") == {"m": 5, "n": 6, "far": True}


def choosing(default):
    return (
        d.start(),
        d.user("u"),
        d.exclusive("x", "dflt" if default else None),
        d.user("a"),
        d.user("b"),
        d.end(),
        d.chain("start", "u", "x"),
        d.flow("x", "a", "n == 1"),
        d.flow("x", "b", None if default else "n == 2", id_="dflt"),
        d.chain("a", "end"),
        d.chain("b", "end"),
    )


@pytest.mark.parametrize(("n", "expected"), [(1, "a"), (3, "b")])
def test_an_exclusive_gateway_takes_the_flow_whose_condition_holds_or_the_default(n, expected):
    world = World(*choosing(default=True))
    world.complete("u", n=n)
    assert world.at() == [expected]


def test_an_exclusive_gateway_without_a_match_and_a_default_fails_the_step():
    world = World(*choosing(default=False))
    with pytest.raises(Exception, match="No conditions satisfied"):
        world.complete("u", n=3)


def test_an_embedded_subprocess_shares_the_data_of_the_process_and_gives_its_own_back():
    world = World(
        d.start(),
        e.sub("i", d.start("s"), d.user("work"), d.end("f"), d.chain("s", "work", "f")),
        d.user("after"),
        d.end(),
        d.chain("start", "i", "after", "end"),
        data={"m": 5},
    )
    assert world.data("work") == {"m": 5}
    world.complete("work", n=6)
    assert world.data("after") == {"m": 5, "n": 6}


def test_an_event_that_throws_nothing_is_passed():
    world = World(
        d.start(), e.throw("t", ""), d.user("u"), d.end(), d.chain("start", "t", "u", "end")
    )
    assert world.at() == ["u"]
    assert "t" in world.done()


def test_a_called_process_that_names_its_inputs_and_outputs_gets_and_gives_only_those():
    names = (
        '<bpmn:ioSpecification><bpmn:dataInput id="given" name="given"/>'
        '<bpmn:dataOutput id="found" name="found"/>'
        "<bpmn:inputSet><bpmn:dataInputRefs>given</bpmn:dataInputRefs></bpmn:inputSet>"
        "<bpmn:outputSet><bpmn:dataOutputRefs>found</bpmn:dataOutputRefs></bpmn:outputSet>"
        "</bpmn:ioSpecification>"
    )
    child = d.diagram(
        "child", names, d.start(), d.user("work"), d.end(), d.chain("start", "work", "end")
    )
    world = World(
        d.start(),
        d.call("c", "child"),
        d.user("after"),
        d.end(),
        d.chain("start", "c", "after", "end"),
        data={"given": 1, "secret": 2},
        files={"child/child.bpmn": child},
    )
    assert world.data("work") == {"given": 1}
    world.complete("work", found=3, more=4)
    assert world.data("after") == {"given": 1, "secret": 2, "found": 3}


def test_a_pre_script_sets_data_for_its_step_and_a_post_script_for_what_follows():
    scripts = (
        "<spiffworkflow:preScript>before = m + 1</spiffworkflow:preScript>"
        "<spiffworkflow:postScript>after_it = before + 1</spiffworkflow:postScript>"
    )
    world = World(
        d.start(),
        d.node("userTask", "u", d.extensions(scripts)),
        d.user("next"),
        d.end(),
        d.chain("start", "u", "next", "end"),
        data={"m": 1},
    )
    assert world.data("u") == {"m": 1, "before": 2}
    world.complete("u")
    assert world.data("next") == {"m": 1, "before": 2, "after_it": 3}


def test_an_asynchronous_service_task_is_told_as_over_only_once_its_job_is():
    world = World(
        d.start(),
        d.service("slow", "x.slow", **{"async": "true"}),
        d.user("u"),
        d.end(),
        d.chain("start", "slow", "u", "end"),
    )
    assert world.done() == ["start"]
    (wait,) = world.machine.waiting()
    world.again().complete(wait.task_id, {})
    assert world.done() == ["slow"]


@pytest.mark.parametrize("name", ["", "  \n"])
def test_a_step_with_an_empty_name_is_called_by_its_id(name):
    world = World(d.start(), d.user("u").replace('name="u"', f'name="{name}"'), d.end(),
                  d.chain("start", "u", "end"))  # fmt: skip
    assert world.bundle.elements["p", "u"].name == "u"
