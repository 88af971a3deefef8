import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forms import formats


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("005", 5),
        ("-0", 0),
        ("+3", 3),
        ("3.0", 3),
        ("3,5", 3.5),
        ("3.5", 3.5),
        ("-,5", -0.5),
        (".25", 0.25),
        ("7,", 7),
        ("123456789012345", 123456789012345),
    ],
)
def test_a_number_may_have_a_point_or_a_comma(text, value):
    found = formats.number(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "1.234,5",
        "1 000",
        "1e5",
        "nan",
        "inf",
        "0x10",
        "\uff11\uff12",
        "--1",
        "1" * 16,
        "1_0",
    ],
)
def test_what_is_no_number_is_none(text):
    assert formats.number(text) is None


@given(st.floats(min_value=-1e14, max_value=1e14).map(lambda value: round(value, 8)))
def test_a_number_written_down_is_read_as_the_same_number(value):
    found = formats.number(formats.number_text(value))
    assert found is not None
    assert math.isclose(found, value, abs_tol=0)


@pytest.mark.parametrize("text", ["2026-02-28", "2024-02-29", "1900-01-01"])
def test_a_day_is_a_day(text):
    assert formats.is_date(text)


@pytest.mark.parametrize(
    "text", ["2026-02-29", "20260228", "2026-W01-1", "28.02.2026", "0001-01-01", "9999-12-31", "x"]
)
def test_what_is_no_day_is_refused(text):
    assert not formats.is_date(text)


@pytest.mark.parametrize("text", ["a@b.nl", "first.last+tag@mail.example.co.uk", "o'neil@x-y.de"])
def test_an_address_is_an_address(text):
    assert formats.is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@b.nl",
        "a@",
        "a@b",
        "a@b..nl",
        "a@-b.nl",
        "a@b.nl.",
        ".a@b.nl",
        "a..b@c.nl",
        "a b@c.nl",
        "a@b@c.nl",
        "a@1.2.3.4",
        "<a@b.nl>",
        "a@b.nl,c@d.nl",
        "a\n@b.nl",
        "a" * 65 + "@b.nl",
        "a@" + "b" * 64 + ".nl",
        "a@" + "b." * 130 + "nl",
    ],
)
def test_what_is_no_address_is_refused(text):
    assert not formats.is_email(text)


def test_phones_have_digits_enough():
    assert formats.is_phone("+31 (0)20 123-45.67/8")
    for text in (
        "",
        "1234",
        "call me",
        "1" * 16,
        "+31 " + "2" * 60,
        "\uff11\uff12\uff13\uff14\uff15\uff16",
    ):
        assert not formats.is_phone(text)
