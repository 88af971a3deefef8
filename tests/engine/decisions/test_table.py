"""Decision tables worked out: hit policies, cells, and what the library gets wrong."""

import pytest
from lxml import etree

from engine.decisions import DecisionError, read
from engine.expressions.errors import ExpressionError
from tests.engine.decisions.tables import decision, dmn


def made(*arguments, **options):
    (found,), faults = read(etree.fromstring(dmn(decision("d", *arguments, **options))))
    assert faults == []
    return found


PRIORITY = (
    ["kind", "amount"],
    ["priority", "why"],
    [
        ['"complaint"', "-", '"high"', '"a complaint"'],
        ["", ">= 1000", '"high"', '"much money"'],
        ["", "", '"low"', ""],
    ],
)


def test_the_first_rule_that_fits_decides():
    table = made(*PRIORITY, policy="FIRST")
    assert table.decide({"kind": "complaint", "amount": 2000}) == {
        "priority": "high",
        "why": "a complaint",
    }
    assert table.decide({"kind": "question", "amount": 1000})["why"] == "much money"
    assert table.decide({"kind": "question", "amount": 1}) == {"priority": "low", "why": None}


@pytest.mark.parametrize("policy", ["FIRST", "UNIQUE", ""])
def test_where_no_rule_fits_every_output_is_nothing(policy):
    table = made(["kind"], ["a", "b"], [['"x"', "1", "2"]], policy=policy)
    assert table.decide({"kind": "y"}) == {"a": None, "b": None}


def test_two_fitting_rules_of_a_unique_table_are_an_error_not_the_first():
    table = made(*PRIORITY, policy="")
    with pytest.raises(DecisionError, match="rules 1 and 3 fit"):
        table.decide({"kind": "complaint", "amount": 1})
    assert table.decide({"kind": "question", "amount": 1})["priority"] == "low"


def test_a_collecting_table_gives_lists_in_the_order_of_its_rules():
    rules = [["> 1", '"a"'], ["> 2", '"b"'], ["> 9", '"c"'], ["> 0", '"a"']]
    table = made(["n"], ["tags"], rules, policy="COLLECT")
    assert table.decide({"n": 3}) == {"tags": ["a", "b", "a"]}
    assert table.decide({"n": 0}) == {"tags": []}


CELLS = [
    ("-", 5, True),
    ("", None, True),
    ("5", 5, True),
    ("5", 6, False),
    ('"a"', "a", True),
    ('"a", "b"', "b", True),
    ('"a", "b"', "c", False),
    ('["a", "b"]', "b", True),
    ('not("a", "b")', "c", True),
    ('not("a", "b")', "a", False),
    ('not("a")', "a", False),
    ("< 5", 4, True),
    ("< 5", 5, False),
    ("= 5", 5, True),
    ("!= 5", 5, False),
    ("2 + 3", 5, True),
    ("limit", 9, True),
    (">= limit", 9, True),
    ("in tags", "x", True),
    ("not in tags", "x", False),
    ("3 < ? and ? < 6", 5, True),
    ("3 < ? and ? < 6", 6, False),
    ("len(?) > 2", "abc", True),
    ('"why?"', "why?", True),
    ("true", True, True),
    ("None", None, True),
]


@pytest.mark.parametrize(("cell", "value", "fits"), CELLS)
def test_a_cell_means_what_decision_tables_mean_by_it(cell, value, fits):
    table = made(["value"], ["hit"], [[cell, "True"]])
    given = {"value": value, "limit": 9, "tags": ["x"]}
    assert (table.decide(given)["hit"] is True) is fits


def test_a_cell_that_cannot_be_worked_out_names_its_rule():
    table = made(["value"], ["hit"], [["1", "1"], ["< 5", "2"]])
    with pytest.raises(ExpressionError) as failed:
        table.decide({"value": "text"})
    assert failed.value.__notes__ == ["in rule 2 of the decision d"]


def test_several_decisions_of_one_file_are_all_read():
    raw = dmn(decision("a", ["x"], ["y"], []), decision("b", ["x"], ["y"], []))
    found, faults = read(etree.fromstring(raw))
    assert ([each.id for each in found], faults) == (["a", "b"], [])


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
    ],
)
def test_every_version_of_the_standard_is_read(namespace):
    raw = dmn(decision("a", ["x"], ["y"], [["1", "2"]]), namespace=namespace)
    (found,), faults = read(etree.fromstring(raw))
    assert (found.decide({"x": 1}), faults) == ({"y": 2}, [])
