"""What the rules say about files that are to be deployed, as their designer reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine import deployment
from engine.deployment.drafts import Draft
from engine.deployment.plan import FileChange, Planned, changes, planned
from engine.drawings import drawings
from engine.linter import Finding
from engine.spiff.xml import BPMN, UnreadableXmlError, read
from webapp.context import app, tx
from webapp.designer.shapes import Shapes
from webapp.i18n import label

SHOWN = 300
_AROUND = 3
_LONGEST_LINE = 300


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
    _shapes: dict[str, Shapes] = field(default_factory=dict)

    @property
    def found(self) -> list[Finding]:
        """Return errors, then warnings, as many as a page can show."""
        return [*self.errors, *self.warnings][:SHOWN]

    def name_of(self, process: str) -> str:
        """Return the name of a process of the plan in the reader's language."""
        drawing = drawings(self.merged).get(process)
        return label(drawing.names) if drawing is not None else process

    def shape(self, finding: Finding) -> str:
        """Return the id of the shape or line that shows a finding; empty when none does."""
        if finding.file not in self._shapes:
            drawable = self._is_drawable(finding.file)
            self._shapes[finding.file] = Shapes(self.merged[finding.file] if drawable else b"")
        return self._shapes[finding.file].showing(finding.element_id)

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


def check(draft: Draft, *, trial: bool = True) -> Check:
    """Return what the rules say about a draft; deploys nothing.

    `trial` starts every process in a limited child process; what it found is remembered.
    """
    current = deployment.current_files(tx())
    findings = deployment.check(tx(), draft.files, app().vocabulary, trial=trial)
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
