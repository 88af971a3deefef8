import json

import pytest

from engine.forms.definition import FormDefinition, FormError
from engine.forms.options import Option


def refused(raw):
    if not isinstance(raw, bytes):
        raw = json.dumps(raw).encode()
    with pytest.raises(FormError) as error:
        FormDefinition.parse(raw, name="x/forms/y.form")
    return error.value.findings


def rules(*components):
    return [(finding.key, finding.rule) for finding in refused({"components": list(components)})]


INPUT = {"type": "textfield", "key": "a", "label": "A"}


def test_a_form_knows_its_fields_its_drivers_and_its_title(request_form):
    assert list(request_form.fields) == [
        "category",
        "subcategory",
        "part",
        "amount",
        "urgent",
        "why",
    ]
    assert request_form.drivers == {"category", "subcategory", "urgent"}
    assert request_form.title("nl_NL") == "Vraag"
    assert request_form.title("de") == "Ask"


def test_words_come_in_three_languages(form_of, field):
    form = form_of(
        field(
            "radio",
            "kind",
            label="Kind",
            description="Choose",
            values=[
                {"value": "a", "label": "One", "label.nl": "Een", "description": "First"},
                {"value": 2, "label": "Two"},
            ],
            properties={"label.nl": "Soort", "description.de": "Wählen", "option.2.de": "Zwei"},
        ),
        {"type": "text", "text": "Hello", "properties": {"label.nl": "Hallo"}},
    )
    kind = form.fields["kind"]
    assert [kind.label.pick(each) for each in ("en", "nl", "de", "fr")] == [
        "Kind",
        "Soort",
        "Kind",
        "Kind",
    ]
    assert kind.description.pick("de-AT") == "Wählen"
    assert [option.text("nl") for option in kind.options] == ["Een", "Two"]
    assert [option.text("de") for option in kind.options] == ["One", "Zwei"]
    assert kind.options[0].second_line("nl") == "First"
    assert form.flat[1].label.pick("nl") == "Hallo"


def test_an_option_without_words_shows_its_value():
    assert Option("7").text("en") == "7"
    assert Option("7", labels={"nl": "Zeven", "en": "Seven"}).text("de") == "Seven"


def test_layout_comes_from_our_property_or_the_editors_sixteenths(form_of, field):
    form = form_of(
        field("textfield", "a", properties={"columns": "4"}),
        field("textfield", "b", layout={"columns": 8}),
        field("textfield", "c", layout={"columns": None}),
        field("textfield", "d", properties={"columns": 3}, layout={"columns": 8}),
    )
    assert [form.fields[key].columns for key in "abcd"] == [4, 6, 12, 3]


def test_hidden_fields_count_as_not_filled_in(request_form):
    def ids(values):
        return [part.id for part in request_form.visible(values)]

    assert ids({}) == ["category", "amount", "urgent"]
    assert ids({"category": "damage"}) == ["category", "subcategory", "amount", "urgent"]
    everything = {"category": "damage", "subcategory": "tank", "urgent": True}
    assert len(ids(everything)) == 6
    assert "part" not in ids(everything | {"category": "other"})


def test_a_group_hides_what_is_in_it(form_of, field):
    form = form_of(
        {
            "type": "group",
            "id": "more",
            "label": "More",
            "conditional": {"hide": "=not(show)"},
            "components": [field("textfield", "inner"), {"type": "text", "text": "Hi"}],
        },
        field("checkbox", "show"),
    )
    assert [part.id for part in form.visible({})] == ["show"]
    shown = [part.type for part in form.visible({"show": True})]
    assert shown == ["group", "textfield", "text", "checkbox"]
    assert form.drivers == {"show"}


@pytest.mark.parametrize(
    "kind",
    ["button", "html", "expression", "filepicker", "taglist", "dynamiclist", "table", "iframe", ""],
)
def test_an_unsupported_component_is_refused_by_name(kind):
    findings = refused({"components": [{"type": kind, "key": "a", "id": "field_a"}]})
    assert findings[0].rule == "type"
    assert f"“{kind}” is not supported" in findings[0].text
    assert "textfield" in findings[0].text


@pytest.mark.parametrize(
    "key",
    ["", "1a", "a-b", "a.b", "_a", "a b", "csrf_token", "typename", "parent", "null", "x" * 61],
)
def test_a_key_is_a_plain_name(key):
    assert [rule for _, rule in rules(INPUT | {"key": key})] == ["key"]


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"conditional": {"hide": "=a ="}}, "condition"),
        ({"conditional": {"hide": "=a"}}, "circle"),
        ({"conditional": []}, "value"),
        ({"validate": {"pattern": "(a+)+\\1"}}, "pattern"),
        ({"validate": {"pattern": "(?=a)"}}, "pattern"),
        ({"validate": {"maxLength": "many"}}, "value"),
        ({"validate": {"maxLength": 10**6}}, "value"),
        ({"validate": {"maxLength": True}}, "value"),
        ({"validate": {"min": [1]}}, "value"),
        ({"validate": {"validationType": "iban"}}, "value"),
        ({"label": 7}, "value"),
        ({"label": "a\x00"}, "value"),
        ({"label": "\ud800"}, "value"),
        ({"label": "x" * 5_001}, "value"),
        ({"label": "=name"}, "template"),
        ({"label": "Hello {{name}}"}, "template"),
        ({"properties": {"columns": 7}}, "value"),
        ({"properties": {"style": "fancy"}}, "value"),
        ({"properties": {"style": "choice"}}, "value"),
        ({"properties": {"autocomplete": "cc-number"}}, "value"),
        ({"properties": {"rows": 1000}}, "value"),
        ({"properties": "x"}, "value"),
        ({"readonly": True}, "readonly"),
        ({"disabled": True}, "readonly"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(more, rule):
    assert rule in [rule for _, rule in rules(INPUT | more)]


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({}, "options"),
        ({"values": [{"value": "a"}], "properties": {"options": "x"}}, "options"),
        ({"values": [{"value": "a"}], "properties": {"parent": "x"}}, "options"),
        ({"values": [{"value": "a"}, {"value": " a "}]}, "option"),
        ({"values": [{"value": ""}]}, "option"),
        ({"values": [{"value": None}]}, "option"),
        ({"values": [{"value": "\ud800"}]}, "option"),
        ({"values": ["a"]}, "value"),
        ({"values": [{"value": str(n)} for n in range(501)]}, "size"),
    ],
)
def test_what_is_wrong_with_a_choice_is_said(more, rule):
    found = [rule for _, rule in rules({"type": "select", "key": "a", "label": "A"} | more)]
    assert rule in found


def test_a_checklist_cannot_be_segmented():
    values = {"values": [{"value": "a"}], "properties": {"style": "segmented"}}
    assert rules({"type": "checklist", "key": "a", "label": "A"} | values) == [("a", "value")]


def test_only_days_can_be_picked():
    assert rules({"type": "datetime", "key": "a", "subtype": "time"}) == [("a", "type")]


def test_every_fault_is_named_once_with_its_field():
    first = INPUT | {"conditional": {"hide": "=("}}
    again = INPUT | {"type": "number"}
    assert rules(first, again, {"type": "button", "id": "b"}) == [
        ("a", "condition"),
        ("a", "key"),
        ("b", "type"),
    ]


def test_fields_that_wait_for_each_other_are_refused():
    one = INPUT | {"conditional": {"hide": '=b = "x"'}}
    other = INPUT | {"key": "b", "conditional": {"hide": '=a = "x"'}}
    [finding] = refused({"components": [one, other]})
    assert finding.rule == "circle"
    assert "→" in finding.text


def test_a_field_may_not_decide_about_the_group_it_is_in():
    group = {"type": "group", "conditional": {"hide": "=a"}, "components": [INPUT]}
    assert rules(group) == [("a", "circle")]


def deep(levels):
    source = INPUT
    for level in range(levels):
        source = {"type": "group", "id": f"g{level}", "components": [source]}
    return source


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"components": NaN}',
        b'{"components": 1}',
        b'{"components": [1]}',
        b'{"components": []}',
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"components": [{"type": "number", "key": "a", "decimalDigits": ' + b"9" * 5_000 + b"}]}",
        b" " * 300_000,
        json.dumps({"components": [INPUT | {"key": f"k{n}"} for n in range(201)]}).encode(),
        json.dumps({"components": [deep(6)]}).encode(),
        json.dumps({"components": [{"type": ["text"]}]}).encode(),
        json.dumps(
            {"components": [{"type": "text", "text": "x", "id": {"a": 1}}], "title": 1}
        ).encode(),
    ],
    ids=range(18),
)
def test_what_is_no_form_is_refused_with_a_finding(raw):
    findings = refused(raw)
    assert findings
    assert all(finding.text.endswith(".") for finding in findings)


def test_all_groups_together_have_a_largest_size():
    def group(name):
        inner = [INPUT | {"key": f"{name}{place}"} for place in range(150)]
        return {"type": "group", "id": name, "components": inner}

    assert [rule for _, rule in rules(group("g"), group("h"))] == ["size"]


def test_a_static_part_gets_an_id_where_it_has_none_of_use(form_of):
    form = form_of({"type": "text", "text": "Hi", "id": "no id!"}, {"type": "text", "text": "Ho"})
    assert [part.id for part in form.flat] == ["text_1", "text_2"]


def test_a_condition_that_cannot_be_worked_out_does_not_hide(form_of, field):
    form = form_of(field("textfield", "a", hide="=[big]"))
    assert form.visible({"big": 10**400}) == form.flat


def test_the_error_names_the_file_and_the_first_fault():
    with pytest.raises(FormError, match=r"a\.form, a: The key “a” is used twice"):
        FormDefinition.parse(json.dumps({"components": [INPUT, INPUT]}).encode(), name="a.form")
