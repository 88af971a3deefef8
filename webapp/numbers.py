"""Numbers that come in an address, a form or a header: ids, pages, ports."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**31 - 1
"""No id is larger; PostgreSQL would not even look for one."""


def whole_number(sent: str, largest: int = LARGEST_ID) -> int | None:
    """Return the number sent, from 0 to `largest`; None for anything else.

    Only the digits 0 to 9 count: no sign, no blank, no digit of another script.
    """
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= len(str(largest))):
        return None
    number = int(sent)
    return number if number <= largest else None


class RowId(IntegerConverter):
    """The `int` of our addresses, no larger than databases store."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: Map, max: int = LARGEST_ID) -> None:  # noqa: A002 - Werkzeug's names
        super().__init__(map, max=max)


def init(web: Flask) -> None:
    """Let every `<int:...>` of `web` stand for an id; call it before pages are added.

    What no row can have as its id is then an address nobody has.
    """
    web.url_map.converters["int"] = RowId
