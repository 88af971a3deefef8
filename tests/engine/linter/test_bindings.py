"""Operations get what they can take: parameters, and the fields of forms."""

import json
import re

import pytest

from tests.engine import diagrams as d
from tests.engine.linter.checking import around, check, told


def setting(**parameters):
    given = {name: value.replace('"', "&quot;") for name, value in parameters.items()}
    return around(("u", d.user("u")), ("s", d.service("s", "test.set", given)))


@pytest.mark.parametrize(
    "parameters",
    [
        {"kind": "'mail'"},
        {"kind": "chosen"},
        {"count": "2"},
        {"count": "n + 1"},
        {"tags": "['a', 'b']"},
        {"count": "'7'"},
    ],
)
def test_values_that_fit_and_values_nobody_knows_yet_pass(parameters):
    assert check(*setting(**parameters)) == []


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"kind": "'fax'"}, "'mail' or 'note'"),
        ({"count": "'many'"}, "valid integer"),
        ({"count": "0"}, "greater than or equal to 1"),
        ({"tags": "'a'"}, "valid list"),
        ({"kind": "None"}, "'mail' or 'note'"),
    ],
)
def test_a_written_value_of_the_wrong_type_is_refused(parameters, words):
    (finding,) = check(*setting(**parameters))
    assert (finding.rule, finding.element_id, finding.severity) == ("parameter-value", "s", "error")
    assert words in finding.text


@pytest.mark.parametrize("lacks", ["type", "value"])
def test_a_parameter_that_lacks_something_is_refused_in_plain_words(lacks):
    service = d.service("s", "test.set", {"kind": "'mail'"})
    bare = re.sub(rf' {lacks}="[^"]*"(?=[^<]*/>)', "", service, count=1)
    assert bare != service
    found = check(*around(("u", d.user("u")), ("s", bare)))
    (finding,) = [each for each in found if each.rule == "parameter-value"]
    assert finding.element_id == "s"
    assert "an id, a type" in finding.text


def asking(operation, *fields):
    components = [
        {
            "type": "textfield",
            "key": key,
            "label": key,
            "properties": {"label.nl": key, "label.de": key},
        }
        for key in fields
    ]
    form = {"p/forms/any.form": json.dumps({"components": components}).encode()}
    return check(*around(("u", d.user("u", operation))), files=form)


def test_a_form_that_gives_what_its_operation_takes_is_sound():
    assert asking("test.form", "text") == []
    assert asking("test.mail", "subject") == []
    assert asking("test.renamed", "text") == []


def test_a_field_the_operation_needs_must_be_in_the_form():
    (finding,) = [each for each in asking("test.mail", "body") if "needs" in each.text]
    assert (finding.rule, finding.element_id, finding.severity) == ("form-field", "u", "error")
    assert "“subject”" in finding.text


def test_a_field_nobody_reads_is_a_warning_and_one_that_is_refused_an_error():
    assert told(asking("test.form", "text", "more")) == [("form-field", "u", "warning")]
    assert told(asking("test.mail", "subject", "more")) == [("form-field", "u", "error")]
