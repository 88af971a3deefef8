"""Every hostile expression is refused, at once, wherever it stands."""

import time
from datetime import UTC, datetime

import pytest

from engine.expressions.errors import ExpressionError
from engine.expressions.feel import compile_feel
from engine.expressions.language import compile_assignments, compile_expression
from engine.forms.pattern import PatternError, compile_pattern
from engine.spiff.timers import TimerError, due_time
from tests.engine.hostile.expressions import (
    DIAGRAM,
    FORMS,
    PATTERNS,
    REFUSED_PATTERNS,
    SCRIPTS,
    TIMERS,
)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


VALUES = {
    "a": 1,
    "b": 2,
    "c": 3,
    "nothing": None,
    "huge": 10**400,
    "record": {"a": 1},
    "items": [1, 2, 3],
    "many": list(range(9_000)),
    "text": "x" * 60_000,
    "deep": nested(100_000),
    "deep2": nested(100_000),
}
SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_once():
    before = time.process_time()
    yield
    assert time.process_time() - before < 1


def named(table):
    return [f"{place}: {source[:40]!a}" for place, source in enumerate(table)]


@pytest.mark.parametrize("source", DIAGRAM, ids=named(DIAGRAM))
def test_a_hostile_expression_is_refused(source):
    with pytest.raises(ExpressionError):
        compile_expression(source)(VALUES)


@pytest.mark.parametrize("source", SCRIPTS, ids=named(SCRIPTS))
def test_a_hostile_script_is_refused(source):
    with pytest.raises(ExpressionError):
        compile_assignments(source)(VALUES)


@pytest.mark.parametrize("source", TIMERS, ids=named(TIMERS))
def test_a_hostile_time_is_refused(source):
    with pytest.raises((ExpressionError, TimerError)):
        due_time(compile_expression(source)(VALUES), SOME_DAY)


@pytest.mark.parametrize("source", FORMS, ids=named(FORMS))
def test_a_hostile_condition_of_a_form_is_refused(source):
    with pytest.raises(ExpressionError):
        compile_feel(source)(VALUES)


@pytest.mark.parametrize("source", PATTERNS)
@pytest.mark.parametrize("text", ["a" * 1_000, "a," * 500, "1" * 999 + "!", "aA" * 500])
def test_a_pattern_that_would_explode_is_answered_at_once(source, text):
    compile_pattern(source).matches(text)


@pytest.mark.parametrize("source", REFUSED_PATTERNS)
def test_a_pattern_that_is_not_safe_is_refused(source):
    with pytest.raises(PatternError):
        compile_pattern(source)
