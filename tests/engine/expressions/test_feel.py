import pytest

from engine.expressions.errors import ExpressionError
from engine.expressions.feel import compile_feel


@pytest.mark.parametrize(
    ("source", "gives"),
    [
        ("missing", None),
        ("missing.field.deeper", None),
        ("missing > 1", None),
        ("missing = null", True),
        ('missing != "x"', True),
        ("not(missing)", True),
        ('missing in ["a"]', False),
        ('"a" in missing', None),
        ('list contains(missing, "a")', False),
        ("count(missing)", 0),
        ("count(missing) = 0", True),
        ("missing + 1", None),
        ("-missing", None),
        ("lower case(missing)", None),
        ("missing + 1 > 2 or true", True),
        ("name < 5", None),
        ("1 / 0", None),
        ("name.first", None),
        ("999999999999 * 999999999999", None),
    ],
)
def test_what_is_not_there_is_null_and_nothing_fails(source, gives):
    assert compile_feel(source)({"name": "Mila"}) == gives


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ('=kind == "x"', 7),
        ("= ", 3),
        ("not a", 5),
        ("list contains", 14),
        ("list", None),
        ("lower case + 1", 12),
        ("x in [1..5]", 8),
        ("for x in y return x", 1),
        ("some x in y satisfies x", 1),
        ("if a then b", 12),
        ("if a", 5),
        ("a between 1 and 2", 3),
        ("a // 2", 3),
        ("a % 2", 3),
        ("{a: 1}", 1),
        ("function(x) x", 1),
        ('@"2026-01-01"', 1),
        ('matches(a, "(a+)+")', 1),
        ("a = b = c", 7),
        ("not(a", 4),
        ("==a", 2),
    ],
)
def test_what_is_beyond_the_part_of_feel_is_refused_with_its_column(source, column):
    if column is None:
        assert compile_feel(source)({"list": 3}) == 3
        return
    with pytest.raises(ExpressionError) as refused:
        compile_feel(source)({})
    assert refused.value.column == column
