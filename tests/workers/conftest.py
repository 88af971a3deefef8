"""Work for workers: mails, timers, and the rows they leave behind."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine import clock, deployment, jobs
from engine.linter import Vocabulary
from engine.models import Incident, Job
from engine.registry import Operations
from processes.bootstrap import App
from processes.mail.models import MailState, OutgoingMail
from tests.engine import diagrams as d

EGG_TIMER = d.diagram(
    "egg", d.start(), d.timer("boil", "PT5M"), d.end("done"), d.chain("start", "boil", "done")
)


class Work:
    """Puts work on the queue of a product and reads what became of it."""

    def __init__(self, product: App) -> None:
        self.product = product

    def mail(self) -> int:
        """Queue a mail; return the id of its job."""
        with self.product.db.write() as session:
            now = clock.business_now(session)
            mail = OutgoingMail(
                message_id=f"{uuid4().hex}@casewright.example",
                template="test/mail",
                language="en",
                automatic=True,
                to_address="mila@example.org",
                to_name="Mila",
                from_address="support@casewright.example",
                from_name="Casewright",
                subject="Hello",
                text="Hello",
                html="<p>Hello</p>",
                secret="",
                state=MailState.READY,
                created_at=now,
            )
            session.add(mail)
            session.flush()
            return jobs.enqueue(
                session,
                jobs.MAIL,
                due_at=clock.real_now(session),
                dedupe_key=f"mail:{mail.id}",
                payload={"mail_id": mail.id},
            )

    def mails(self) -> list[OutgoingMail]:
        """Return all mails, oldest first."""
        with self.product.db.read() as session:
            return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))

    def timers(self, count: int = 1) -> list[int]:
        """Start processes that each wait five minutes; return the ids of their timer jobs."""
        with self.product.db.write() as session:
            files = {"egg/egg.bpmn": EGG_TIMER}
            if not deployment.current_files(session):
                deployment.deploy(
                    session, files, Vocabulary(Operations()), actor="staff:1", trial=False
                )
            for _ in range(count):
                self.product.engine.start(session, "egg", key=uuid4().hex, data={}, actor="system")
        return self.jobs(jobs.TIMER)

    def jobs(self, kind: str) -> list[int]:
        """Return the ids of all jobs of a kind."""
        with self.product.db.read() as session:
            return list(session.scalars(select(Job.id).where(Job.kind == kind)))

    def later(self, **delta: Any) -> None:
        """Move business time, and with it every timer."""
        with self.product.db.write() as session:
            clock.advance(session, timedelta(**delta))

    def job(self, number: int) -> Job | None:
        """Return a job's row; a timer that fired has none any more."""
        with self.product.db.read() as session:
            return session.get(Job, number)

    def over(self, *numbers: int) -> bool:
        """Tell whether all these jobs are done."""
        found = [self.job(number) for number in numbers]
        return all(job is None or job.state == "done" for job in found)

    def due_again(self, number: int) -> None:
        """Let a job's pause or lease be over."""
        with self.product.db.write() as session:
            job = session.get_one(Job, number)
            job.due_at = clock.real_now(session) - timedelta(seconds=1)
            job.lease_until = None

    def incidents(self) -> list[Incident]:
        """Return all incidents."""
        with self.product.db.read() as session:
            return list(session.scalars(select(Incident)))


@pytest.fixture
def work(product: App) -> Work:
    return Work(product)
