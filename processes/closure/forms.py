"""What the forms of `closure` bring, and the parameters of its operations."""

from typing import Literal

from pydantic import BaseModel, Field, model_validator

from processes.cases.fields import FormValues, Words
from processes.cases.models import ClosedBy, Consent


class FinalAnswerForm(FormValues):
    """The final answer in its three parts; none may be missing."""

    answer: str = Field(min_length=1)
    notice: str = Field(min_length=1)
    """We are going to close the request."""
    request: str = Field(min_length=1)
    """Please react within a week."""


class ReadReplyForm(FormValues):
    """What the customer's reaction means."""

    outcome: Literal["agrees", "objects"]
    note: Words = ""

    @model_validator(mode="after")
    def _says_why(self) -> "ReadReplyForm":
        """The handler must be told what the customer does not agree with."""
        if self.outcome == "objects" and not self.note:
            message = "a note for the handler is needed"
            raise ValueError(message)
        return self


class Ending(BaseModel):
    """Who closes the case and how the customer agreed."""

    by: ClosedBy
    consent: Consent
