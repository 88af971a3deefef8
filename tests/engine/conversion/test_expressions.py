"""JUEL and FEEL in, our spelling out: exact, or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conversion.expressions import InexpressibleError, condition, value
from engine.expressions import tree as t
from engine.expressions.errors import ExpressionError
from engine.expressions.language import compile_expression
from engine.expressions.writer import written

EXACT = {
    ("juel", "${a == 'x' && b > 3}"): "a == 'x' and b > 3",
    ("juel", "#{!approved || late}"): "not approved or late",
    ("juel", "${not a == b}"): "(not a) == b",
    ("juel", "${empty name}"): "name == None or name == ''",
    ("juel", "${a ne 1 and b le 2 or c eq null}"): "a != 1 and b <= 2 or c == None",
    ("juel", "${late ? 1 : 2 + 3 * 4}"): "1 if late else 2 + 3 * 4",
    ("juel", "${execution.getVariable('kind').equals('x')}"): "kind == 'x'",
    ("juel", "${order.lines.size() > 1}"): "len(order.lines) > 1",
    ("juel", "${a - (b - c)}"): "a - (b - c)",
    ("juel", "${name == 'a && b ? c'}"): "name == 'a && b ? c'",
    ("juel", '${text == "it\'s"}'): "text == 'it\\'s'",
    ("feel", '= a = "x" and b > 3'): "a == 'x' and b > 3",
    ("feel", "=count(items) > 0"): "len(items) > 0",
    ("feel", '=if a then "b" else "c"'): "'b' if a else 'c'",
    ("feel", '=duration("PT4H")'): "'PT4H'",
    ("feel", '=kind in ("a", "b")'): "kind in ['a', 'b']",
    ("drawn", "amount > 1000"): "amount > 1000",
    ("drawn", 'status = "ok"'): "status == 'ok'",
    ("drawn", "${amount > 1}"): "amount > 1",
}
REFUSED = {
    ("juel", "${bean.check(order)}"),
    ("juel", "${execution}"),
    ("juel", "${a == }"),
    ("juel", "approved"),
    ("juel", "${a} and ${b}"),
    ("juel", "${T(java.lang.Runtime).exec('x')}"),
    ("feel", "=for x in items return x"),
    ("feel", "=now() > deadline"),
    ("drawn", "Yes"),
    ("drawn", "more than ten"),
    ("juel", "${" + "(" * 200 + "a" + ")" * 200 + "}"),
    ("juel", "${" + "a && " * 900 + "a}"),
}


@pytest.mark.parametrize(("language", "source"), EXACT)
def test_a_condition_means_the_same_in_our_spelling(language, source):
    assert written(condition(source, language)) == EXACT[language, source]


@pytest.mark.parametrize(("language", "source"), sorted(REFUSED))
def test_what_has_no_meaning_here_is_refused_with_a_reason(language, source):
    with pytest.raises((InexpressibleError, ExpressionError)) as refusal:
        written(condition(source, language))
    assert str(refusal.value)


def test_a_parameter_is_an_expression_or_the_words_as_they_stand():
    assert written(value("plain words", "juel")) == "'plain words'"
    assert written(value("${a}", "juel")) == "a"
    with pytest.raises(InexpressibleError):
        value("Dear ${name}", "juel")


_NAMES = st.sampled_from(["a", "b", "kind"]).map(t.Name)
_LEAVES = _NAMES | (
    st.none() | st.booleans() | st.integers(0, 10**6) | st.text("ab'\"\\\n ", max_size=6)
).map(t.Constant)


def _larger(parts):
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.flatmap(
            lambda pair: st.sampled_from(["=", "!=", "<", "+", "-", "*", "/", "//", "%", "in"]).map(
                lambda sign: t.Binary(sign, *pair)
            )
        ),
        pairs.map(lambda pair: t.Logic("and", pair)),
        pairs.map(lambda pair: t.Logic("or", pair)),
        parts.map(t.Not),
        pairs.map(t.Sequence),
        st.tuples(parts, parts, parts).map(lambda three: t.Choice(*three)),
        parts.map(lambda part: t.Call("len", (part,))),
        pairs.map(lambda pair: t.Record(("x", "it's"), pair)),
        parts.map(lambda part: t.Field(t.Name("order"), "id") if part else part),
    )


@given(st.recursive(_LEAVES, _larger, max_leaves=12))
def test_whatever_is_written_reads_as_the_very_same_tree(tree):
    try:
        text = written(tree)
    except ExpressionError:
        return  # no spelling: refused, never another meaning
    assert compile_expression(text).tree == tree
