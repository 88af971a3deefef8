"""Values that are called otherwise here: expressions read them by their new names."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from engine.expressions.tree import Field, Name, Node, walk


def renamed(tree: Node, called: Mapping[str, str]) -> Node:
    """Return an expression that reads each value of `called`, as in `order.id`, by its new name."""
    if not called:
        return tree
    path = path_of(tree)
    if path in called:
        return Name(called[path], at=tree.at)
    parts: dict[str, Any] = {}
    for part in fields(tree):
        value = getattr(tree, part.name)
        if isinstance(value, Node):
            parts[part.name] = renamed(value, called)
        elif isinstance(value, tuple) and part.name != "at":
            parts[part.name] = tuple(
                renamed(each, called) if isinstance(each, Node) else each for each in value
            )
    return replace(tree, **parts)


def path_of(tree: Node) -> str:
    """Return how a value is read, as in `order.customer.name`; empty for anything else."""
    if isinstance(tree, Name):
        return tree.name
    base = path_of(tree.base) if isinstance(tree, Field) else ""
    return f"{base}.{tree.key}" if isinstance(tree, Field) and base else ""


def fields_read(tree: Node, name: str) -> list[Node]:
    """Return the longest paths on which an expression reads the value `name`, itself if whole."""
    bases = {id(node.base) for node, _ in walk(tree) if isinstance(node, Field)}
    return [
        node
        for node, _ in walk(tree)
        if id(node) not in bases and path_of(node).partition(".")[0] == name
    ]
