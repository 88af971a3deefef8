"""The words a demo case is told in: who asks what, and what everybody then does."""

from dataclasses import dataclass, field

MILA, EMMA, NOOR = "serviceUser", "agentUser", "superuser"


@dataclass(frozen=True)
class Deed:
    """Something somebody does, so many hours after the deed before it."""

    hours: float


@dataclass(frozen=True)
class Classify(Deed):
    """The front office reads the request."""

    handler: str
    title: str
    priority: str = "medium"
    request_type: str = "action"
    portal: bool = True
    organization: str = ""
    is_complaint: bool = False


@dataclass(frozen=True)
class TakeDown(Deed):
    """The front office writes down a call or a visit."""

    contact_name: str = ""
    contact_email: str = ""
    category: str = ""
    subcategory: str = ""
    subject: str = ""
    description: str = ""


@dataclass(frozen=True)
class Ask(Deed):
    """The handler writes and waits for the customer."""

    text: str


@dataclass(frozen=True)
class Write(Deed):
    """The handler writes in between, and goes on working."""

    text: str


@dataclass(frozen=True)
class Reply(Deed):
    """The customer writes back."""

    text: str
    medium: str = "portal"


@dataclass(frozen=True)
class Final(Deed):
    """The handler sends the final answer: the good week begins."""

    text: str


@dataclass(frozen=True)
class Solve(Deed):
    """The handler answers and closes at once."""

    text: str


@dataclass(frozen=True)
class Agree(Deed):
    """The customer presses the button."""


@dataclass(frozen=True)
class Judge(Deed):
    """The handler reads a reaction to the final answer."""

    outcome: str
    note: str = ""


@dataclass(frozen=True)
class RecordComment(Deed):
    """The handler records a comment."""

    about: str
    note: str


@dataclass(frozen=True)
class Note(Deed):
    """A colleague writes a note."""

    text: str
    by: str = EMMA


@dataclass(frozen=True)
class Todo(Deed):
    """The handler writes down something to do."""

    text: str


@dataclass(frozen=True)
class Call(Deed):
    """The handler speaks with the customer by telephone."""

    text: str


@dataclass(frozen=True)
class Accept(Deed):
    """The handler accepts the open step."""


@dataclass(frozen=True)
class Tale:
    """One case of the demo."""

    days_ago: float
    name: str
    email: str
    topic: str
    """category/subcategory; empty for a call, which is taken down later."""
    text: str
    deeds: list[Deed] = field(default_factory=list)
    channel: str = "portal"
    language: str = "en"
