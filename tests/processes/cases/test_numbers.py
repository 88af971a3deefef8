"""Case numbers."""

from itertools import pairwise

import pytest

from processes.cases.numbers import ALPHABET, is_valid, new_number, normal


@pytest.mark.requirement("COV-46")
def test_ten_thousand_numbers_have_no_duplicate_and_no_order():
    numbers = [new_number() for _ in range(10_000)]
    assert len(set(numbers)) == 10_000
    rising = sum(a < b for a, b in pairwise(numbers))
    assert 4_700 < rising < 5_300


def test_every_number_is_valid_and_readable():
    for _ in range(200):
        number = new_number()
        assert is_valid(number)
        assert set(number.replace("-", "")) <= set(ALPHABET)


@pytest.mark.parametrize(
    "change",
    [str.lower, lambda n: n.replace("-", ""), lambda n: f" {n} "],
    ids=["lower", "bare", "spaced"],
)
def test_a_number_may_be_typed_carelessly(change):
    number = new_number()
    assert normal(change(number)) == number


def test_lookalike_letters_are_read_as_digits():
    number = next(n for n in iter(new_number, "") if "0" in n and "1" in n)
    assert normal(number.replace("0", "o").replace("1", "l")) == number


def test_every_single_typing_error_is_found():
    number = new_number().replace("-", "")
    for place in range(len(number)):
        for other in ALPHABET:
            if other != number[place]:
                assert not is_valid(number[:place] + other + number[place + 1 :])


def test_every_swap_of_neighbours_is_found():
    for _ in range(50):
        number = new_number().replace("-", "")
        for place in range(8):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            assert swapped == number or not is_valid(swapped)


@pytest.mark.parametrize(
    "text",
    ["", "-", "7K3M-9QXT", "x" * 10_000, "\x00", "' OR 1", "7K3M-9QXT-4-4", "\uff21" * 9],
)
def test_what_cannot_be_a_number_is_none(text):
    assert normal(text) is None
