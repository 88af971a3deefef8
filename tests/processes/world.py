"""The wired product on a test database, with hands for each group of people."""

import os
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir

from sqlalchemy import select

from engine import clock, jobs, queries
from engine.forms.validation import initial, validate
from processes.bootstrap import build
from processes.cases.models import Activity, Case, Channel
from processes.cases.queries import get_case_by_id
from processes.cases.timeline import Author
from processes.closure import services as closure
from processes.config import Settings
from processes.mail import delivery
from processes.mail.models import OutgoingMail
from processes.people import access_codes
from processes.people.models import Contact, Role, Staff
from processes.people.staff import add_staff
from processes.portal_access import services as portal
from processes.request import services as requests
from processes.request.services import Intake

SECRET = "a secret key that is only good for tests, and long"


def settings_for(url, **changed) -> Settings:
    return Settings(
        **{
            "database_url": url,
            "data_dir": Path(os.environ.get("CASEWRIGHT_TEST_FOLDER", gettempdir())) / "data",
            "secret_key": SECRET,
            "public_url": "https://care.example",
            "mail_from": "support@care.example",
            "smtp_url": None,
        }
        | changed
    )


class House:
    """The product, two members of staff, and time that moves only when told to."""

    def __init__(self, url: str, **settings) -> None:
        self.app = build(settings_for(url, **settings))
        self.db = self.app.db
        self.mila, self.emma = self.staff("serviceUser"), self.staff("agentUser")

    @classmethod
    def furnish(cls, url: str) -> None:
        """Prepare an empty database: diagrams, categories, two agents."""
        app = build(settings_for(url))
        with app.db.write() as session:
            app.prepare(session)
            cls.hire(session, "serviceUser", "Mila Jansen", Role.AGENT)
            cls.hire(session, "agentUser", "Emma Clarke", Role.AGENT)
        app.db.engine.dispose()

    @staticmethod
    def hire(session, username, name, role):
        email = f"{username.lower()}@care.example"
        return add_staff(
            session, username=username, name=name, email=email, role=role, password_hash="-"
        )

    # customers

    def submits(self, **changed) -> Case:
        facts = {
            "name": "Sanne de Vries",
            "email": "sanne@example.org",
            "category": "user_help",
            "subcategory": "signing_in",
            "description": "Sinds gisteren kan ik niet meer inloggen.",
            "language": "nl",
        } | changed
        with self.db.write() as session:
            return requests.submit_request(self.app, session, Intake(**facts))

    def replies(self, case, text="Het gaat om mijn telefoon.", medium="portal") -> Activity:
        with self.db.write() as session:
            fresh = get_case_by_id(session, case.id)
            contact = session.get(Contact, fresh.contact_id)
            author = Author(contact.actor, contact.name)
            return requests.receive_reply(
                self.app, session, fresh, text, author=author, medium=medium
            )

    def agrees(self, case) -> None:
        with self.db.write() as session:
            fresh = get_case_by_id(session, case.id)
            closure.customer_agrees(
                self.app, session, fresh, Author(f"contact:{fresh.contact_id}", "Sanne de Vries")
            )

    def signs_in(self, case, code=None):
        with self.db.write() as session:
            email = session.get(Contact, self.see(case).contact_id).email
            wanted = self.code(case) if code is None else code
            return portal.redeem(self.app, session, email, wanted)

    def code(self, case) -> str:
        with self.db.read() as session:
            rows = session.scalars(select(access_codes.AccessCode).filter_by(case_id=case.id)).all()
            return access_codes.plaintext(session, rows[-1])

    # staff

    def opens(self, channel=Channel.PHONE, staff=None) -> Case:
        with self.db.write() as session:
            return requests.open_blank(self.app, session, channel, staff or self.mila)

    def completes(self, case, element, staff=None, **entered):
        """Complete a user task through its form: what is not said is what the form begins with."""
        staff = staff or self.mila
        with self.db.write() as session:
            fresh = get_case_by_id(session, case.id)
            task = self.task(session, case, element)
            values = self.values(session, task, fresh, staff, entered)
            return self.app.engine.complete_user_task(session, task.id, values, staff.actor)

    def values(self, session, task, case, staff, entered):
        form = self.app.engine.definitions.get(session, task.version_id).form(
            task.process, task.form_key
        )
        lookups = self.app.lookups(session)
        begin = self.app.prefill(session, task.process, task.form_key, case, staff)
        raw = dict(initial(form, begin | entered, lookups).entered)
        bound = validate(form, raw, lookups)
        assert bound.ok, bound.problems
        return bound.values

    def task(self, session, case, element):
        found = {task.element_id: task for task in queries.open_tasks(session, str(case.id))}
        assert element in found, f"{element} is not open; {sorted(found)} are"
        return found[element]

    def classified(self, **changed) -> Case:
        """A case that somebody works on."""
        case = self.submits()
        self.completes(case, "classify", **{"subject": "Inloggen lukt niet", **changed})
        return case

    def answered(self, **changed) -> Case:
        """A case whose final answer is out."""
        case = self.classified(**changed)
        self.completes(case, "handle", next="final_answer")
        self.completes(case, "write_final_answer", answer="Het is hersteld.")
        return case

    def closed(self, **changed) -> Case:
        case = self.classified(**changed)
        self.completes(case, "handle", next="close_now", message="Het is hersteld.")
        return case

    # time and machinery

    def waits(self, **delta) -> None:
        """Let time pass and do what comes due."""
        with self.db.write() as session:
            clock.advance(session, timedelta(**delta))
        self.works()

    def works(self) -> int:
        """Do all due work, as a worker would."""
        done = 0
        while found := self._claim():
            done += len(found)
            for job in found:
                if job.kind == jobs.MAIL:
                    delivery.deliver(self.db, self.app.gateway, job, lease_seconds=60)
                    continue
                with self.db.write() as session:
                    self.app.engine.fire_due(session, [job])  # False: somebody was quicker
        return done

    def _claim(self):
        with self.db.write() as session:
            return jobs.claim(session, owner="test", limit=50)

    # looking

    def see(self, case) -> Case:
        with self.db.read() as session:
            return get_case_by_id(session, case.id)

    def waiting_at(self, case) -> list[str]:
        """Return where all running instances of the case wait."""
        with self.db.read() as session:
            rows = queries.instances_of(session, str(case.id))
            return sorted(
                place for row in rows if row.status == "running" for place in row.waiting_at
            )

    def mails(self, case=None) -> list[OutgoingMail]:
        with self.db.read() as session:
            query = select(OutgoingMail).order_by(OutgoingMail.id)
            if case is not None:
                query = query.where(OutgoingMail.case_id == case.id)
            return list(session.scalars(query))

    def timeline(self, case) -> list[Activity]:
        with self.db.read() as session:
            query = select(Activity).where(Activity.case_id == case.id).order_by(Activity.id)
            return list(session.scalars(query))

    def staff(self, username) -> Staff:
        with self.db.read() as session:
            return session.scalars(select(Staff).where(Staff.username == username)).one()
