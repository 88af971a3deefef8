"""What can go wrong, in words a face can translate.

Every error carries a `code` (key of the translated sentence), an HTTP-like `status` and `params`
that fill the sentence. The docstring is the English sentence.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class AppError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(f"{self.code} {params}" if params else self.code)


class NotFoundError(AppError):
    """There is nothing here, or it is not yours to see."""

    code = "not_found"
    status = 404


class ForbiddenError(AppError):
    """You may not do this."""

    code = "forbidden"
    status = 403


class InvalidInputError(AppError):
    """Some fields need your attention.

    `fields` maps a field name to what is wrong with it; the key "" is the form as a whole.
    """

    code = "invalid_input"
    status = 422

    def __init__(self, fields: Mapping[str, Sequence[Any]] | None = None, **params: Any) -> None:
        self.fields = dict(fields or {})
        super().__init__(**params)


class ConflictError(AppError):
    """Somebody else changed this in the meantime."""

    code = "conflict"
    status = 409


class AlreadyDoneError(ConflictError):
    """This step was completed by {by} at {at}."""

    code = "already_done"


class ClaimedByOtherError(ConflictError):
    """{by} is working on this step."""

    code = "claimed_by_other"


class NotWaitingError(ConflictError):
    """The process is not waiting for this."""

    code = "not_waiting"


class UnavailableError(AppError):
    """The service is busy; please try again in a moment."""

    code = "unavailable"
    status = 503


class DiagramError(AppError):
    """The diagram cannot be deployed.

    `findings` lists every fault with file, line and element.
    """

    code = "diagram_refused"
    status = 422

    def __init__(self, findings: Sequence[Any], **params: Any) -> None:
        self.findings = list(findings)
        super().__init__(**params)

    def __str__(self) -> str:
        return "; ".join(str(finding) for finding in self.findings)


class StepFailedError(AppError):
    """A step of the process failed; the whole command was rolled back.

    Carries where it happened; the real error is the `__cause__`. The edge that catches it
    records an incident in a transaction of its own.
    """

    code = "step_failed"
    status = 500

    def __init__(
        self, instance_id: Any = None, element_id: str | None = None, operation: str | None = None
    ) -> None:
        self.instance_id, self.element_id, self.operation = instance_id, element_id, operation
        super().__init__(element=element_id, operation=operation)


class BpmnError(Exception):
    """A business outcome that an operation raises and the diagram catches.

    An error boundary event on the step, or an error event subprocess around it, with the same
    code takes over; without one the step fails. What the operation wrote before stays written.
    `payload` goes into the variable the catching event names.
    """

    def __init__(self, code: str, payload: Mapping[str, Any] | None = None) -> None:
        self.code, self.payload = code, dict(payload or {})
        super().__init__(code)
