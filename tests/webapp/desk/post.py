"""Mail that has come in, as rows with their raw messages."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.clock import utc_now
from processes.cases.models import Queue
from processes.files import services as files
from processes.mail.models import (
    IncomingMail,
    IncomingState,
    Mailbox,
    MailboxAlias,
)
from tests.processes.world import House

RAW = (
    "From: Sanne de Vries <sanne@example.org>\r\nTo: help@care.example\r\n"
    "Subject: {subject}\r\nMessage-ID: <{name}@example.org>\r\n\r\n{text}\r\n"
)


class Post:
    """A mailbox with one alias, and mails that come to it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sent = 0
        with house.db.write() as session:
            queue = session.scalars(select(Queue).order_by(Queue.id)).first()
            assert queue is not None
            box = Mailbox(
                address="help@care.example",
                sender_name="Care desk",
                owner_id=house.mila.id,
                queue_id=queue.id,
                created_at=utc_now(),
            )
            session.add(box)
            session.flush()
            alias = MailboxAlias(
                mailbox_id=box.id, address="invoices@care.example", folder="Invoices"
            )
            session.add(alias)
            session.flush()
            self.mailbox, self.alias = box, alias

    def brings(self, subject: str = "Where is my parcel?", **facts: Any) -> IncomingMail:
        """Let a mail come in; what is not said is that of an ordinary mail that waits."""
        self._sent += 1
        name = f"mail-{self._sent}"
        text = facts.pop("text", "It was to come on Monday.")
        raw = facts.pop("raw", RAW.format(subject=subject, name=name, text=text))
        with self._house.db.write() as session:
            kept = files.keep(session, raw.encode() if isinstance(raw, str) else raw)
            mail = IncomingMail(
                **{
                    "origin": self.mailbox.id,
                    "mailbox_id": self.mailbox.id,
                    "sha256": kept.sha256,
                    "digest": name.ljust(64, "0"),
                    "message_id": f"{name}@example.org",
                    "from_address": "sanne@example.org",
                    "from_name": "Sanne de Vries",
                    "recipients": {"to": [["Care desk", "help@care.example"]], "cc": []},
                    "subject": subject,
                    "sent_at": utc_now() - timedelta(minutes=1),
                    "received_at": utc_now(),
                    "text": text,
                    "state": IncomingState.WAITING,
                    "why": "inbox",
                }
                | facts
            )
            session.add(mail)
            session.flush()
        return mail

    def encloses(self, mail: IncomingMail, name: str, content: bytes, content_id: str = "") -> None:
        """Put a file into a mail; with a Content-ID it is a picture of its text."""
        with self._house.db.write() as session:
            kept = files.keep(session, content)
            files.attach(
                session,
                kept,
                name,
                incoming_mail_id=mail.id,
                content_id=content_id,
                inline=bool(content_id),
            )

    def sees(self, mail: IncomingMail) -> IncomingMail:
        """Return the mail as it is now."""
        with self._house.db.read() as session:
            return session.get_one(IncomingMail, mail.id)
