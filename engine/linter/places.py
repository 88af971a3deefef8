"""Rules on names and places: what the database can keep, and what can stand where."""

import re
from collections.abc import Iterator

from lxml import etree

from engine.linter.diagram import Diagram, Flow
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.elements import ACTIVITIES, Element

_LONGEST = 100
"""Characters of an id or a name that is stored in a column of its own."""
_ID = re.compile(r"[^\W\d][\w.-]*")
_OWN = frozenset({"Start", "End"})
_HELPERS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin")
_STORED = ("message", "signal", "lane")
"""What is stored by its name."""


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on ids, names and the hosts of boundary events."""
    drawn: list[Element | Flow] = [*diagram.nodes.values(), *diagram.flows]
    for owner in drawn:
        if owner.id and not (len(owner.id) <= _LONGEST and _ID.fullmatch(owner.id)):
            text = Sentence(
                "An id has letters, digits, _ . and -, at most {most}: {id}.",
                most=_LONGEST,
                id=repr(owner.id[:40]),
            )
            yield diagram.finding(owner, "bad-id", text)
    yield from _taken(diagram)
    yield from _names(diagram)
    for event in diagram.all("boundaryEvent"):
        yield from _host(diagram, diagram.nodes.get(event.get("id", "")), event)


def is_taken(step_id: str) -> bool:
    """Tell whether the engine has steps of its own by this id."""
    return step_id in _OWN or step_id.endswith(_HELPERS)


def _taken(diagram: Diagram) -> Iterator[Finding]:
    """Refuse ids of the engine's own steps: it would run those in place of what is drawn."""
    for step in diagram.nodes.values():
        if is_taken(step.id):
            text = Sentence(
                "The engine has a step “{id}” of its own; choose another id.", id=step.id
            )
            yield diagram.finding(step, "bad-id", text)


def _names(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all(*_STORED):
        if len(node.get("name", "")) > _LONGEST:
            yield _too_long(diagram, node)
    for kind in ("error", "escalation"):
        for node in diagram.all(kind):
            if len(node.get(f"{kind}Code", "")) > _LONGEST:
                yield _too_long(diagram, node)
    for step in diagram.nodes.values():
        if step.form_key and len(step.form_key) > _LONGEST:
            yield _too_long(diagram, step)


def _too_long(diagram: Diagram, node: Element | etree._Element) -> Finding:
    text = Sentence("A name has at most {most} characters here; shorten it.", most=_LONGEST)
    return diagram.finding(node, "long-name", text)


def _host(diagram: Diagram, event: Element | None, node: etree._Element) -> Iterator[Finding]:
    host = diagram.nodes.get(node.get("attachedToRef", ""))
    if event is None or host is None:
        return
    if host.kind not in ACTIVITIES or host.scope != event.scope:
        text = Sentence(
            "A boundary event belongs on a task, subprocess or call activity beside it."
        )
        yield diagram.finding(event, "boundary-host", text)
