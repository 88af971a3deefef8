"""From files to something that runs: parsed once for each version, then shared by all instances."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engine.decisions import read
from engine.spiff import links, sources, xml
from engine.spiff.elements import Element, flow_nodes
from engine.spiff.reading import Parser
from engine.spiff.sources import Sources

_OBJECT = re.compile(r"<Element '?(?:\{[^}]*\})?([\w.-]+)'? at 0x[0-9a-f]+>")
"""How Python shows an XML element."""


class UnparsableError(ValueError):
    """The library cannot read the diagrams; names file, element and line as far as known."""

    def __init__(self, text: str, file: str = "", element: str = "", line: int = 0) -> None:
        self.text, self.file, self.element, self.line = text, file, element, line
        super().__init__(text)


@dataclass(frozen=True)
class Bundle:
    """A process with everything it calls, ready to be shared by threads: never changed again."""

    key: str
    """Process id."""
    spec: Any
    subprocesses: dict[str, Any]
    elements: dict[tuple[str, str], Element]
    """By (innermost process or subprocess id, element id)."""

    def element(self, task: Any) -> Element | None:
        """Return what is drawn for an engine task; None for the library's own helpers."""
        if task.task_spec.bpmn_id is None:
            return None
        return self.elements.get((task.workflow.spec.name, task.task_spec.bpmn_id))

    def child(self, task: Any, element_id: str) -> Element:
        """Return an element drawn beside that of `task`, such as a timer behind its gateway."""
        return self.elements[(task.workflow.spec.name, element_id)]


def parse(files: Mapping[str, bytes], process: str) -> Bundle:
    """Return the bundle of `process` from all its `.bpmn` and `.dmn` files.

    Raises UnparsableError, and `xml.UnreadableXmlError` for files that are no XML.
    """
    read_once = Sources.of(files)
    roots = {name: read_once.root(name) for name in read_once.named(".bpmn")}
    tables = {name: read_once.root(name) for name in read_once.named(".dmn")}
    elements = [node for name, root in roots.items() for node in flow_nodes(root, name)]
    spec, subprocesses = _specs(roots, tables, process, elements)
    for item in (spec, *subprocesses.values()):
        _seal(item)
    index = {(element.scope, element.id): element for element in elements}
    _require_plain_starts((spec, *subprocesses.values()), subprocesses, index)
    index |= {(outer, element.id): element for outer, element in _listening(roots, elements)}
    return Bundle(process, spec, subprocesses, index)


def called(raw: bytes) -> set[str]:
    """Return the ids of the processes that the call activities of a file call."""
    return sources.called(xml.read(raw))


def start_messages(raw: bytes) -> set[str]:
    """Return the names of the messages that start an instance of the process in a file."""
    root = xml.read(raw)
    names = {node.get("id"): node.get("name", "") for node in root.iter(f"{{{xml.BPMN}}}message")}
    path = "bpmn:process/bpmn:startEvent/bpmn:messageEventDefinition"
    found = root.iterfind(path, xml.NAMESPACES)
    return {names.get(node.get("messageRef"), "") for node in found} - {""}


def processes(raw: bytes) -> list[tuple[str, str]]:
    """Return (id, name) of each executable process in a file."""
    return sources.processes(xml.read(raw))


def _listening(
    roots: Mapping[str, etree._Element], elements: Iterable[Element]
) -> Iterator[tuple[str, Element]]:
    """Yield (outer scope, start event) of event subprocesses: it waits in the scope around it."""
    outer: dict[str, str] = {}
    for root in roots.values():
        for node in root.iter(f"{{{xml.BPMN}}}subProcess"):
            if node.get("triggeredByEvent") == "true":
                outer[node.get("id", "")] = node.getparent().get("id", "")
    for element in elements:
        if element.kind == "startEvent" and element.scope in outer:
            yield outer[element.scope], element


def _specs(
    roots: Mapping[str, etree._Element],
    tables: Mapping[str, etree._Element],
    process: str,
    elements: Iterable[Element],
) -> tuple[Any, dict[str, Any]]:
    parser = Parser({each.id: each for root in tables.values() for each in read(root)[0]})
    where = {element.id: element for element in elements}
    try:
        for name, root in roots.items():
            parser.add_bpmn_xml(links.joined(root), name)
        return parser.get_spec(process), parser.get_subprocess_specs(process)
    except ValidationException as error:
        element = where.get(str(error.id or ""))
        raise UnparsableError(
            _OBJECT.sub(r"“\1”", str(error.args[0] if error.args else error)),
            element.file if element else str(error.file_name or ""),
            element.id if element else "",
            element.line if element else 0,
        ) from None
    except (KeyError, AttributeError, TypeError, ValueError, NotImplementedError) as error:
        seen = _OBJECT.sub(r"“\1”", str(error))
        text = f"The diagram cannot be understood ({type(error).__name__}: {seen})."
        raise UnparsableError(text) from None


def _require_plain_starts(
    specs: Iterable[Any],
    subprocesses: Mapping[str, Any],
    index: Mapping[tuple[str, str], Element],
) -> None:
    """Refuse to call a process that only a message can start. Raises UnparsableError."""
    for spec in specs:
        for task_spec in spec.task_specs.values():
            called_spec = subprocesses.get(getattr(task_spec, "spec", ""))
            if called_spec is None or called_spec.entry(None) is not None:
                continue
            element = index[(spec.name, task_spec.bpmn_id)]
            text = f"The called process {called_spec.name!r} has no plain start event."
            raise UnparsableError(text, element.file, element.id, element.line)


def _seal(spec: Any) -> None:
    """Do in advance every change the library would make to a spec at run time.

    Without it a restored multi-instance waits for ever. What else the stock elements change in
    a spec while running, our own leave alone.
    """
    for task_spec in list(spec.task_specs.values()):
        if isinstance(task_spec, LoopTask):
            child = spec.task_specs[task_spec.task_spec]
            if not child.completed_event.is_connected(task_spec.merge_child):
                child.completed_event.connect(task_spec.merge_child)
