"""A decision as it is worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.decisions.cells import Test
from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Compiled
from engine.expressions.values import bounded

HitPolicy = Literal["UNIQUE", "FIRST", "COLLECT"]


class DecisionError(ValueError):
    """The table gives no answer for these values, such as two rules where one may fit."""


@dataclass(frozen=True)
class Rule:
    """One row: tests of the inputs, values of the outputs; None leaves an output without one."""

    number: int
    """Counted from 1, as the table shows it."""
    tests: tuple[Test, ...]
    values: tuple[Compiled | None, ...]


@dataclass(frozen=True)
class Decision:
    """One decision table; never changed, shared by all threads."""

    id: str
    name: str
    policy: HitPolicy
    inputs: tuple[Compiled, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]

    def decide(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return every output by name.

        UNIQUE and FIRST give None where no rule fits; COLLECT gives lists, in the order of the
        rules. Raises DecisionError when several rules of a UNIQUE table fit, and
        ExpressionError when a cell cannot be worked out.
        """
        fitting = self._fitting(values)
        if self.policy == "UNIQUE" and len(fitting) > 1:
            numbers = " and ".join(str(rule.number) for rule in fitting)
            message = f"Of the decision {self.id} the rules {numbers} fit; only one may."
            raise DecisionError(message)
        if self.policy != "COLLECT":
            fitting = fitting[:1]
        columns = [self._column(index, fitting, values) for index in range(len(self.outputs))]
        if self.policy == "COLLECT":
            return bounded(dict(zip(self.outputs, columns, strict=True)))
        single = [column[0] if column else None for column in columns]
        return bounded(dict(zip(self.outputs, single, strict=True)))

    def _fitting(self, values: Mapping[str, Any]) -> list[Rule]:
        given = [each(values) for each in self.inputs]
        found: list[Rule] = []
        for rule in self.rules:
            if self._fits(rule, given, values):
                found.append(rule)
                if self.policy == "FIRST":
                    break
        return found

    def _fits(self, rule: Rule, given: Sequence[Any], values: Mapping[str, Any]) -> bool:
        try:
            return all(
                test.fits(value, values) for test, value in zip(rule.tests, given, strict=True)
            )
        except ExpressionError as error:
            error.add_note(f"in rule {rule.number} of the decision {self.id}")
            raise

    def _column(self, index: int, rules: Sequence[Rule], values: Mapping[str, Any]) -> list[Any]:
        cells = [rule.values[index] for rule in rules]
        return [None if cell is None else cell(values) for cell in cells]
