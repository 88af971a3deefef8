"""What the parts of a diagram are called in the reader's language."""

from collections.abc import Iterator

from flask_babel import gettext

from engine.definitions import Definition
from engine.drawings import drawings
from engine.spiff.elements import Element
from processes.cases.status import by_language
from webapp.i18n import label

_WAITS = frozenset(
    {
        *("userTask", "manualTask", "receiveTask", "eventBasedGateway"),
        *("intermediateCatchEvent", "boundaryEvent"),
    }
)


def is_named(element: Element) -> bool:
    """Return whether somebody gave the element a name; merging gateways often have none."""
    return element.name != element.id


def name_of(element: Element) -> str:
    """Return the name of an element."""
    if not is_named(element) and element.kind.endswith("Gateway"):
        return gettext("Gateway")
    return label({"en": element.name, **by_language(element.properties, "label")})


def step_name(definition: Definition, element_id: str, process: str = "") -> str:
    """Return the name of an element of a process, or of whatever process of the bundle has it."""
    places = (process, definition.process, *drawings(definition.files))
    for place in places:
        element = definition.by_id.get((place, element_id))
        if element is not None:
            return name_of(element)
    return element_id


def process_name(definition: Definition, process: str = "") -> str:
    """Return the name of the definition's own process, or of one that it calls."""
    drawing = drawings(definition.files).get(process or definition.process)
    return label(drawing.names) if drawing is not None else process


def waits(definition: Definition) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield, for each process of the bundle, its name and the places where instances can wait."""
    for process, drawing in drawings(definition.files).items():
        found = [
            (element.id, name_of(element))
            for element in definition.by_id.values()
            if element.process == process
            and element.kind in _WAITS
            and not _behind_gateway(definition, element, drawing.incoming.get(element.id, []))
        ]
        if found:
            yield label(drawing.names), found


def _behind_gateway(
    definition: Definition, element: Element, incoming: list[tuple[str, str]]
) -> bool:
    """Return whether the instance waits at an event gateway before this event instead."""
    sources = (definition.by_id.get((element.process, source)) for _, source in incoming)
    return any(source is not None and source.kind == "eventBasedGateway" for source in sources)
