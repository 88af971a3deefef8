"""Mailboxes on a real IMAP server, fetched as a worker does."""

from dataclasses import replace

from sqlalchemy import select

from engine import jobs
from engine.models import Incident, Job
from processes.cases.categories import queues
from processes.mail import fetching, mailboxes
from processes.mail.mailboxes import Account, Facts
from processes.mail.models import IncomingMail, Mailbox, Security

HERE = "127.0.0.1"


class Boxes:
    """Makes mailboxes of a house and fetches for them."""

    def __init__(self, house) -> None:
        self.house, self.db = house, house.db
        with self.db.read() as session:
            self.queues = [queue.id for queue in queues(session)]

    def facts(self, address="support@care.example", **changed) -> Facts:
        facts = Facts(
            address=address,
            sender_name="Care",
            owner_id=self.house.mila.id,
            queue_id=self.queues[0],
        )
        return replace(facts, **changed)

    def create(self, address="support@care.example", **changed) -> Mailbox:
        with self.db.write() as session:
            made = mailboxes.create(session, self.facts(address, **changed), self.queues)
            fetching.plan(session, made)
            return made

    def change(self, box, **changed) -> Mailbox:
        with self.db.write() as session:
            fresh = mailboxes.find_by_id(session, box.id)
            mailboxes.change(session, fresh, self.facts(box.address, **changed), self.queues)
            fetching.plan(session, fresh)
            return fresh

    def at(self, account, **changed) -> Account:
        """The facts of an account on the test's server."""
        facts = Account(HERE, account.port, Security.NONE, account.address, account.password)
        return replace(facts, **changed)

    def claim(self) -> jobs.Claimed:
        """Take the job of the mailbox in hand, whenever it is due."""
        with self.db.write() as session:
            for job in session.scalars(select(Job).where(Job.kind == fetching.FETCH)):
                job.due_at = job.created_at
                job.lease_until = None
        with self.db.write() as session:
            [job] = jobs.claim(session, kinds=(fetching.FETCH,), owner="test")
            return job

    def fetch(self) -> None:
        fetching.fetch(self.db, self.claim())

    def see(self, box) -> Mailbox:
        with self.db.read() as session:
            return session.get_one(Mailbox, box.id)

    def job(self) -> Job:
        with self.db.read() as session:
            return session.scalars(select(Job).where(Job.kind == fetching.FETCH)).one()

    def mails(self) -> list[IncomingMail]:
        with self.db.read() as session:
            return list(session.scalars(select(IncomingMail).order_by(IncomingMail.id)))

    def incidents(self) -> list[Incident]:
        with self.db.read() as session:
            return list(session.scalars(select(Incident).where(Incident.resolved_at.is_(None))))
