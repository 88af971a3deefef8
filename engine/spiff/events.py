"""What is thrown and what it is caught by: messages, signals, errors, escalations, cancellation.

One definition in place of the library's four. It cures these faults of the stock ones: an error
or escalation reached any waiting task of the instance instead of the innermost handler; two
messages of one name behind one gateway could not be told apart; a signal never left the instance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import CancelEventDefinition

Kind = Literal["message", "signal", "error", "escalation", "cancel"]
Sendable = Literal["message", "signal"]

MAX_KEY = 100
"""Characters a correlation key may have."""

_FIRED, _PAYLOAD = "event_fired", "payload"


class CorrelationKeyError(ValueError):
    """The expression of a correlation key gives no text that could be compared."""


class UncaughtError(RuntimeError):
    """An error was thrown in the diagram and nothing catches it."""

    def __init__(self, code: str, element_id: str) -> None:
        self.code, self.element_id = code, element_id
        super().__init__(
            f"The error {code!r} was thrown at {element_id!r} and nothing catches it; draw an "
            "error boundary event or an error event subprocess"
        )


@dataclass(frozen=True)
class Thrown:
    """Something the instance sends to the outside."""

    kind: Sendable
    name: str
    payload: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    """Correlation key; empty when the business key of the instance counts."""


class Occurrence(BpmnEvent):  # type: ignore[misc]
    """Something that happens once, on its way to whatever catches it."""

    def __init__(
        self, kind: Kind, name: str, payload: Mapping[str, Any] | None = None, key: str = ""
    ) -> None:
        super().__init__(None, payload=dict(payload or {}))
        self.kind, self.name, self.key = kind, name, key
        """`name` is the code for errors and escalations."""


class Trigger(EventDefinition):  # type: ignore[misc]
    """What an event of a diagram throws or catches."""

    def __init__(self, kind: Kind, name: str, *, element_id: str) -> None:
        super().__init__(name)
        self.kind, self.element_id = kind, element_id
        self.payload = ""
        """Expression of what is sent along."""
        self.variable = ""
        """Name in process data that receives what came along; nothing is kept without it."""
        self.correlation_key = ""
        """Expression of the key; empty when the business key counts."""

    def key(self, my_task: Any) -> str:
        """Return the correlation key in the data of a task; empty when the element has none.

        Raises CorrelationKeyError.
        """
        if not self.correlation_key:
            return ""
        value = my_task.workflow.script_engine.evaluate(my_task, self.correlation_key)
        return key_text(value, self.element_id)

    def catches(self, my_task: Any, event: Any) -> bool:
        """Tell whether the element waits for exactly this."""
        if not isinstance(event, Occurrence) or event.kind != self.kind:
            return False
        if self.kind in ("error", "escalation"):
            return self.name in ("", event.name)
        if self.name != event.name:
            return False
        return self.kind != "message" or self.key(my_task) == event.key

    def catch(self, my_task: Any, event: Any = None) -> None:
        """Note that it has happened and what came along."""
        my_task.internal_data[_FIRED] = True
        my_task.internal_data[_PAYLOAD] = dict(event.payload or {}) if event is not None else {}

    def throw(self, my_task: Any) -> None:
        """Send it on its way, from the data of the throwing task."""
        payload = {}
        if self.payload:
            payload = my_task.workflow.script_engine.evaluate(my_task, self.payload)
        if not isinstance(payload, Mapping):
            message = f"the payload of {self.element_id!r} must be a dict such as {{'a': 1}}"
            raise TypeError(message)
        thrown = Occurrence(self.kind, self.name, payload, self.key(my_task))
        my_task.workflow.top_workflow.throw(my_task, thrown)

    def update_task_data(self, my_task: Any) -> None:
        """Put what came along under the variable of the diagram."""
        payload = my_task.internal_data.pop(_PAYLOAD, {})
        if self.variable:
            my_task.data[self.variable] = payload

    def reset(self, my_task: Any) -> None:
        """Forget what has happened."""
        my_task.internal_data.pop(_FIRED, None)
        my_task.internal_data.pop(_PAYLOAD, None)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]


class Cancel(CancelEventDefinition):  # type: ignore[misc]
    """The cancellation of a transaction; only a boundary event of that transaction catches it."""

    def catches(self, _my_task: Any, event: Any) -> bool:
        """Tell whether a transaction was cancelled."""
        return isinstance(event, Occurrence) and event.kind == "cancel"

    def throw(self, my_task: Any, **_: Any) -> None:
        """Cancel the transaction this is thrown in."""
        my_task.workflow.top_workflow.throw(my_task, Occurrence("cancel", ""))


def key_text(value: object, element_id: str) -> str:
    """Return a correlation key as text. Raises CorrelationKeyError."""
    fits = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value) if fits else ""
    if not text or len(text) > MAX_KEY:
        message = (
            f"the correlation key of {element_id!r} is {value!r}; it must be a number or a text "
            f"of 1 to {MAX_KEY} characters"
        )
        raise CorrelationKeyError(message)
    return text
