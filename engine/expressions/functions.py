"""The functions an expression may call: the only list there is, for both spellings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.values import NUMBERS
from engine.sentences import Sentence

_MAX_ARGUMENTS: Final = 50
_MAX_PLACES: Final = 12


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Attributes:
        name: its name in the tree.
        run: what it does with its arguments.
        least: fewest arguments.
        most: most arguments.
        needs: what its arguments must be, for the error sentence.
        help: one sentence for the designer.
        empty: what a form condition gets where the arguments do not fit.
        aliases: other names, those of FEEL included.
    """

    name: str
    run: Callable[..., Any]
    least: int
    most: int
    needs: Sentence
    help: str
    empty: Any = None
    aliases: tuple[str, ...] = ()

    def takes(self) -> Sentence:
        """How many arguments it takes, in words."""
        if self.most == _MAX_ARGUMENTS:
            return Sentence("one list, or several values")
        if self.least != self.most:
            return Sentence("one value or two values")
        return Sentence("one value") if self.most == 1 else Sentence("two values")


def _length(value: Any) -> int:
    if value.__class__ not in {str, list, dict}:
        raise TypeError
    return len(value)


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def run(*values: Any) -> Any:
        items = values[0] if len(values) == 1 else list(values)
        if items.__class__ is not list or not items:
            raise TypeError
        kinds = {item.__class__ for item in items}
        if kinds <= NUMBERS or kinds == {str}:
            return choose(items)
        raise TypeError

    return run


def _absolute(value: Any) -> Any:
    if value.__class__ not in NUMBERS:
        raise TypeError
    return abs(value)


def _rounded(value: Any, places: Any = None) -> Any:
    if value.__class__ not in NUMBERS:
        raise TypeError
    if places is None:
        return round(value)
    if places.__class__ is not int or not 0 <= places <= _MAX_PLACES:
        raise TypeError
    return round(value, places)


def contains(container: Any, item: Any) -> bool:
    """Whether a list, the keys of a record, or a text holds the item."""
    if container.__class__ is list:
        return item in container
    if container.__class__ is dict:
        return item.__class__ is str and item in container
    if container.__class__ is str and item.__class__ is str:
        return item in container
    raise TypeError


def _lowered(value: Any) -> Any:
    if value.__class__ is not str:
        raise TypeError
    return value.lower()


def _raised(value: Any) -> Any:
    if value.__class__ is not str:
        raise TypeError
    return value.upper()


_LIST: Final = (
    Function(
        "len",
        _length,
        1,
        1,
        Sentence("a list, a record or a text"),
        "How many items or letters there are.",
        empty=0,
        aliases=("count", "string length"),
    ),
    Function(
        "min",
        _extreme(min),
        1,
        _MAX_ARGUMENTS,
        Sentence("numbers only or texts only"),
        "The smallest value.",
    ),
    Function(
        "max",
        _extreme(max),
        1,
        _MAX_ARGUMENTS,
        Sentence("numbers only or texts only"),
        "The largest value.",
    ),
    Function("abs", _absolute, 1, 1, Sentence("a number"), "The number without its sign."),
    Function(
        "round",
        _rounded,
        1,
        2,
        Sentence("a number, and 0 to {most} places", most=_MAX_PLACES),
        "The number rounded, halves to the even neighbour.",
        aliases=("decimal",),
    ),
    Function(
        "contains",
        contains,
        2,
        2,
        Sentence("a list, a record or a text, then what to look for"),
        "Whether the first holds the second.",
        empty=False,
        aliases=("list contains",),
    ),
    Function(
        "lower",
        _lowered,
        1,
        1,
        Sentence("a text"),
        "The text in small letters.",
        aliases=("lower case",),
    ),
    Function(
        "upper",
        _raised,
        1,
        1,
        Sentence("a text"),
        "The text in capitals.",
        aliases=("upper case",),
    ),
)

FUNCTIONS: Final = {function.name: function for function in _LIST}
"""Every function by its own name."""

_BY_ANY_NAME: Final = FUNCTIONS | {alias: each for each in _LIST for alias in each.aliases}


def function_named(name: str, count: int) -> Function:
    """The function with this name or alias that takes so many arguments."""
    function = _BY_ANY_NAME.get(name)
    if function is None:
        raise ExpressionError(
            "unknown_function", name=name[:40], known=", ".join(sorted(FUNCTIONS))
        )
    if not function.least <= count <= function.most:
        raise ExpressionError("argument_count", function=name, takes=function.takes())
    return function
