"""docs/linter.md, the short words of the designer's page, and the rules in the code agree."""

import ast
import re
from pathlib import Path

from engine.linter import lint
from processes.bootstrap import read_bundle, vocabulary
from processes.config import SHIPPED
from webapp.designer.rules import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/linter.md").read_text()
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (error|warning) \|", PAGE, re.MULTILINE))

_NAMED = {"finding": 1, "Finding": 3, "fault": 1, "refuse": 0, "FormFinding": 1, "_fault": 1}
"""Functions that note a finding, and which argument is the rule."""
_OF_FORMS = {"refuse", "FormFinding", "_fault"}


def rules_in(path):
    """Return the rules a module names when it notes a finding, or as a constant of its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "TOO_LARGE":
            yield node.value.value
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        place = _NAMED.get(name)
        if place is None or len(node.args) <= place:
            continue
        chosen = node.args[place]
        for rule in [chosen.body, chosen.orelse] if isinstance(chosen, ast.IfExp) else [chosen]:
            if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                yield f"form-{rule.value}" if name in _OF_FORMS else rule.value


def of_the_command():
    """Return the rules that only `casewright lint` knows."""
    return set(rules_in(ROOT / "casewright/lint.py"))


def known():
    folders = ("linter", "forms", "decisions")
    modules = [path for folder in folders for path in (ROOT / "engine" / folder).glob("*.py")]
    return {rule for path in modules for rule in rules_in(path)}


def test_every_rule_of_the_code_is_explained_and_nothing_else():
    assert set(ROWS) == known() | of_the_command()


def test_every_rule_has_short_words_for_the_designer():
    assert set(RULES) == known()


def test_the_warnings_of_the_shipped_processes_are_those_the_page_names():
    found = lint(read_bundle(SHIPPED), vocabulary())
    assert [str(each) for each in found if each.severity == "error"] == []
    part = PAGE.split("## Warnings in the shipped processes")[1].split("\n## ")[0]
    unnamed = [
        str(each)
        for each in found
        if not all(f"`{word}`" in part for word in (each.file, each.element_id, each.rule))
    ]
    assert unnamed == []
