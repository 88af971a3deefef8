"""The mails a demo's story has sent long ago, laid into the customers' mailboxes."""

from datetime import timedelta
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from processes.demo.post import maildir
from processes.demo.post.place import Place
from processes.mail.messages import compose
from processes.mail.models import MailState, OutgoingMail
from processes.mail.services import blank_secret

_NEWS = timedelta(days=2)
"""What is older was read by its customer."""


def hand_over(session: Session, place: Place) -> None:
    """Deliver every mail that waits as if it had been sent when it was written.

    Doing it twice, as after a start that failed, delivers nothing twice.
    """
    now = clock.utc_now()
    waiting = select(OutgoingMail).where(OutgoingMail.state == MailState.READY)
    for mail in session.scalars(waiting.order_by(OutgoingMail.id)):
        message = compose(mail)
        del message["Date"]
        message["Date"] = format_datetime(mail.created_at)
        head = f"Return-Path: <{mail.from_address}>\r\nDelivered-To: {mail.to_address}\r\n"
        maildir.deliver(
            place.box(mail.to_address),
            head.encode() + message.as_bytes(policy=SMTP),
            name=mail.message_id,
            read=now - mail.created_at > _NEWS,
            lasting=False,
        )
        mail.state, mail.sent_at = MailState.SENT, mail.created_at
        blank_secret(mail)
