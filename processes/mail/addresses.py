"""Addresses as people type them, and as they are compared."""

from collections.abc import Iterable
from email.utils import getaddresses

from engine.errors import InvalidInputError
from engine.forms.formats import is_email

MOST = 20
"""Further recipients of one mail."""
_LONGEST = 4_000
_LONGEST_NAME = 120
_SEPARATORS = str.maketrans({";": ",", "\n": ",", "\r": ","})

Pair = tuple[str, str]
"""A name, which may be empty, and an address in lower case."""


def parse(text: str, field: str) -> tuple[Pair, ...]:
    """Return the addresses of a line such as `Ann <ann@example.org>, bob@example.org`.

    Commas, semicolons and line ends separate. Raises InvalidInputError for the field when one of
    them is no address, or there are more than 20.
    """
    if len(text) > _LONGEST:
        raise InvalidInputError({field: ["too_many_addresses"]})
    pieces = [piece.strip() for piece in _split(text.translate(_SEPARATORS)) if piece.strip()]
    found: dict[str, str] = {}
    for piece in pieces:
        name, address = _pair(piece)
        if ":" in piece or not is_email(address):  # a colon begins a group, or a header
            raise InvalidInputError({field: ["addresses"]})
        found.setdefault(address.lower(), name)
    if len(found) > MOST:
        raise InvalidInputError({field: ["too_many_addresses"]})
    return tuple((name, address) for address, name in found.items())


def without_plus(address: str) -> str:
    """Return an address in lower case without what follows a plus (RFC 5233)."""
    local, at_sign, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}{at_sign}{domain}"


def written(pairs: Iterable[Iterable[str]]) -> str:
    """Return addresses as people write them, to stand in a field again."""
    return ", ".join(f"{name} <{address}>" if name else address for name, address in pairs)


def _split(text: str) -> list[str]:
    """Split at commas, but not inside the quotes of a name."""
    pieces, quoted = [""], False
    for sign in text:
        quoted ^= sign == '"'
        if sign == "," and not quoted:
            pieces.append("")
        else:
            pieces[-1] += sign
    return pieces


def _pair(piece: str) -> Pair:
    pairs = getaddresses([piece])
    name, address = pairs[0] if len(pairs) == 1 else ("", "")
    plain = "".join(sign for sign in name if sign.isprintable() and sign not in '<>,;"')
    return " ".join(plain.split())[:_LONGEST_NAME], address
