"""Random expressions in both spellings: one tree, one value, no surprise, no long wait."""

import time
from contextlib import suppress

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.expressions.errors import ExpressionError
from engine.expressions.feel import compile_feel
from engine.expressions.language import compile_assignments, compile_expression
from tests.engine.properties.profile import examples

VALUES = {
    "a": 1,
    "b": 2.5,
    "text": "Straße " * 2_000,
    "items": [1, 2, None, "x", [3]],
    "many": list(range(9_000)),
    "lists": [list(range(300)) for _ in range(30)],
    "record": {"a": 1, "inner": {"a": "x"}},
    "nothing": None,
    "yes": True,
}
_WORDS = st.text(alphabet="abü ß1", max_size=5)
_ATOMS = st.one_of(
    st.integers(0, 10**6).map(lambda number: (str(number),) * 2),
    st.sampled_from(["0.5", "1e3", "2.25"]).map(lambda number: (number,) * 2),
    _WORDS.map(lambda word: (f"'{word}'", f'"{word}"')),
    st.sampled_from([("True", "true"), ("False", "false"), ("None", "null")]),
    st.sampled_from([*VALUES, "missing", "record.a", "record.inner.a", "items[0]"]).map(
        lambda name: (name,) * 2
    ),
)
_SIGNS = ["==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "in", "and", "or"]
_FEEL_SIGNS = {"==": "="}
_NAMES = ["len", "min", "max", "abs", "round", "lower", "upper"]


def _joined(parts):
    (one, feel_one), sign, (other, feel_other) = parts
    return (
        f"({one}) {sign} ({other})",
        f"({feel_one}) {_FEEL_SIGNS.get(sign, sign)} "
        # one value in parentheses after "in" is a list of one in FEEL
        + (f"{feel_other}" if sign == "in" else f"({feel_other})"),
    )


def _larger(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from([s for s in _SIGNS if s != "in"]), inner).map(_joined),
        st.tuples(inner, st.just("in"), _ATOMS).map(_joined),
        inner.map(lambda each: (f"not ({each[0]})", f"not({each[1]})")),
        st.tuples(inner, inner, inner).map(
            lambda each: (
                f"(({each[1][0]}) if ({each[0][0]}) else ({each[2][0]}))",
                f"(if ({each[0][1]}) then ({each[1][1]}) else ({each[2][1]}))",
            )
        ),
        st.lists(inner, min_size=2, max_size=4).map(
            lambda each: tuple(f"[{', '.join(part[place] for part in each)}]" for place in (0, 1))
        ),
        st.tuples(st.sampled_from(_NAMES), inner).map(
            lambda each: (f"{each[0]}({each[1][0]})", f"{each[0]}({each[1][1]})")
        ),
        st.tuples(inner, inner).map(
            lambda each: tuple(f"contains({each[0][place]}, {each[1][place]})" for place in (0, 1))
        ),
    )


SPELLINGS = st.recursive(_ATOMS, _larger, max_leaves=14)


@examples(300)
@given(SPELLINGS)
def test_both_spellings_are_one_tree_and_give_one_value(spelling):
    diagram, form = spelling
    try:
        one, other = compile_expression(diagram), compile_feel(form)
    except ExpressionError as error:
        assume(error.code not in {"depth", "nodes", "too_long"})
        raise
    assert one.tree == other.tree
    with suppress(ExpressionError):  # a form says null instead
        value = one(VALUES)
        assert repr(other(VALUES)) == repr(value)


@examples(200)
@given(st.lists(SPELLINGS, min_size=1, max_size=8))
def test_no_expression_takes_a_tenth_of_a_second_or_fails_in_another_way(spellings):
    lines = "\n".join(f"many = {diagram}" for diagram, _ in spellings)
    assert min(_seconds(lines), _seconds(lines)) < 0.1 * len(spellings)


@examples(300)
@given(st.text(alphabet="ab1'\"()[]{}.,=<>!+-*/% \n\\_#:ifnotandorelsé\x00\ud800", max_size=80))
def test_any_text_is_an_expression_or_refused(source):
    for read in (compile_expression, compile_feel, compile_assignments):
        with suppress(ExpressionError):
            read(source)(VALUES)


def _seconds(lines):
    before = time.process_time()
    with suppress(ExpressionError):
        compile_assignments(lines)(VALUES)
    return time.process_time() - before
