"""Findings on forms stand on the line of their component."""

import pytest

from engine.forms.lines import component_lines
from tests.engine import diagrams as d
from tests.engine.linter.checking import around, check

FORM = b"""{
  "components": [
    {"type": "text", "id": "intro", "text": "Hi", "properties": {"label.nl": "a", "label.de": "b"}},
    {
      "type": "group",
      "label": "G", "properties": {"label.nl": "a", "label.de": "b"},
      "components": [
        {"label": "Text", "type": "textfield", "key": "text",
         "properties": {"label.nl": "{\\"components\\": [{", "label.de": "b"}}
      ]
    },
    {
      "type": "radio",
      "key": "colour", "label": "Colour",
      FAULT
      "properties": {"options": "colours", "label.nl": "a", "label.de": "b"}
    }
  ]
}"""


def found(fault, by=b""):
    raw = FORM.replace(b"FAULT", fault).replace(
        b'"options": "colours"', by or b'"options": "colours"'
    )
    return [
        each
        for each in check(*around(("u", d.user("u"))), files={"p/forms/any.form": raw})
        if each.file == "p/forms/any.form"
    ]


def test_the_lines_of_all_components_are_found_whatever_their_texts_hold():
    assert component_lines(FORM.replace(b"FAULT", b"")) == [3, 4, 8, 12]


@pytest.mark.parametrize(
    ("fault", "by", "rule"),
    [
        (b'"conditional": {"hide": "=text ="},', b"", "form-condition"),
        (b'"conditional": {"hide": "=gone = 1"},', b"", "form-condition"),
        (b"", b'"options": "flavours"', "form-options"),
        (b'"defaultValue": ["x"], "values": [{"value": "a", "label": "A"}],', b"", "form-options"),
        (b'"key": "text",', b"", "form-key"),
    ],
)
def test_a_finding_stands_where_its_component_begins(fault, by, rule):
    assert (rule, 12) in [(each.rule, each.line) for each in found(fault, by)]


def test_a_form_that_is_no_json_is_refused_on_its_line():
    (finding,) = found(b"oops")
    assert (finding.rule, finding.line, finding.severity) == ("form-json", 15, "error")


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff\xfe", b"{" * 100_000, b"null"])
def test_garbage_is_refused_on_the_first_line(raw):
    files = {"p/forms/any.form": raw}
    lines = {each.line for each in check(*around(("u", d.user("u"))), files=files)}
    assert lines == {1}
