"""All rules over all files of a deployment."""

from collections.abc import Iterator, Mapping

from engine.forms.checks import check_form
from engine.forms.definition import FormDefinition, FormError
from engine.linter import bindings, graph, limits, structure
from engine.linter.bindings import Vocabulary
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.spiff import xml
from engine.spiff.parser import UnparsableError, called, parse

__all__ = ["Vocabulary", "lint"]

_SUFFIXES = (".bpmn", ".dmn", ".form")


def lint(files: Mapping[str, bytes], vocabulary: Vocabulary) -> list[Finding]:
    """Return every finding on `files`, worst first, then by file and line.

    `files` maps `<process>/<name>` to contents and holds everything the diagrams refer to.
    """
    diagrams, findings = _read(files)
    findings += _forms(files, vocabulary)
    for diagram in diagrams:
        faults = [*structure.check(diagram), *limits.check(diagram)]
        findings += faults
        if any(fault.rule in {"too-large", limits.CROSSING} for fault in faults):
            continue  # the other rules follow every path
        findings += graph.check(diagram)
        findings += bindings.check(diagram, vocabulary, files)
    if not any(finding.severity == "error" for finding in findings):
        findings += _calls(files)
    if not any(finding.severity == "error" for finding in findings):
        findings += _library(diagrams, files)
    return sorted(set(findings), key=lambda f: (f.severity, f.file, f.line, f.element_id, f.rule))


def _read(files: Mapping[str, bytes]) -> tuple[list[Diagram], list[Finding]]:
    diagrams, findings = [], []
    for name, raw in files.items():
        if not name.endswith(_SUFFIXES):
            text = "Only .bpmn, .dmn and .form files can be deployed."
            findings.append(Finding(name, 0, "", "file-type", text))
        if not name.endswith((".bpmn", ".dmn")):
            continue
        try:
            root = xml.read(raw)
        except xml.UnreadableXmlError as error:
            findings.append(Finding(name, error.line or 0, "", "xml", error.text))
            continue
        if name.endswith(".bpmn"):
            diagrams.append(Diagram(name, root))
    return diagrams, findings


def _forms(files: Mapping[str, bytes], vocabulary: Vocabulary) -> Iterator[Finding]:
    for name, raw in files.items():
        if not name.endswith(".form"):
            continue
        try:
            found = check_form(FormDefinition.parse(raw, name=name), lookups=vocabulary.lookups)
        except FormError as error:
            found = list(error.findings)
        for fault in found:
            rule = f"form-{fault.rule}"
            yield Finding(name, 0, fault.key, rule, fault.text, fault.severity)


def _calls(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Refuse processes that call themselves, directly or through others."""
    edges = {
        name.split("/", 1)[0]: (name, called(raw))
        for name, raw in files.items()
        if name.endswith(".bpmn")
    }
    for process, (name, targets) in edges.items():
        seen, stack = set(), list(targets)
        while stack:
            target = stack.pop()
            if target not in seen and target in edges:
                seen.add(target)
                stack += edges[target][1]
        if process in seen:
            text = f"The process {process} calls itself: it would never stop."
            yield Finding(name, 0, process, "call-cycle", text)


def _library(diagrams: list[Diagram], files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Let the engine's own parser read every process."""
    for diagram in diagrams:
        try:
            parse(files, diagram.folder)
        except UnparsableError as error:
            file = error.file or diagram.file
            yield Finding(file, error.line, error.element, "engine", error.text)
