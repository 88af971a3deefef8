"""What the rules let pass runs as the rules have read it."""

from tests.engine import diagrams as d
from tests.engine.hostile.parts import repeated


def test_a_flow_of_another_language_is_not_followed(world):
    world.deploy(
        main=d.diagram(
            "main",
            *(d.start(), d.user("u"), d.user("v"), d.user("w"), d.end()),
            d.chain("start", "u", "v", "w", "end"),
            "<x:sequenceFlow xmlns:x='urn:x' id='q' sourceRef='u' targetRef='w'/>",
        )
    )
    world.start()
    world.complete("u", text="a")
    assert world.at() == ["v"]


def test_the_name_of_a_list_may_stand_on_a_line_of_its_own(world):
    steps = repeated("<bpmn:loopDataInputRef>\n  items\n</bpmn:loopDataInputRef>")
    world.deploy(main=d.diagram("main", *steps))
    world.start(items=["a", "b"])
    assert world.at() == ["each", "each"]


def test_a_remark_in_a_condition_hides_nothing(world):
    asked = d.flow("x", "u", "kind == 'a' <!-- and only then --> and late")
    world.deploy(
        main=d.diagram(
            "main",
            *(d.start(), d.exclusive("x", "o"), d.user("u"), d.user("v"), d.end()),
            *(d.flow("start", "x"), asked, d.flow("x", "v", id_="o")),
            *(d.flow("u", "end"), d.flow("v", "end")),
        )
    )
    world.start(kind="a", late=False)
    assert world.at() == ["v"]
