"""A product of its own on an empty database, driven through the use cases the faces call."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from casewright.database import upgrade
from engine import clock, jobs, queries
from engine.jobs import Claimed
from engine.loaded import keep_loaded
from processes.bootstrap import App, build
from processes.cases.models import Case
from processes.cases.timeline import Author
from processes.config import Settings
from processes.people.models import Role, Staff
from processes.people.staff import add_staff
from processes.request import services as request
from processes.request.services import Intake

_INTAKE = Intake(
    name="Jane Roe",
    email="jane@customer.example",
    category="user_help",
    subcategory="something_broken",
    description="The machine leaks water at the back since this morning.",
    language="en",
    subject="Washing machine leaks",
)


class House:
    """One installation, one agent, cases that go round as often as wanted."""

    def __init__(self, url: str, folder: Path) -> None:
        upgrade(url)
        settings = Settings(database_url=url, data_dir=folder, secret_key="b" * 40)  # type: ignore[arg-type]
        self.app: App = build(settings)
        self.db = self.app.db
        with self.db.write() as session:
            self.app.prepare(session)
            self.agent = hire(session, "bench", Role.AGENT)
        keep_loaded()

    def submit(self) -> int:
        """Send the web form; return the case's id."""
        with self.db.write() as session:
            return request.submit_request(self.app, session, _INTAKE).id

    def open_task(self, case_id: int, element: str) -> UUID:
        """Return the open user task of a case at an element."""
        with self.db.read() as session:
            tasks = queries.open_tasks(session, str(case_id))
        return next(task.id for task in tasks if task.element_id == element)

    def complete(self, task_id: UUID, **form: Any) -> None:
        """Complete a user task, as the desk does."""
        with self.db.write() as session:
            self.app.engine.complete_user_task(session, task_id, form, f"staff:{self.agent.id}")

    def classify(self, task_id: UUID) -> None:
        """Complete the mandatory first step."""
        self.complete(task_id, **self._classification())

    def hand_to_final_answer(self, case_id: int) -> None:
        """Choose that the final answer comes next."""
        self.complete(self.open_task(case_id, "handle"), next="final_answer", message="")

    def write_final_answer(self, task_id: UUID) -> None:
        """Send the final answer: the week begins."""
        parts = {"answer": "Tighten the hose.", "notice": "We close.", "request": "Please react."}
        self.complete(task_id, **parts)

    def reply(self, case_id: int) -> None:
        """Let the customer write."""
        with self.db.write() as session:
            case = session.get_one(Case, case_id)
            author = Author(f"contact:{case.contact_id}", "Jane Roe")
            request.receive_reply(
                self.app, session, case, "It still leaks.", author=author, medium="portal"
            )

    def later(self, **delta: float) -> None:
        """Move business time."""
        with self.db.write() as session:
            clock.advance(session, timedelta(**delta))

    def claim(self, limit: int = 10) -> list[Claimed]:
        """Claim due timers, as a worker does."""
        with self.db.write() as session:
            return jobs.claim(session, kinds=(jobs.TIMER,), limit=limit, owner="bench")

    def fire(self, job: Claimed) -> None:
        """Fire a claimed timer."""
        with self.db.write() as session:
            self.app.engine.fire_due(session, [job])

    def state_bytes(self, case_id: int) -> int:
        """Return the size of the stored state of the case's running instance."""
        with self.db.read() as session:
            rows = queries.instances_of(session, str(case_id))
        return max((row.state_bytes for row in rows if row.status == "running"), default=0)

    def _classification(self) -> Mapping[str, Any]:
        return {
            "subject": _INTAKE.subject,
            "handler": self.agent.id,
            "priority": "medium",
            "category": _INTAKE.category,
            "subcategory": _INTAKE.subcategory,
            "request_type": "action",
            "status": "in_progress",
            "language": "en",
            "description": _INTAKE.description,
            "portal": True,
            "automatic_mail": True,
        }


def hire(session: Session, name: str, role: Role) -> Staff:
    """Add a member of staff who has no password."""
    return add_staff(
        session,
        username=name,
        name=name.title(),
        email=f"{name}@casewright.example",
        role=role,
        password_hash="-",
    )
