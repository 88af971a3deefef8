"""Which page of a list the address asks for."""

from flask import request

_LAST = 10_000


def asked_page() -> int:
    """Return the number in `?page=`, from 1 to 10,000; what makes no sense counts as 1."""
    told = request.args.get("page", "")
    if not (told.isascii() and told.isdecimal() and len(told) <= len(str(_LAST))):
        return 1
    return min(max(int(told), 1), _LAST)
