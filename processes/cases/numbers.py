"""Case numbers: random, unguessable, easy to read out, with a check character."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

_CHECK = ALPHABET + "*~$=U"
_RANDOM = 8
_LENGTH = _RANDOM + 1
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_GROUPS = ((0, 4), (4, 8), (8, 9))


def new_number() -> str:
    """Return a fresh number such as `7K3M-9QXT-4`: 40 random bits and a check character.

    Drawn again until the check character is a letter or digit, so that it fits in an address.
    """
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
        check = _check(body)
        if check in ALPHABET:
            return _grouped(body + check)


def normal(text: str) -> str | None:
    """Return what somebody typed as a number, or None if it cannot be one."""
    kept = "".join(character for character in text.upper() if character.isalnum())
    number = kept.translate(_READ_AS)
    if len(number) != _LENGTH or any(character not in ALPHABET for character in number):
        return None
    return _grouped(number) if _check(number[:_RANDOM]) == number[_RANDOM] else None


def is_valid(text: str) -> bool:
    """Return whether the check character fits: a typing error is told apart from a miss."""
    return normal(text) is not None


def _check(body: str) -> str:
    """Modulo 37, a prime above 32: finds every single wrong character and every swap."""
    value = 0
    for character in body:
        value = value * 32 + ALPHABET.index(character)
    return _CHECK[value % 37]


def _grouped(number: str) -> str:
    return "-".join(number[start:end] for start, end in _GROUPS)
