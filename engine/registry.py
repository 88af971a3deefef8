"""Operations: what diagrams may call, by name, with typed parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from inspect import get_annotations, signature
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from engine.steps import StepResult

Facts = dict[str, Any] | None
"""Routing facts an operation returns; merged into process data."""

Operation = Callable[["Call", Any], Facts]
AnyOperation = TypeVar("AnyOperation", bound=Callable[..., Facts])


@dataclass
class Call:
    """What an operation is told about the step that calls it."""

    session: Session
    instance_id: UUID
    process: str
    key: str
    """Business key of the instance."""
    element_id: str
    element_name: str
    properties: Mapping[str, str]
    actor: str
    """`staff:<id>`, `contact:<id>` or `system`."""
    now: datetime
    """Business time of the command."""
    data: Mapping[str, Any]
    """Process data, for reading."""
    afterwards: list[Callable[[StepResult], None]] = field(default_factory=list)

    def after(self, callback: Callable[[StepResult], None]) -> None:
        """Have `callback` called in the same transaction once tasks and timers are written."""
        self.afterwards.append(callback)


class Operations:
    """All operations by name, as in `request.classify`."""

    def __init__(self) -> None:
        self._operations: dict[str, tuple[Operation, type[BaseModel]]] = {}

    def operation(self, name: str) -> Callable[[AnyOperation], AnyOperation]:
        """Register the decorated function as `name`; its second parameter is a pydantic model."""

        def register(function: AnyOperation) -> AnyOperation:
            if name in self._operations:
                message = f"two operations are called {name}"
                raise ValueError(message)
            self._operations[name] = (function, _parameter_model(function))
            return function

        return register

    def __contains__(self, name: str) -> bool:
        return name in self._operations

    def names(self) -> frozenset[str]:
        """Return every registered name."""
        return frozenset(self._operations)

    def model(self, name: str) -> type[BaseModel]:
        """Return the model of what the operation takes; KeyError for an unknown name."""
        return self._operations[name][1]

    def run(self, name: str, call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check `given` against the model, run the operation, return its facts.

        Raises whatever the operation raises, and pydantic's ValidationError.
        """
        function, model = self._operations[name]
        return function(call, model.model_validate(given)) or {}


def _parameter_model(function: Callable[..., Facts]) -> type[BaseModel]:
    """Return the model named by the annotation of the second parameter."""
    parameters = list(signature(function).parameters)
    annotations = get_annotations(function, eval_str=True)
    expected = 2
    model = annotations.get(parameters[1]) if len(parameters) == expected else None
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        message = f"{function.__qualname__} must take a call and one pydantic model"
        raise TypeError(message)
    return model
