"""Which page of a list the address asks for."""

from flask import request

_LAST = 10_000


def asked_page(last: int = _LAST) -> int:
    """Return the number in `?page=`, from 1 to `last`; what makes no sense counts as 1."""
    told = request.args.get("page", "")
    if not (told.isascii() and told.isdecimal() and len(told) <= len(str(last))):
        return 1
    return min(max(int(told), 1), last)
