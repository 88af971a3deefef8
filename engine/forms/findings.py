"""What is wrong with a form definition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FormFinding:
    """One fault of a form, for its designer.

    Attributes:
        key: key or id of the component, empty for the form as a whole.
        rule: stable name of the rule.
        text: one English sentence.
        severity: an error stops the deployment.
        number: which component it is, counted from 1 as they are read; 0 for the whole form.
        line: line in the file where it is known already, else 0.
    """

    key: str
    rule: str
    text: str
    severity: Literal["error", "warning"] = "error"
    number: int = 0
    line: int = 0


class FormError(ValueError):
    """A form that cannot be used; `findings` says why, each fault once."""

    def __init__(self, name: str, findings: Sequence[FormFinding]) -> None:
        self.name = name
        self.findings = tuple(findings)
        first = findings[0]
        place = f"{name}, {first.key}" if first.key else name
        super().__init__(f"{place}: {first.text}")
