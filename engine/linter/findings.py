"""One fault of a file, as people read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.sentences import Sentence, as_json, from_json


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and whether it stops the deployment."""

    file: str
    line: int
    """Counted from 1; 0 when the fault belongs to the file as a whole."""
    element_id: str
    rule: str
    """Short name of the rule, as in `no-script`."""
    text: str
    """One English sentence that says what to do; a Sentence where it can be translated."""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        element = f" [{self.element_id}]" if self.element_id else ""
        return f"{place}{element} {self.rule}: {self.text}"

    @property
    def template(self) -> str:
        """Return the sentence with its places open, key of its translations; empty for none."""
        return self.text.template if isinstance(self.text, Sentence) else ""

    @property
    def params(self) -> Mapping[str, Any]:
        """Return what fills the places of the template."""
        return self.text.params if isinstance(self.text, Sentence) else {}

    def as_json(self) -> dict[str, Any]:
        """Return a plain dict for storing and sending; `from_json` reads it."""
        return {
            "file": self.file,
            "line": self.line,
            "element_id": self.element_id,
            "rule": self.rule,
            "text": str(self.text),
            "severity": self.severity,
            "sentence": as_json(self.text),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Finding":
        """Return the finding that `as_json` wrote. Raises KeyError or ValueError for others."""
        return cls(
            file=str(found["file"]),
            line=int(found["line"]),
            element_id=str(found["element_id"]),
            rule=str(found["rule"]),
            text=from_json(found["sentence"]),
            severity="warning" if found["severity"] == "warning" else "error",
        )
