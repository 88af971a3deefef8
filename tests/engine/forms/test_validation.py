from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from engine.forms.validation import as_entered, initial, refresh, validate


def codes(bound):
    return {key: [problem.code for problem in problems] for key, problems in bound.problems.items()}


@pytest.fixture
def value_of(form_of, field):
    """The value and the problem codes of one input for what was sent."""

    def check(kind, sent, **more):
        bound = validate(form_of(field(kind, **more)), {"value": sent}, {})
        return bound.values.get("value"), codes(bound).get("value", [])

    return check


GOOD = {"category": ["damage"], "subcategory": ["tank"], "part": [" CU-38 "], "amount": ["38,50"]}


def test_a_good_entry_becomes_typed_values(request_form, lookups):
    bound = validate(request_form, GOOD, lookups, "en")
    assert bound.ok
    assert bound.values == {
        "category": "damage",
        "subcategory": "tank",
        "part": "CU-38",
        "amount": 38.5,
        "urgent": False,
    }


def test_hidden_fields_are_dropped_and_unknown_names_ignored(request_form, lookups):
    sent = GOOD | {"category": ["other"], "why": ["because it is"], "status": ["closed"]}
    bound = validate(request_form, sent, lookups)
    assert bound.ok
    assert bound.values == {"category": "other", "amount": 38.5, "urgent": False}
    assert bound.shown == {"category", "amount", "urgent"}


def test_an_option_of_another_parent_is_refused(request_form, lookups):
    bound = validate(request_form, GOOD | {"subcategory": ["late"]}, lookups)
    assert codes(bound) == {"subcategory": ["option"]}
    assert "part" not in bound.values
    assert [option.value for option in bound.options["subcategory"]] == ["tank", "box"]


def test_what_is_asked_must_be_answered_in_the_readers_words(request_form, lookups, form_of, field):
    bound = validate(request_form, {"urgent": ["true"]}, lookups)
    assert codes(bound) == {"category": ["choose"]}
    assert bound.values == {"amount": None, "urgent": True, "why": None}
    form = form_of(
        field("textfield", "name", validate={"required": True}, properties={"label.nl": "Naam"})
    )
    [problem] = validate(form, {}, {}, "nl").problems["name"]
    assert problem.params == {"label": "Naam"}


def test_a_multidict_is_read_with_all_its_values(form_of, field):
    form = form_of(field("checklist", values=[{"value": each} for each in "abc"]))
    sent = MultiDict([("value", "c"), ("value", "a"), ("value", "c")])
    assert validate(form, sent, {}).values == {"value": ["a", "c"]}


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("textfield", ["  two \r\n words\t"], "two words"),
        ("textfield", ["   "], None),
        ("textfield", [], None),
        ("textfield", ["e\u0301"], "é"),
        ("textarea", ["one\r\ntwo\rthree\n\n"], "one\ntwo\nthree"),
        ("number", [" 12 "], 12),
        ("number", ["1,5"], 1.5),
        ("number", [""], None),
        ("checkbox", ["on"], True),
        ("checkbox", ["false"], False),
        ("checkbox", [], False),
        ("datetime", ["2026-11-22"], "2026-11-22"),
        ("datetime", [""], None),
    ],
)
def test_values_are_trimmed_and_typed(value_of, kind, sent, value):
    found, problems = value_of(kind, sent)
    assert problems == []
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "sent", "validate", "code"),
    [
        ("textfield", "", {"required": True}, "required"),
        ("textfield", " \u00a0 ", {"required": True}, "required"),
        ("textfield", "x" * 1_001, {}, "too_long"),
        ("textfield", "abc", {"maxLength": 2}, "too_long"),
        ("textfield", "ab", {"minLength": 3}, "too_short"),
        ("textfield", "ab", {"pattern": "^[0-9]+$"}, "pattern"),
        ("textfield", "ab", {"validationType": "email"}, "email"),
        ("textfield", "ab", {"validationType": "phone"}, "phone"),
        ("textarea", "x" * 20_001, {}, "too_long"),
        ("number", "", {"required": True}, "required"),
        ("number", "abc", {}, "number"),
        ("number", "nan", {}, "number"),
        ("number", "1" * 400, {}, "number"),
        ("number", "1.2345678", {}, "digits"),
        ("number", "1", {"min": 1.5}, "too_small"),
        ("number", "2", {"max": 1}, "too_large"),
        ("checkbox", "", {"required": True}, "tick"),
        ("datetime", "tomorrow", {}, "date"),
        ("datetime", "2026-13-01", {}, "date"),
        ("datetime", "", {"required": True}, "required"),
    ],
)
def test_what_does_not_fit_is_a_problem(value_of, kind, sent, validate, code):
    value, problems = value_of(kind, [sent], validate=validate)
    assert value is None
    assert problems == [code]


def test_whole_numbers_are_asked_for_by_name(value_of):
    assert value_of("number", ["1.5"], decimalDigits=0) == (None, ["whole"])
    assert value_of("number", ["1.0"], decimalDigits=0) == (1, [])


@pytest.mark.parametrize(
    "sent",
    [
        "nul\x00",
        "half \ud800",
        "half \udfff letter",
        "bell\x07",
        "delete\x7f",
        "escape\x1b[31m",
        "not a letter \uffff",
        "form\x0cfeed",
    ],
)
@pytest.mark.parametrize("kind", ["textfield", "textarea", "number", "datetime"])
def test_characters_that_cannot_be_stored_are_a_problem(form_of, field, kind, sent):
    bound = validate(form_of(field(kind)), {"value": [sent]}, {})
    assert codes(bound)["value"][0] == "characters"
    assert "value" not in bound.values
    bound.entered["value"][0].encode()


def test_a_huge_entry_is_a_problem_and_is_not_sent_back_whole(form_of, field):
    bound = validate(form_of(field("textarea")), {"value": ["a" * 5_000_000]}, {})
    assert "too_long" in codes(bound)["value"]
    assert len(bound.entered["value"][0]) == 100_000


def test_thousands_of_entries_are_not_all_read(form_of, field):
    form = form_of(field("checklist", values=[{"value": "a"}]))
    bound = validate(form, {"value": ["b"] * 100_000}, {})
    assert codes(bound) == {"value": ["option"]}


@pytest.mark.parametrize(
    "raw",
    [{}, {"value": None}, {"value": 5}, {"value": [None, 3]}, {"value": {"a": 1}}, {"value": b"x"}],
)
def test_a_strange_mapping_is_read_as_nothing(form_of, field, raw):
    assert validate(form_of(field("textfield")), raw, {}).values == {"value": None}


def test_a_single_text_is_one_entry(form_of, field):
    assert validate(form_of(field("textfield")), {"value": "x"}, {}).values == {"value": "x"}


def test_a_missing_option_list_offers_nothing(request_form):
    bound = validate(request_form, GOOD, {})
    assert codes(bound) == {"category": ["option"]}


def test_an_option_list_sees_what_was_entered_so_far(form_of, field):
    asked = []
    lookups = {"things": lambda values: asked.append(values) or []}
    form = form_of(
        field("textfield", "where"),
        field("radio", "thing", properties={"options": "things", "parent": "where"}),
    )
    validate(form, {"where": ["desk"]}, lookups, context={"type": "action", "where": "x"})
    assert asked == [{"where": "desk", "parent": "desk", "type": "action"}]


def test_a_condition_may_read_the_case(form_of, field):
    form = form_of(field("textfield", "code", hide='=type = "comment"'))
    sent = {"code": ["7"]}
    assert validate(form, sent, {}, context={"type": "comment"}).values == {}
    assert validate(form, sent, {}, context={"type": "action"}).values == {"code": "7"}
    assert validate(form, sent, {}).values == {"code": "7"}


def test_a_refresh_judges_nothing_and_forgets_options_that_no_longer_fit(request_form, lookups):
    sent = GOOD | {"category": ["delivery"], "amount": ["many"]}
    bound = refresh(request_form, sent, lookups)
    assert bound.problems == {}
    assert bound.entered["amount"] == ["many"]
    assert bound.entered["subcategory"] == []
    assert [option.value for option in bound.options["subcategory"]] == ["late"]
    assert "amount" not in bound.values


def test_a_question_that_is_new_on_the_page_begins_with_its_default(form_of, field):
    form = form_of(
        field("checkbox", "more"),
        field("radio", "level", hide="=not(more)", values=[{"value": "a"}], defaultValue="a"),
        field("checkbox", "mail", defaultValue=True),
    )
    first = refresh(form, {"more": ["true"], "_seen": ["more", "mail"]}, {})
    assert first.values == {"more": True, "level": "a", "mail": False}
    second = refresh(form, {"more": ["true"], "_seen": ["more", "level", "mail"]}, {})
    assert second.values["level"] is None


def test_a_form_opens_with_known_values_else_with_defaults(request_form, lookups, form_of, field):
    bound = initial(request_form, {"category": "damage", "amount": 0.1, "urgent": True}, lookups)
    assert bound.problems == {}
    assert bound.entered == {
        "category": ["damage"],
        "subcategory": [],
        "amount": ["0.1"],
        "urgent": ["true"],
        "why": [""],
    }
    form = form_of(
        field("number", "n", defaultValue=3),
        field("checklist", "tags", values=[{"value": "a"}, {"value": "b"}], defaultValue=["b"]),
        field("datetime", "day"),
    )
    opened = initial(form, {"day": date(2026, 11, 22)}, {})
    assert opened.values == {"n": 3, "tags": ["b"], "day": "2026-11-22"}


KINDS = ["textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "datetime"]
CONDITIONS = ["={} = null", '={} = "a"', "=not({})", "=count({}) > 1", "={} > 3"]
TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["a", "b", "5", "1,5", "2026-01-31", "true", "on", "", " ", "\x00", "\ud800"]),
    st.characters(categories=["Cs", "Cc", "Cn"]),
)
SENT = st.dictionaries(
    st.sampled_from(["f0", "f1", "f2", "f3", "f4", "other", "_seen"]), st.lists(TEXT, max_size=3)
)


@st.composite
def components(draw):
    found = []
    for place in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(KINDS))
        source = {"type": kind, "key": f"f{place}", "label": f"F{place}"}
        if kind in {"radio", "select", "checklist"}:
            source["values"] = [{"value": "a"}, {"value": "b"}]
        if place and draw(st.booleans()):
            before = f"f{draw(st.integers(0, place - 1))}"
            hide = draw(st.sampled_from(CONDITIONS)).format(before)
            source["conditional"] = {"hide": hide}
        source["validate"] = draw(
            st.sampled_from([{}, {"required": True}, {"min": 2, "max": 9, "maxLength": 4}])
        )
        found.append(source)
    return draw(st.permutations(found))


@settings(max_examples=300, deadline=None)
@given(parts=components(), sent=SENT)
def test_whatever_is_sent_is_bound_the_same_way_again(form_of, parts, sent):
    form = form_of(*parts)
    bound = validate(form, sent, {})
    shown = {key for key in form.fields if key in bound.shown}
    assert bound.values.keys() | bound.problems.keys() == shown
    assert not bound.values.keys() & bound.problems.keys()
    again = {key: as_entered(form.fields[key], value) for key, value in bound.values.items()}
    repeated = validate(form, again, {})
    assert {key: repeated.values.get(key) for key in bound.values} == bound.values
    if bound.ok:
        assert repeated.ok
        assert {part.id for part in form.visible(bound.values)} == bound.shown
    assert refresh(form, sent, {}).problems == {}
    str(bound.entered).encode()
