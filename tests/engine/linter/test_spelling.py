"""A condition that reads what nearly has the name of a value: a slip of the pen."""

import pytest

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.linter.checking import check


def reading(condition, *before):
    return (
        d.start(),
        *before,
        d.user("u"),
        d.exclusive("g", "g_no"),
        d.end("yes"),
        d.end("no"),
        d.flow("g", "yes", condition),
        d.flow("g", "no"),
        d.chain("start", "u", "g"),
    )


def slips(*parts):
    return [(f.element_id, f.severity) for f in check(*parts) if f.rule == "spelling"]


def test_a_name_that_differs_by_a_letter_from_a_field_is_warned_of():
    (finding,) = [f for f in check(*reading("textt == 'a'")) if f.rule == "spelling"]
    assert (finding.element_id, finding.severity) == ("g_yes", "warning")
    assert finding.text == "Nothing in the files sets “textt”; is “text” meant?"


@pytest.mark.parametrize("condition", ["text == 'a'", "colour == 'a'", "text =="])
def test_names_that_are_set_and_names_like_no_other_are_left_in_peace(condition):
    assert slips(*reading(condition)) == []


def test_what_scripts_and_messages_set_is_known():
    script = d.node("scriptTask", "s", "<bpmn:script>amount = 1\nammount = 2</bpmn:script>")
    parts = reading("ammount > 1", script)
    assert slips(*parts[:-1], d.chain("start", "s", "u", "g")) == []
    listening = e.handler("es", e.message("m", variable="answers"), "read")
    heard = check(*reading("answer == 1"), listening, messages=["m"])
    assert [f.element_id for f in heard if f.rule == "spelling"] == ["g_yes"]
