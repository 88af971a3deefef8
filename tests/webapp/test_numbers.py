"""Numbers from outside: what counts as one, and what does not."""

import pytest

from webapp.numbers import LARGEST_ID, whole_number

PLACES = (
    "/live/since/{number}",
    "/portal/live/7K3M-9QXT-4/since/{number}",
    "/diagrams/{number}/request.bpmn",
    "/admin/categories/{number}",
    "/admin/outbox/{number}",
    "/admin/mailboxes/{number}",
    "/desk/mail/{number}",
    "/designer/request/versions/{number}.zip",
)
NUMBERS = (
    "2147483648",
    "4294967297",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 40,
    "9" * 5_000,
    "-1",
    "1e3",
    "1_0",
    "\u0663",
)


def _short(number: str) -> str:
    return number if len(number) < 20 else f"{len(number)} digits"


@pytest.mark.parametrize(
    ("sent", "number"),
    [("0", 0), ("7", 7), ("042", 42), (str(LARGEST_ID), LARGEST_ID)],
)
def test_plain_digits_are_a_number(sent, number):
    assert whole_number(sent) == number


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("", id="nothing"),
        pytest.param("x", id="a word"),
        pytest.param("-3", id="below zero"),
        pytest.param("+3", id="a sign"),
        pytest.param("4_2", id="a number as Python writes it"),
        pytest.param("1.0", id="a fraction"),
        pytest.param("1e3", id="a power"),
        pytest.param("0x1f", id="hexadecimal"),
        pytest.param(" 3", id="a blank"),
        pytest.param("3\n", id="a line end"),
        pytest.param("3\0", id="a NUL"),
        pytest.param("٣", id="Arabic digits"),
        pytest.param("３", id="wide digits"),  # noqa: RUF001 - looks like a 3
        pytest.param("²", id="a power of two"),
        pytest.param(str(LARGEST_ID + 1), id="one more than any id"),
        pytest.param("9" * 5_000, id="longer than int() reads"),
    ],
)
def test_all_else_is_none(sent):
    assert whole_number(sent) is None


def test_the_largest_is_the_callers_to_say():
    assert whole_number("100", largest=100) == 100
    assert whole_number("101", largest=100) is None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", NUMBERS, ids=_short)
def test_a_number_no_row_can_have_is_not_found(client, signed_in, entered, place, number):
    signed_in(client, "adminUser")
    entered(client)

    assert client.get(place.format(number=number)).status_code == 404


@pytest.mark.parametrize("number", NUMBERS, ids=_short)
def test_nothing_is_written_under_such_a_number(client, signed_in, number):
    signed_in(client, "adminUser")

    assert client.post(f"/admin/incidents/{number}/retry").status_code == 404


def test_the_largest_number_is_looked_up(client, signed_in):
    signed_in(client, "adminUser")

    assert client.get("/live/since/2147483647").status_code == 204
