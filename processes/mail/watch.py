"""Mails that were begun and never ended: nobody will send them unless a person decides."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.errors import NotFoundError
from engine.watch import HALF_SENT, Finding
from engine.watch import jobs as queue
from processes.mail.models import MailState, OutgoingMail
from processes.mail.services import job_key

AFTER = timedelta(minutes=10)
"""Real time after the end of the lease; a crashed sender's mail is sent again at once."""
_MOST = 100


def half_sent(session: Session) -> list[Finding]:
    """Return mails that have long been marked as being sent while nobody sends them.

    A mail whose job is lost gets one that waits for a person, so that it can be sent again,
    under the same Message-ID.
    """
    query = (
        select(OutgoingMail.id, OutgoingMail.message_id)
        .where(OutgoingMail.state == MailState.SENDING)
        .order_by(OutgoingMail.created_at)
        .limit(_MOST)
    )
    mails = session.execute(query).all()
    known = queue.by_key(session, [job_key(mail.id) for mail in mails])
    busy = queue.with_open_incident(
        session, [job.id for job in known.values()], except_kind=HALF_SENT
    )
    since = clock.real_now(session) - AFTER
    found = []
    for mail in mails:
        job = known.get(job_key(mail.id))
        if job is None or job.is_over:
            key, payload = job_key(mail.id), {"mail_id": mail.id}
            number = queue.park(session, jobs.MAIL, dedupe_key=key, payload=payload)
        elif job.id in busy or (job.state == "ready" and not job.is_left_since(since)):
            continue
        else:
            number = job.id
        words = f"mail {mail.id} {mail.message_id} was begun; whether it was sent is not known"
        found.append(Finding(HALF_SENT, words, job_id=number))
    return found


def leave(session: Session, job_id: int) -> None:
    """Let a half-sent mail be: it counts as failed and is not sent again.

    Raises NotFoundError when the job is not that of a mail.
    """
    payload = queue.abandon(session, job_id)
    mail = session.get(OutgoingMail, (payload or {}).get("mail_id"))
    if mail is None:
        raise NotFoundError
    if mail.state is MailState.SENDING:
        mail.state, mail.error = MailState.FAILED, "begun; whether it was sent is not known"
