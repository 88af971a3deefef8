"""What the rules say about files that are to be deployed, as their designer reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from engine import deployment
from engine.deployment.drafts import Draft
from engine.deployment.plan import FileChange, Planned, changes, planned
from engine.linter import Finding
from engine.spiff.xml import BPMN, UnreadableXmlError, read
from engine.trace import drawings
from webapp.context import app, tx
from webapp.i18n import label

SHOWN = 300
_AROUND = 3
_LONGEST_LINE = 300

RULES: dict[str, LazyString] = {
    "xml": lazy_gettext("Not readable"),
    "file-type": lazy_gettext("Kind of file"),
    "form": lazy_gettext("Form"),
    "no-form": lazy_gettext("Form is missing"),
    "no-operation": lazy_gettext("Operation is missing"),
    "unknown-operation": lazy_gettext("Unknown operation"),
    "unknown-parameter": lazy_gettext("Unknown parameter"),
    "missing-parameter": lazy_gettext("Parameter is missing"),
    "unknown-process": lazy_gettext("Unknown process"),
    "unknown-value": lazy_gettext("Unknown value"),
    "no-script": lazy_gettext("Script"),
    "expression": lazy_gettext("Expression"),
    "timer": lazy_gettext("Timer"),
    "no-message": lazy_gettext("Message is missing"),
    "one-process": lazy_gettext("One process a file"),
    "process-id": lazy_gettext("Process id and folder"),
    "too-large": lazy_gettext("Too large"),
    "duplicate-id": lazy_gettext("Id used twice"),
    "missing-id": lazy_gettext("Id is missing"),
    "not-supported": lazy_gettext("Not supported"),
    "call-cycle": lazy_gettext("Calls itself"),
    "engine": lazy_gettext("Not executable"),
    "no-default": lazy_gettext("Default flow"),
    "unreachable": lazy_gettext("Unreachable"),
    "no-path-to-end": lazy_gettext("No way to the end"),
    "no-way-out": lazy_gettext("No way out"),
    "no-end-event": lazy_gettext("End is missing"),
    "endless-loop": lazy_gettext("Endless loop"),
    "too-many-paths": lazy_gettext("Too many paths"),
    "condition-ignored": lazy_gettext("Condition without effect"),
    "no-condition": lazy_gettext("Condition is missing"),
    "dangling-flow": lazy_gettext("Loose flow"),
    "dangling-boundary": lazy_gettext("Loose event"),
    "event-gateway": lazy_gettext("Event gateway"),
    "implicit-split": lazy_gettext("Hidden split"),
    "merge-gateway": lazy_gettext("Hidden merge"),
    "fires-once": lazy_gettext("Fires only once"),
}
"""Short words for the rules; a rule without words shows its own name."""


@dataclass(frozen=True)
class Check:
    """A draft with all that is said about it."""

    draft: Draft
    merged: Mapping[str, bytes]
    """What would be deployed: the draft laid over what is active."""
    files: list[FileChange]
    errors: list[Finding]
    warnings: list[Finding]
    plan: list[Planned]
    """Empty when anything is wrong, and when nothing would change."""

    @property
    def found(self) -> list[Finding]:
        """Return errors, then warnings, as many as a page can show."""
        return [*self.errors, *self.warnings][:SHOWN]

    def name_of(self, process: str) -> str:
        """Return the name of a process of the plan in the reader's language."""
        drawing = drawings(self.merged).get(process)
        return label(drawing.names) if drawing is not None else process

    def drawn(self) -> list[str]:
        """Return the diagrams that can be drawn: those of the draft, then others with findings."""
        names = [change.name for change in self.files]
        names += sorted({finding.file for finding in self.found} - set(names))
        return [name for name in names if self._is_drawable(name)]

    def _is_drawable(self, name: str) -> bool:
        if not name.endswith(".bpmn") or name not in self.merged:
            return False
        try:
            root = read(self.merged[name])
        except UnreadableXmlError:
            return False
        return bool(root.tag == f"{{{BPMN}}}definitions")


def check(draft: Draft) -> Check:
    """Return what the rules say about a draft; deploys nothing."""
    current = deployment.current_files(tx())
    findings = _findings(draft.files)
    errors = [finding for finding in findings if finding.severity == "error"]
    return Check(
        draft=draft,
        merged={**current, **draft.files},
        files=changes(draft.files, current),
        errors=errors,
        warnings=[finding for finding in findings if finding.severity != "error"],
        plan=[] if errors else planned(tx(), draft.files, current),
    )


def excerpt(raw: bytes, line: int) -> list[tuple[int, str]]:
    """Return the lines of a file around one of them, with their numbers."""
    if line < 1:
        return []
    lines = raw.decode("utf-8", "replace").split("\n")
    first = max(1, line - _AROUND)
    shown = lines[first - 1 : line + _AROUND]
    return [(first + at, text.rstrip("\r")[:_LONGEST_LINE]) for at, text in enumerate(shown)]


def _findings(files: Mapping[str, bytes]) -> list[Finding]:
    try:
        return deployment.check(tx(), files, app().vocabulary)
    except RecursionError:  # a drawing so long that following it ends nowhere
        text = "This diagram is too long or too deep to be followed."
        return [Finding(name, 0, "", "too-large", text) for name in files]
