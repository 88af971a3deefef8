"""In which order inputs are read: each after those that decide about it."""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from engine.forms.components import Component
from engine.forms.findings import FormFinding
from engine.sentences import Sentence


def dependency_order(
    components: Sequence[Component], findings: list[FormFinding]
) -> tuple[Component, ...]:
    """The inputs, each after the inputs its condition or its options depend on.

    Inputs that wait for each other are noted among the findings.
    """
    needs = dict(_inputs(components, frozenset()))
    fields = {component.key: component for component in needs}
    graph = {
        component.key: [name for name in sorted(wanted) if name in fields]
        for component, wanted in needs.items()
    }
    try:
        return tuple(fields[key] for key in TopologicalSorter(graph).static_order())
    except CycleError as error:
        around = " → ".join(error.args[1])
        text = Sentence("Fields decide about each other in a circle: {fields}.", fields=around)
        first = fields[error.args[1][0]]
        findings.append(FormFinding(first.id, "circle", text, number=first.number))
        return ()


def _inputs(
    components: Sequence[Component], inherited: frozenset[str]
) -> Iterator[tuple[Component, frozenset[str]]]:
    for component in components:
        wanted = inherited | component.needs()
        if component.is_input:
            yield component, wanted
        yield from _inputs(component.components, wanted)
