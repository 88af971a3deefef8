"""Numbers in addresses that no row can have."""

import pytest

PLACES = (
    "/live/since/{number}",
    "/portal/live/7K3M-9QXT-4/since/{number}",
    "/diagrams/{number}/request.bpmn",
    "/admin/categories/{number}",
    "/admin/outbox/{number}",
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
