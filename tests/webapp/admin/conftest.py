"""Cases on their way, for the pages that watch them."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from engine import clock, incidents, jobs, queries
from processes.demo.users import USERS
from processes.people.models import Staff
from processes.request import services

CLASSIFIED = {
    "subject": "The door squeaks",
    "priority": "medium",
    "category": "user_help",
    "subcategory": "how_to",
    "request_type": "information",
    "status": "in_progress",
    "language": "en",
    "description": "It squeaks.",
    "portal": False,
    "automatic_mail": True,
}
ANSWERED = {"answer": "Oil it.", "notice": "We are going to close.", "request": "React."}


class Practice:
    """Customers who ask and agents who work, by the real commands."""

    def __init__(self, product):
        self.product, self.db, self.engine = product, product.db, product.engine

    def staff(self, username):
        with self.db.read() as session:
            return session.query(Staff).filter_by(username=username).one()

    def ask(self, text="How do I oil a door?", email="sanne@example.com"):
        intake = services.Intake(
            name="Sanne de Vries",
            email=email,
            category="user_help",
            subcategory="how_to",
            description=text,
            language="en",
        )
        with self.db.write() as session:
            return services.submit_request(self.product, session, intake)

    def complete(self, case, element, **form):
        agent = self.staff("serviceUser")
        with self.db.write() as session:
            task = next(
                t for t in queries.open_tasks(session, str(case.id)) if t.element_id == element
            )
            self.engine.complete_user_task(session, task.id, form, agent.actor)

    def classify(self, case, **changed):
        handler = self.staff("serviceUser").id
        self.complete(case, "classify", handler=handler, **{**CLASSIFIED, **changed})

    def answer(self, case):
        self.classify(case)
        self.complete(case, "handle", next="final_answer", message="")
        self.complete(case, "write_final_answer", **ANSWERED)

    def instance(self, case):
        with self.db.read() as session:
            return queries.instances_of(session, str(case.id))[0]

    def name(self, process, element):
        """Return what a step is called, whatever its designer has made of it."""
        with self.db.read() as session:
            definition = self.engine.definitions.active(session, process)
            return definition.by_id[(process, element)].name

    def pass_time(self, **length):
        with self.db.write() as session:
            clock.advance(session, timedelta(**length))

    def break_timer(self, case, words="the printer is on fire"):
        """Let the first timer of a case give up."""
        found = self.instance(case)
        with self.db.write() as session:
            job = next(j for j in queries.jobs_of(session, found.id) if j.kind == jobs.TIMER)
            job.state, job.attempts, job.last_error = "incident", 5, f"OSError: {words}"
            incidents.open_for_job(session, job.id, found.id, job.element_id, OSError(words))
        return found


@pytest.fixture
def practice(product):
    return Practice(product)


def pytest_generate_tests(metafunc):
    if "anybody" in metafunc.fixturenames:
        metafunc.parametrize("anybody", [user.username for user in USERS])


@pytest.fixture
def queries_of(product):
    """Count the statements that something sends to the database."""

    def counted(action):
        seen = []

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        event.listen(product.db.engine, "before_cursor_execute", note)
        try:
            action()
        finally:
            event.remove(product.db.engine, "before_cursor_execute", note)
        return len(
            [s for s in seen if s.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT"))]
        )

    return counted
