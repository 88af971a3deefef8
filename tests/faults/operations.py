"""Diagrams and operations of the fault runs: many short cases, and jobs that do harm."""

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.registry import Call
from processes.database import house
from processes.mail.models import MailState, OutgoingMail
from processes.operations import operations
from tests.engine import diagrams as d

_TOO_MUCH = 2 * 1024**3
ROUND = "round"
HARMFUL = ("die", "eat", "spin")


class Anything(BaseModel):
    """Takes what comes."""

    model_config = ConfigDict(extra="allow")


@operations.operation("faults.form")
def form(_call: Call, given: Anything) -> dict[str, Any]:
    """A form whose values are routing facts."""
    return given.model_dump()


@operations.operation("faults.note")
def note(call: Call, _given: Anything) -> None:
    """Write one mail a case; a second one would show."""
    queue(call.session, f"{call.key}@round.example", f"{call.process}:{call.element_id}")


@operations.operation("faults.shaky")
def shaky(call: Call, _given: Anything) -> None:
    """Fail at the first try."""
    tried: Path = house(call.session).data_dir / f"tried-{call.key}"
    if not tried.exists():
        tried.touch()
        message = "not today"
        raise OSError(message)


@operations.operation("faults.die")
def die(_call: Call, _given: Anything) -> None:
    """End the process, every time."""
    os._exit(137)


@operations.operation("faults.eat")
def eat(_call: Call, _given: Anything) -> None:
    """Ask for two gigabytes, every time."""
    bytearray(_TOO_MUCH)


@operations.operation("faults.spin")
def spin(_call: Call, _given: Anything) -> None:
    """Never end."""
    while True:
        pass


def queue(session: Session, address: str, template: str) -> None:
    """Write a mail and its job, with an id that says what it is for."""
    mail = OutgoingMail(
        message_id=f"{os.urandom(12).hex()}@casewright.example",
        template=template,
        language="en",
        automatic=True,
        to_address=address,
        to_name="",
        from_address="support@casewright.example",
        from_name="Casewright",
        subject=template,
        text="Round.",
        html="<p>Round.</p>",
        secret="",
        state=MailState.READY,
        created_at=clock.business_now(session),
    )
    session.add(mail)
    session.flush()
    jobs.enqueue(
        session,
        jobs.MAIL,
        due_at=clock.real_now(session),
        dedupe_key=f"mail:{mail.id}",
        payload={"mail_id": mail.id},
    )


def round_diagram(first: str = "PT2S", then: str = "PT1S", name: str = ROUND) -> bytes:
    """Return: timer, mail by a job, timer, user task, timer, end."""
    return d.diagram(
        ROUND,
        d.start(),
        d.timer("first", first),
        d.service("note", "faults.note", **{"async": "true"}),
        d.timer("second", then),
        d.user("confirm", "faults.form"),
        d.timer("third", then),
        d.end("done"),
        d.chain("start", "first", "note", "second", "confirm", "third", "done"),
        name=name,
    )


def service_diagram(process: str) -> bytes:
    """Return a process that is one asynchronous call of `faults.<process>`."""
    return d.diagram(
        process,
        d.start(),
        d.service("work", f"faults.{process}", **{"async": "true"}),
        d.end("done"),
        d.chain("start", "work", "done"),
    )


def files(**processes: bytes) -> dict[str, bytes]:
    """Return deployable files of diagrams, by process."""
    made = {f"{name}/{name}.bpmn": content for name, content in processes.items()}
    return made | {f"{name}/forms/any.form": d.FORM for name in processes}
