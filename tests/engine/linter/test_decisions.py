"""Decision tables are checked cell by cell, and so are the tasks that call them."""

import pytest

from tests.engine import diagrams as d
from tests.engine.decisions.tables import decision, dmn
from tests.engine.linter.checking import around, check, told

SOUND = decision("rate", ["kind"], ["priority"], [['"x"', '"high"'], ["-", '"low"']])


def rule(called):
    inner = f"<spiffworkflow:calledDecisionId>{called}</spiffworkflow:calledDecisionId>"
    return d.node("businessRuleTask", "r", d.extensions(inner if called else ""))


def checked(raw, called="rate", name="p/decisions/rate.dmn", more=None):
    parts = around(("u", d.user("u")), ("r", rule(called)))
    return check(*parts, files={name: raw, **(more or {})})


def test_a_sound_table_has_no_findings():
    assert checked(dmn(SOUND)) == []


def test_a_task_needs_a_decision_among_the_files_of_its_own_process():
    assert told(checked(dmn(SOUND), called=""))[0] == ("no-decision", "r", "error")
    assert told(checked(dmn(SOUND), called="gone"))[0] == ("unknown-decision", "r", "error")
    elsewhere = checked(dmn(SOUND), name="q/decisions/rate.dmn")
    assert told(elsewhere)[0] == ("unknown-decision", "r", "error")


def test_a_decision_nobody_calls_is_warned_of():
    spare = decision("spare", ["kind"], ["priority"], [])
    (finding,) = checked(dmn(SOUND, spare))
    assert (finding.rule, finding.element_id) == ("unused-decision", "spare")
    assert (finding.severity, finding.line > 3) == ("warning", True)


def test_two_decisions_of_one_id_are_refused():
    found = checked(dmn(SOUND), more={"p/decisions/z.dmn": dmn(SOUND)})
    assert told(found) == [("duplicate-id", "rate", "error")]
    assert found[0].file == "p/decisions/z.dmn"


def table(inputs=("kind",), outputs=("priority",), rules=(), **options):
    return dmn(decision("rate", list(inputs), list(outputs), list(rules), **options))


BROKEN = {
    "any": (table(policy="ANY"), "hit-policy", "rate_t"),
    "priority": (table(policy="PRIORITY"), "hit-policy", "rate_t"),
    "rule order": (table(policy="RULE ORDER"), "hit-policy", "rate_t"),
    "sum": (table(policy="COLLECT", table='aggregation="SUM"'), "hit-policy", "rate_t"),
    "no input": (table(inputs=[""]), "decision-input", "rate_i0"),
    "an input in python": (table(inputs=["open('x')"]), "expression", "rate_i0"),
    "no output": (table(outputs=[]), "decision-output", "rate_t"),
    "an output without name": (table(outputs=[""]), "decision-output", "rate_o0"),
    "an output with a path": (table(outputs=["a.b"]), "decision-output", "rate_o0"),
    "two outputs alike": (table(outputs=["a", "a"]), "decision-output", "rate_o1"),
    "too few cells": (table(rules=[['"x"']]), "decision-rule", "rate_r1"),
    "a cell in python": (table(rules=[["__import__('os')", "1"]]), "expression", "rate_r1_c0"),
    "a cell in feel": (table(rules=[["[1..5]", "1"]]), "expression", "rate_r1_c0"),
    "an answer in python": (table(rules=[["-", "lambda: 1"]]), "expression", "rate_r1_c1"),
    "a bomb": (table(rules=[["-", "10**10**10"]]), "expression", "rate_r1_c1"),
    "too many rules": (table(rules=[["-", "1"]] * 501), "too-large", "rate_t"),
    "too many cells": (
        table(inputs=["a"] * 20, rules=[["-"] * 20 + ["1"]] * 300),
        "too-large",
        "defs",
    ),
    "a needed decision": (
        table(
            inside='<informationRequirement><requiredDecision href="#x"/></informationRequirement>'
        ),
        "decision",
        "rate",
    ),
    "no table": (dmn('<decision id="rate"><literalExpression/></decision>'), "decision", "rate"),
    "no decision": (dmn(), "decision", "defs"),
    "no dmn": (b"<definitions xmlns='urn:else'/>", "decision", ""),
    "no xml": (b"\x00\x01garbage", "xml", ""),
    "a document type": (b'<!DOCTYPE x [<!ENTITY a "b">]><definitions/>', "xml", ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_is_refused_at_its_element(name):
    raw, rule_name, element = BROKEN[name]
    found = [each for each in checked(raw) if each.file == "p/decisions/rate.dmn"]
    assert (rule_name, element, "error") in told(found)
    assert all(each.line >= 1 for each in found)
