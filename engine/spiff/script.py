"""What diagrams may compute and call, in place of the library's Python engine."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Never

from engine.expressions.language import compile_assignments, compile_expression

CallOperation = Callable[[Any, str, dict[str, Any]], dict[str, Any]]
"""Takes the engine's task, the operation's name and its parameters; returns facts."""


class ScriptEngine:
    """Evaluates expressions of one command; `now` is the business time of that command.

    It stands where SpiffWorkflow expects a script engine with an environment.
    """

    def __init__(self, now: datetime, call_operation: CallOperation) -> None:
        self.now = now
        self.call_operation = call_operation

    @classmethod
    def for_looking(cls, now: datetime) -> "ScriptEngine":
        """Return one for instances that are only looked at: whoever calls an operation fails."""
        return cls(now, _refuse)

    @property
    def environment(self) -> "ScriptEngine._Environment":
        """Return what the library asks for plain evaluations in."""
        return self._Environment()

    def evaluate(
        self, task: Any, expression: str, external_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value of an expression in the data of `task`."""
        return self.environment.evaluate(expression, task.data, external_context)

    def execute(
        self, task: Any, script: str, external_context: Mapping[str, Any] | None = None
    ) -> bool:
        """Run lines of `name = expression` on the data of `task`."""
        task.data.update(compile_assignments(script)({**(external_context or {}), **task.data}))
        return True

    class _Environment:
        """The part of the interface that has no task."""

        def evaluate(
            self,
            expression: str,
            context: Mapping[str, Any],
            external_context: Mapping[str, Any] | None = None,
        ) -> Any:
            values = {**external_context, **context} if external_context else context
            return compile_expression(expression)(values)


def _refuse(*_: Any) -> Never:
    message = "an instance that is only looked at called an operation"
    raise RuntimeError(message)
