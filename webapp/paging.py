"""Which page of a list the address asks for."""

from flask import request

from webapp.numbers import whole_number

_LAST = 10_000


def asked_page() -> int:
    """Return the number in `?page=`, from 1 to 10,000; what makes no sense counts as 1."""
    return min(whole_number(request.args.get("page", "")) or 1, _LAST)
