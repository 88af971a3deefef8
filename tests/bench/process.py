"""The process that is measured: two user tasks, two service steps, a message or a timer.

start, record, classify (user), prepare, answer (user), wait for a reply or eight days, close, end.
The forms have ten fields each and stay in process data, as they do in the engines we compare
with (performance.md 1): 0.6 KB at the start, 1.4 KB while the case waits.
"""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from engine.registry import Call, Operations
from tests.engine import diagrams as d

PROCESS: Final = "bench_case"
REPLY: Final = "reply"

START: Final[dict[str, Any]] = {
    "case_id": 123456,
    "subject": "Washing machine leaks water",
    "customer": {"id": 8123, "name": "Jane Roe", "email": "jane.roe@customer.example"},
    "channel": "web form",
    "language": "en",
    "body": (
        "Since this morning the machine leaks water at the back, near the blue hose. I closed the "
        "tap and put a towel under it, but it goes on dripping. The display says E18. I bought it "
        "in March at your shop in Utrecht, the receipt number is 2026-03-1177. Could somebody come "
        "on Thursday or Friday? I am at home all day and the parking is in the street behind."
    ),
}

CLASSIFY: Final = {
    "priority": "medium",
    "category": "appliances",
    "subcategory": "washing machines",
    "request_type": "action",
    "handler": 17,
    "queue": "front office",
    "project": "spring campaign",
    "description": "Leaks at the back, hose or pump; under warranty",
    "portal": True,
    "automatic_mail": True,
}

ANSWER: Final = {
    "outcome": "solved",
    "solution": "Hose seal replaced by the customer, no visit needed",
    "article": "tighten-the-inlet-hose",
    "greeting": "Dear Ms Roe",
    "answer": "Please tighten the blue hose by hand and look after an hour.",
    "notice": "We close your request after a good week.",
    "request": "Tell us if it still leaks.",
    "minutes": 12,
    "billing": "warranty",
    "follow_up": False,
}


class Fields(BaseModel):
    """Whatever a form or a service step hands over."""

    model_config = ConfigDict(extra="allow")


def diagram() -> bytes:
    """Return the diagram; nine days of which nobody waits more than eight."""
    return d.diagram(
        PROCESS,
        d.start(),
        d.service("record", "bench.record"),
        d.user("classify", "bench.keep"),
        d.service("prepare", "bench.record"),
        d.exclusive("again"),
        d.user("answer", "bench.keep"),
        d.event_gateway("wait"),
        d.catch("replied", REPLY, "reply"),
        d.timer("week", "P8D"),
        d.service("close", "bench.record"),
        d.end("closed"),
        d.chain("start", "record", "classify", "prepare", "again", "answer", "wait"),
        d.chain("wait", "replied", "again"),
        d.chain("wait", "week", "close", "closed"),
        messages=[REPLY],
    )


def files() -> dict[str, bytes]:
    """Return what is deployed."""
    return {
        f"{PROCESS}/{PROCESS}.bpmn": diagram(),
        f"{PROCESS}/forms/any.form": d.FORM,
    }


def operations() -> Operations:
    """Return the operations the diagram names; they keep what they are given."""
    found = Operations()

    @found.operation("bench.keep")
    def keep(_call: Call, form: Fields) -> dict[str, Any]:
        return form.model_dump()

    @found.operation("bench.record")
    def record(call: Call, _parameters: Fields) -> dict[str, Any]:
        return {call.element_id: True}

    return found
