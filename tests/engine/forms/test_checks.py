import pytest

from engine.forms.checks import check_form


@pytest.fixture
def findings_of(form_of):
    def check(*components, **options):
        return [
            (finding.key, finding.rule, finding.severity)
            for finding in check_form(form_of(*components), **options)
        ]

    return check


TRANSLATED = {"label.nl": "Woord", "label.de": "Wort"}


def test_a_complete_form_gives_no_findings(findings_of, field):
    choice = field(
        "radio",
        properties=TRANSLATED | {"option.a.nl": "A", "option.a.de": "A"},
        values=[{"value": "a", "label": "A"}],
        defaultValue="a",
    )
    heading = {"type": "text", "id": "t", "text": "Hi", "properties": TRANSLATED}
    assert findings_of(choice, heading, lookups=()) == []


@pytest.mark.parametrize(
    ("more", "rule", "severity"),
    [
        ({"label": ""}, "label", "error"),
        ({"properties": {"label.nl": "Woord"}}, "translation", "warning"),
        ({"properties": TRANSLATED, "description": "Hint"}, "translation", "warning"),
        ({"properties": TRANSLATED, "hide": "=case = null"}, "condition", "warning"),
        (
            {"properties": TRANSLATED, "validate": {"minLength": 5, "maxLength": 4}},
            "range",
            "error",
        ),
        ({"properties": TRANSLATED, "validate": {"min": 5, "max": 4}}, "range", "error"),
        ({"properties": TRANSLATED, "defaultValue": "x\x00"}, "default", "error"),
    ],
)
def test_what_a_field_lacks_is_said(findings_of, field, more, rule, severity):
    assert findings_of(field("textfield", **more)) == [("value", rule, severity)]


def test_a_choice_names_what_there_is(findings_of, field):
    missing = field("select", properties=TRANSLATED | {"options": "teams", "parent": "nobody"})
    found = findings_of(missing, lookups={"queues"})
    assert found == [("value", "parent", "error"), ("value", "options", "error")]


def test_the_default_of_a_choice_is_one_of_its_options(findings_of, field):
    values = [{"value": "a", "label": "A", "label.nl": "A", "label.de": "A"}]
    wrong = field("radio", properties=TRANSLATED, values=values, defaultValue="z")
    assert findings_of(wrong) == [("value", "default", "error")]


def test_a_text_without_words_is_a_fault(findings_of):
    assert findings_of({"type": "text", "id": "t"}) == [("t", "label", "error")]
