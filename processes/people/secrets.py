"""Codes and fingerprints made with the house's secret key."""

import hashlib
import hmac
import secrets

from pydantic import SecretStr

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a code survives the telephone."""

_BITS = 5
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_nonce() -> str:
    """Return 128 random bits to derive a code from."""
    return secrets.token_hex(16)


def keyed(key: SecretStr, purpose: str, value: str) -> bytes:
    """Return a digest only this house can make; `purpose` keeps uses apart."""
    message = f"{purpose}\0{value}".encode()
    return hmac.new(key.get_secret_value().encode(), message, hashlib.sha256).digest()


def fingerprint(key: SecretStr, purpose: str, value: str) -> str:
    """Return the keyed digest as text, to store instead of the value."""
    return keyed(key, purpose, value).hex()


def same(one: str, other: str) -> bool:
    """Compare without telling by time how much fits."""
    return hmac.compare_digest(one.encode(), other.encode())


def letters(digest: bytes, length: int) -> str:
    """Return `length` characters of five bits each from a digest."""
    number = int.from_bytes(digest)
    return "".join(ALPHABET[(number >> (_BITS * place)) & 31] for place in range(length))


def digits(digest: bytes, length: int) -> str:
    """Return `length` decimal digits from a digest."""
    return str(int.from_bytes(digest) % 10**length).zfill(length)


def normal(code: str) -> str:
    """Return what somebody typed in the form codes are stored in."""
    kept = "".join(character for character in code.upper() if character.isalnum())
    return kept.translate(_READ_AS)
