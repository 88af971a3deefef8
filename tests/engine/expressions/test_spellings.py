"""The shared table: one meaning, two spellings, one tree."""

import json
from pathlib import Path

import pytest

from engine.expressions.feel import compile_feel
from engine.expressions.language import compile_expression

TABLE = json.loads(Path(__file__).with_name("spellings.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "row", TABLE, ids=[f"{place}: {row['diagram'][:50]}" for place, row in enumerate(TABLE)]
)
def test_both_spellings_give_the_same_value_from_the_same_tree(row):
    diagram = compile_expression(row["diagram"])
    value = diagram(row["values"])
    assert value == row["gives"]
    assert type(value) is type(row["gives"])
    if row["form"] is not None:
        form = compile_feel(row["form"])
        assert form.tree == diagram.tree
        assert form.names == diagram.names
        assert form(row["values"]) == row["gives"]
