"""The tree both spellings are read into, and how large it may be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from engine.expressions.errors import ExpressionError

MAX_NODES: Final = 200
MAX_DEPTH: Final = 40


class Place(NamedTuple):
    """Where a node stands in its source."""

    line: int
    column: int


START: Final = Place(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One part of an expression; equal to another spelling's part with the same meaning."""

    at: Place = field(default=START, compare=False)

    def children(self) -> tuple["Node", ...]:
        """The parts this part is made of."""
        return ()


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A literal: text, number, yes or no, nothing."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A value looked up by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A field of a record: `case.status`."""

    base: Node
    key: str

    def children(self) -> tuple[Node, ...]:
        """The record."""
        return (self.base,)


@dataclass(frozen=True, slots=True)
class Item(Node):
    """A part of a record, list or text: `case["status"]`, `tags[0]`."""

    base: Node
    index: Node

    def children(self) -> tuple[Node, ...]:
        """The container and the place in it."""
        return (self.base, self.index)


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """A list literal."""

    items: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The items."""
        return self.items


@dataclass(frozen=True, slots=True)
class Record(Node):
    """A record literal: keys are texts, values are expressions."""

    keys: tuple[str, ...]
    values: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The values."""
        return self.values


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite."""

    operand: Node

    def children(self) -> tuple[Node, ...]:
        """What is negated."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """A number with its sign turned."""

    operand: Node

    def children(self) -> tuple[Node, ...]:
        """The number."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """All of (`and`) or any of (`or`) the parts; gives the part that decided."""

    operator: str
    parts: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The parts."""
        return self.parts


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two parts and the sign between them: a comparison or a calculation."""

    operator: str
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Both sides."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """One of two parts, by a test."""

    test: Node
    yes: Node
    no: Node

    def children(self) -> tuple[Node, ...]:
        """The test and both outcomes."""
        return (self.test, self.yes, self.no)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A listed function with its arguments."""

    function: str
    arguments: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


def walk(tree: Node) -> Iterator[tuple[Node, int]]:
    """Every node of a tree with its depth, without recursion."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in node.children())


def names(tree: Node) -> frozenset[str]:
    """The values an expression reads."""
    return frozenset(node.name for node, _ in walk(tree) if isinstance(node, Name))


def check_size(tree: Node) -> None:
    """Refuse a tree that is too large to be anyone's honest condition."""
    for count, (node, depth) in enumerate(walk(tree), start=1):
        if count > MAX_NODES:
            raise ExpressionError(
                "nodes", line=node.at.line, column=node.at.column, limit=MAX_NODES
            )
        if depth > MAX_DEPTH:
            raise ExpressionError(
                "depth", line=node.at.line, column=node.at.column, limit=MAX_DEPTH
            )
