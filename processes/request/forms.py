"""What the forms of `request` bring."""

from typing import Literal

from pydantic import model_validator

from processes.cases.fields import Choice, FormValues, Words
from processes.cases.models import CaseStatus, Priority, RequestType


class TakeDownForm(FormValues):
    """A request told by phone, counter or fax; everything may be empty."""

    contact_name: Words = ""
    contact_email: Words = ""
    contact_phone: Words = ""
    language: Choice = None
    category: Choice = None
    subcategory: Choice = None
    subject: Words = ""
    description: Words = ""


class ClassifyForm(FormValues):
    """Who handles the request, what it belongs to, how urgent it is."""

    subject: str
    handler: int
    priority: Priority
    category: str
    subcategory: str
    request_type: RequestType
    status: Literal[CaseStatus.IN_PROGRESS, CaseStatus.WAITING_CUSTOMER]
    is_complaint: bool = False
    contact_name: Words = ""
    contact_email: Words = ""
    organization: Words = ""
    language: Literal["en", "nl", "de"]
    description: Words = ""
    portal: bool = False
    automatic_mail: bool = False


class HandleForm(FormValues):
    """What the handler does next."""

    next: Literal["reply_and_wait", "final_answer", "close_now"]
    message: Words = ""

    @model_validator(mode="after")
    def _says_something(self) -> "HandleForm":
        """Only the way to the final answer may be taken without a word to the customer."""
        if self.next != "final_answer" and not self.message:
            message = "a message to the customer is needed"
            raise ValueError(message)
        return self


class CommentForm(FormValues):
    """What a comment is about and what happens with it."""

    about: Literal["centre", "employee", "other"]
    note: Words = ""
