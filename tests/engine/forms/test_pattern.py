import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms.pattern import Pattern, PatternError, compile_pattern

PATTERNS = [
    "",
    "^$",
    "a*",
    "a|b",
    "^(a|b)$",
    "^[A-Z]{2}-\\d{2}-\\d{3}$",
    "^\\d{4}\\s?[A-Z]{2}$",
    "(?:ab|ca){2,3}",
    "^a.c$",
    "[^a-c]",
    "[\\d-]+a",
    "^(?:(?:ab)?c)*$",
    "x{0}b",
    "a+?b",
    "^a{2,}$",
    "\\$|\\x41|\\u0042",
    "\\t|\\n",
    "[]a]",
    "\\D\\W\\S",
    "^(a?){3}b{1,2}$",
]


@pytest.mark.parametrize("source", PATTERNS)
@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abcAB1-$ x\n", max_size=9))
def test_a_pattern_finds_what_the_usual_engine_finds(source, text):
    if source == "[]a]":  # empty brackets: nothing can be one of no letters
        return
    python = source[:-1] + r"\Z" if source.endswith("$") else source
    assert compile_pattern(source).matches(text) == bool(re.search(python, text, re.ASCII))


EXPLODING = [
    "(a+)+$",
    "(a|aa)+$",
    "(a|a)*$",
    "(.*)*x$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "^.*.*.*.*.*.*.*=.*$",
    "a{299}b",
    "(.?){150}x",
    ".{0,150}.{0,149}x",
    "(a*)*b",
]


@pytest.mark.parametrize("source", EXPLODING)
def test_patterns_that_explode_elsewhere_are_read_in_one_pass(source):
    assert isinstance(compile_pattern(source).matches("a" * 999 + "!"), bool)


REFUSED = [
    ("(?=a)", "only (?:"),
    ("(?P<x>a)", "only (?:"),
    ("\\1", "not known"),
    ("\\bword", "not known"),
    ("\\p{L}", "not known"),
    ("\\x4", "needs its digits"),
    ("\\", "ends too early"),
    ("[a", "ends too early"),
    ("[z-a]", "first and a last"),
    ("[\\d-z]", "first and a last"),
    ("a{5,2}", "backwards"),
    ("(", "never closed"),
    (")", "no ( before"),
    ("*a", "nothing before"),
    ("a**", "cannot be repeated"),
    ("a^b", "may only stand"),
    ("a$b", "may only stand"),
    ("^a|b$", "parentheses"),
    ("a{301}", "too large"),
    ("(a{50}){50}", "too large"),
    ("((((){300}){300}){300}){300}", "too large"),
    ("(" * 25 + "a" + ")" * 25, "too deep"),
    ("a" * 301, "longer than"),
]


@pytest.mark.parametrize(("source", "reason"), REFUSED)
def test_a_pattern_that_cannot_be_matched_safely_is_refused(source, reason):
    with pytest.raises(PatternError, match=re.escape(reason)):
        Pattern(source)


def test_an_escaped_dollar_is_a_letter():
    assert compile_pattern("a\\$").matches("a$b")
    assert not compile_pattern("a\\\\$").matches("a\\b")
    assert compile_pattern("a\\\\$").matches("a\\")


def test_an_overlong_text_never_matches():
    assert not compile_pattern("a").matches("a" * 1_001)


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="ab(|)*+?{}[]^-\\d0123,.$:", max_size=25), st.text(alphabet="ab0", max_size=20)
)
def test_any_pattern_is_read_or_refused(source, text):
    try:
        pattern = Pattern(source)
    except PatternError:
        return
    assert pattern.matches(text) in {True, False}
