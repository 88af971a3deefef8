"""Numbers in addresses: what no row can have as its id is an address nobody has."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

_LARGEST = 2**31 - 1


class RowId(IntegerConverter):
    """The `int` of our addresses, no larger than databases store."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: Map, max: int = _LARGEST) -> None:  # noqa: A002 - Werkzeug's names
        super().__init__(map, max=max)


def init(web: Flask) -> None:
    """Let every `<int:...>` of `web` stand for an id; call it before pages are added."""
    web.url_map.converters["int"] = RowId
