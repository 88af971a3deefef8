"""The post: mails as customers, machines and strangers send them, taken in as a worker does."""

from email.message import EmailMessage
from email.utils import make_msgid

from sqlalchemy import select
from sqlalchemy.orm import undefer

from engine import clock
from processes.cases import mail_tokens
from processes.cases.models import Activity, Case, CaseLink, Participant, Queue
from processes.files.models import Attachment
from processes.mail import incoming
from processes.mail.incoming import INCOMING_MAIL
from processes.mail.models import IncomingMail, Intake, Mailbox, MailboxAlias, OutgoingMail
from processes.people.models import Contact
from tests.processes.world import House
from workers import look
from workers.config import WorkerSettings

SUPPORT = "support@care.example"
SANNE = "Sanne de Vries <sanne@example.org>"


def raw_mail(text="Mijn printer doet het niet.", *, files=(), **headers) -> bytes:
    """A raw mail; a header is named as in Python, `in_reply_to` or `delivered_to`.

    Headers are written as they are given, whatever a mail program would say to them.
    """
    message = EmailMessage()
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, "application", "octet-stream", filename=name)
    facts = {"sender": SANNE, "to": SUPPORT, "subject": "Printer kapot"} | headers
    facts.setdefault("message_id", make_msgid(domain="example.org"))
    lines = [
        f"{'From' if name == 'sender' else name.replace('_', '-').title()}: {value}\n"
        for name, value in facts.items()
        if value is not None
    ]
    return "".join(lines).encode() + bytes(message)


def bounce(of: OutgoingMail, *, action="failed", words="550 no such user") -> bytes:
    """A delivery report (RFC 3464) about a mail of ours."""
    return (
        "From: Mail Delivery System <mailer-daemon@mx.example.org>\r\n"
        f"To: {of.from_address}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Auto-Submitted: auto-replied\r\n"
        f"Message-ID: {make_msgid(domain='mx.example.org')}\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {of.to_address}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: <{of.message_id}>\r\nFrom: {of.from_address}\r\nTo: {of.to_address}\r\n"
        f"Subject: {of.subject}\r\n\r\nHello\r\n--b--\r\n"
    ).encode()


class Post:
    """Brings mail to a house and shows what became of it."""

    def __init__(self, house: House) -> None:
        self.house, self.db, self.app = house, house.db, house.app

    def mailbox(self, address=SUPPORT, *, queue="support", **changed) -> Mailbox:
        with self.db.write() as session:
            box = Mailbox(
                address=address,
                sender_name="Care",
                owner_id=self.house.mila.id,
                queue_id=session.scalars(select(Queue.id).where(Queue.key == queue)).one(),
                created_at=clock.utc_now(),
                **changed,
            )
            session.add(box)
        return box

    def inbox(self, address=SUPPORT) -> Mailbox:
        """A mailbox whose new mail waits for an agent."""
        return self.mailbox(address, intake=Intake.INBOX)

    def alias(self, box, address, **changed) -> MailboxAlias:
        with self.db.write() as session:
            alias = MailboxAlias(mailbox_id=box.id, address=address, **changed)
            session.add(alias)
        return alias

    def stores(self, raw, mailbox=None, **number) -> IncomingMail | None:
        with self.db.write() as session:
            return incoming.store(session, raw, mailbox=mailbox, **number)

    def works(self) -> look.Tally:
        """Take in what was stored, as a worker does."""
        tally, settings = look.Tally(), WorkerSettings()
        while claimed := look.claim(self.app, settings, INCOMING_MAIL, tried=False):
            for job in claimed:
                look.run(self.app, job, tally, settings)
        return tally

    def fails(self) -> None:
        """Try the one stored mail once more, which fails."""
        tally, settings = look.Tally(), WorkerSettings()
        (job,) = look.claim(self.app, settings, INCOMING_MAIL, tried=None)
        look.run(self.app, job, tally, settings)
        assert tally.failed == 1

    def brings(self, raw, mailbox=None) -> IncomingMail:
        """Store a mail, take it in, and return what became of it."""
        stored = self.stores(raw, mailbox)
        assert stored is not None, "the mail was here before"
        assert self.works().failed == 0
        return self.see(stored)

    def see(self, mail) -> IncomingMail:
        with self.db.read() as session:
            everything = (undefer(IncomingMail.text), undefer(IncomingMail.quoted))
            return session.get_one(IncomingMail, mail.id, options=everything)

    def case(self, mail) -> Case:
        with self.db.read() as session:
            return self.house.see(session.get_one(Case, self.see(mail).case_id))

    def entry(self, mail) -> Activity:
        with self.db.read() as session:
            query = select(Activity).where(Activity.incoming_mail_id == mail.id)
            return session.scalars(query).one()

    def files(self, mail) -> list[Attachment]:
        with self.db.read() as session:
            query = select(Attachment).where(Attachment.incoming_mail_id == mail.id)
            return list(session.scalars(query.order_by(Attachment.id)))

    def participants(self, case) -> set[str]:
        with self.db.read() as session:
            query = select(Participant.address).where(Participant.case_id == case.id)
            return set(session.scalars(query))

    def links(self, case) -> list[CaseLink]:
        with self.db.read() as session:
            return list(session.scalars(select(CaseLink).where(CaseLink.case_id == case.id)))

    def contact(self, address="sanne@example.org") -> Contact:
        with self.db.read() as session:
            return session.scalars(select(Contact).where(Contact.email == address)).one()

    def tagged(self, case, address=SUPPORT) -> str:
        """The address with the case's token, as answers are sent to."""
        with self.db.write() as session:
            return mail_tokens.reply_address(session, session.get_one(Case, case.id), address)

    def token(self, case) -> str:
        with self.db.write() as session:
            return mail_tokens.token(session, session.get_one(Case, case.id))

    def answer(self, case, text="Nog iets.", **headers) -> bytes:
        """A reply to the case by its token, under whatever subject."""
        return raw_mail(text, **{"to": self.tagged(case), "subject": "Heel iets anders", **headers})

    def cases(self) -> int:
        with self.db.read() as session:
            return len(session.scalars(select(Case.id)).all())
