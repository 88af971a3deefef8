"""What a value may be and how large it may become."""

from typing import Any, Final, TypeVar

from engine.expressions.errors import ExpressionError

MAX_NUMBER: Final = 10**18
MAX_TEXT: Final = 100_000
MAX_ITEMS: Final = 10_000
MAX_LEVELS: Final = 40
NUMBERS: Final[frozenset[Any]] = frozenset({int, float})
Plain = TypeVar("Plain")
_SCALARS: Final[frozenset[Any]] = frozenset({str, bool, type(None)})


def bounded(value: Plain) -> Plain:
    """The same value, if it is plain data of a sane size.

    Lists are counted with everything inside them, each time it occurs: `[x, x]` repeated over a
    few lines would otherwise grow to gigabytes when it is written down.
    """
    items, characters = 0, 0
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        part, level = waiting.pop()
        inner = _parts(part)
        items += 1 + len(inner)
        characters += len(part) if part.__class__ is str else 0
        if items > MAX_ITEMS or characters > MAX_TEXT or level > MAX_LEVELS:
            raise ExpressionError("too_large")
        waiting.extend((each, level + 1) for each in inner)
    return value


def _parts(value: Any) -> list[Any]:
    """What a list or record holds; refuses what is no plain data."""
    kind = value.__class__
    if kind is list:
        return value  # type: ignore[no-any-return]
    if kind is dict:
        return [*value.keys(), *value.values()]
    if kind in NUMBERS:
        if not -MAX_NUMBER <= value <= MAX_NUMBER:
            raise ExpressionError("too_large")
    elif kind not in _SCALARS:
        raise ExpressionError("failed")
    return []
