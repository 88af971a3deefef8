"""A step repeated over the answer of a field: only a checklist has a list for an answer."""

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.linter.checking import around, check

_CHECKLIST = d.FORM.replace(
    b'"textfield", "key": "text"',
    b'"checklist", "values": [{"value": "a", "label": "A", "label.nl": "A", "label.de": "A"}],'
    b' "key": "text"',
)


def told(*steps, **more):
    findings = check(*around(*steps), **more)
    return [(f.element_id, f.severity, str(f.text)) for f in findings if f.rule == "repeat"]


def over(name):
    return ("u", d.user("u")), ("m", e.each(d.user("m"), name))


def test_a_step_repeated_over_a_text_is_warned_of():
    ((element, severity, words),) = told(*over("text"))
    assert (element, severity) == ("m", "warning")
    assert "“text”" in words


def test_a_checklist_is_a_list():
    assert told(*over("text"), files={"p/forms/any.form": _CHECKLIST}) == []


def test_what_a_script_makes_of_it_and_what_no_form_asks_is_left_in_peace():
    script = d.node("scriptTask", "s", "<bpmn:script>text = [text]</bpmn:script>")
    asked, repeated = over("text")
    assert told(asked, ("s", script), repeated) == []
    assert told(*over("machines")) == []
