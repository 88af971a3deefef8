"""One fault of a file, as people read it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


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
    """One sentence that says what to do."""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        element = f" [{self.element_id}]" if self.element_id else ""
        return f"{place}{element} {self.rule}: {self.text}"

    def as_json(self) -> dict[str, Any]:
        """Return a plain dict for storing and printing."""
        return asdict(self)
