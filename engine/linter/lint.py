"""All rules over all files of a deployment."""

from collections.abc import Iterable, Iterator, Mapping

from engine.linter import (
    bindings,
    catching,
    decisions,
    expressions,
    forms,
    graph,
    joins,
    loops,
    places,
    references,
    repeats,
    spelling,
    structure,
)
from engine.linter import (
    trial as trials,
)
from engine.linter.bindings import Vocabulary
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff import xml
from engine.spiff.parser import UnparsableError, parse
from engine.spiff.sources import Sources

__all__ = ["Vocabulary", "lint"]

_SUFFIXES = (".bpmn", ".dmn", ".form")
_MOST = 1_000
"""Findings that are told."""
_MOST_TOGETHER = 10_000
"""Nodes of all processes, each with those of what it calls: the engine reads them anew for each."""


def lint(
    files: Mapping[str, bytes], vocabulary: Vocabulary, *, trial: bool = False
) -> list[Finding]:
    """Return every finding on `files`, errors first, then by file and line.

    `files` maps `<process>/<name>` to contents and holds everything the diagrams refer to.
    `trial` also starts each process in a limited child process when nothing else is wrong.
    """
    sources = Sources.of(files)
    findings = list(_unreadable(sources))
    lost = {finding.file for finding in findings}
    diagrams = [
        Diagram(name, sources.root(name)) for name in sources.named(".bpmn") if name not in lost
    ]
    tables = decisions.read_all(sources, lost)
    findings += tables.findings
    read = forms.read_all(sources, vocabulary)
    findings += read.findings
    for diagram in diagrams:
        findings += _diagram(diagram, vocabulary, sources, read, tables)
    findings += decisions.uncalled(tables, diagrams)
    if not _has_errors(findings):
        findings += _together(diagrams, sources)
    if not _has_errors(findings):
        findings += _calls(diagrams)
        findings += catching.check(diagrams)
        findings += loops.check(diagrams)
    if not _has_errors(findings):
        findings += _library(diagrams, sources)
    if trial and not _has_errors(findings):
        findings += trials.check(sources, diagrams)
    return _bounded(
        sorted(set(findings), key=lambda f: (f.severity, f.file, f.line, f.element_id, f.rule))
    )


def _bounded(findings: list[Finding]) -> list[Finding]:
    """Return so many findings as anybody reads and a version keeps; the errors come first."""
    if len(findings) <= _MOST:
        return findings
    text = Sentence(
        "{count} more findings are not shown; mend these first.", count=len(findings) - _MOST
    )
    return [*findings[:_MOST], Finding(findings[_MOST].file, 0, "", "more", text, "warning")]


def _has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _unreadable(sources: Sources) -> Iterator[Finding]:
    for name in sources:
        if not name.endswith(_SUFFIXES):
            text = Sentence("Only .bpmn, .dmn and .form files can be deployed.")
            yield Finding(name, 0, "", "file-type", text)
        if name.endswith((".bpmn", ".dmn")):
            try:
                sources.root(name)
            except xml.UnreadableXmlError as error:
                yield Finding(name, error.line or 0, "", "xml", error.text)


def _diagram(
    diagram: Diagram,
    vocabulary: Vocabulary,
    sources: Sources,
    read: forms.Forms,
    tables: decisions.Tables,
) -> Iterator[Finding]:
    faults = list(structure.check(diagram))
    yield from faults
    if any(fault.rule == structure.TOO_LARGE for fault in faults):
        return  # the other rules follow every path
    try:
        dangling = list(graph.dangling(diagram))
        yield from dangling or graph.check(diagram)
        yield from () if dangling else joins.check(diagram)
    except RecursionError:  # a drawing so long that following it ends nowhere
        text = Sentence("This diagram is too long or too deep to be followed.")
        yield diagram.finding(None, structure.TOO_LARGE, text)
    yield from places.check(diagram)
    yield from references.check(diagram)
    yield from expressions.check(diagram)
    yield from bindings.check(diagram, vocabulary, sources)
    yield from forms.check(diagram, vocabulary, read)
    yield from spelling.check(diagram, read)
    yield from repeats.over_fields(diagram, read)
    yield from decisions.check(diagram, tables)


def _together(diagrams: Iterable[Diagram], sources: Sources) -> Iterator[Finding]:
    """Refuse calls between so many processes that reading each with all it calls takes minutes."""
    nodes = {diagram.file: len(diagram.nodes) for diagram in diagrams}
    count, largest = 0, (0, "")
    for diagram in diagrams:
        own = sum(nodes.get(name, 0) for name in sources.bundle(diagram.folder))
        count, largest = count + own, max(largest, (own, diagram.file))
    if count > _MOST_TOGETHER:
        text = Sentence(
            "Read with all they call, the processes have {count} nodes together; at most {most} "
            "are allowed. This one calls most.",
            count=count,
            most=_MOST_TOGETHER,
        )
        yield Finding(largest[1], 0, "", structure.TOO_LARGE, text)


def _calls(diagrams: Iterable[Diagram]) -> Iterator[Finding]:
    """Refuse processes that call themselves, directly or through others."""
    calls = {diagram.folder: list(diagram.all("callActivity")) for diagram in diagrams}
    edges = {
        process: [node.get("calledElement", "") for node in nodes]
        for process, nodes in calls.items()
    }
    for diagram in diagrams:
        process = diagram.folder
        for node in calls[process]:
            if process in _reached(node.get("calledElement", ""), edges):
                text = Sentence(
                    "The process {process} calls itself: it would never stop.", process=process
                )
                yield diagram.finding(node, "call-cycle", text)


def _reached(first: str, edges: Mapping[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [first]
    while waiting:
        target = waiting.pop()
        if target not in seen:
            seen.add(target)
            waiting += edges.get(target, [])
    return seen


def _library(diagrams: Iterable[Diagram], sources: Sources) -> Iterator[Finding]:
    """Let the engine's own parser read every process with what it calls."""
    for diagram in diagrams:
        try:
            parse(sources.bundle(diagram.folder), diagram.folder)
        except UnparsableError as error:
            file = error.file or diagram.file
            yield Finding(file, error.line, error.element, "engine", error.text)
        except RecursionError:
            text = Sentence("This diagram is too long or too deep to be followed.")
            yield diagram.finding(None, structure.TOO_LARGE, text)
