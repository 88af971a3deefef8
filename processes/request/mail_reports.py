"""What machines write: mail that did not arrive, and answers of people who are away.

Neither ever wakes or opens anything; nobody gets an answer to it (RFC 3834).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from processes.cases import correlation, mail_tokens, participants, timeline
from processes.cases.models import Activity, Case
from processes.cases.services import mark_unread
from processes.cases.timeline import SYSTEM, Author
from processes.mail.incoming import stored
from processes.mail.models import OutgoingMail
from processes.mail.reading.message import Bounce
from processes.people.models import Contact
from processes.request import mail_cases, mail_limits
from processes.request.mail_cases import ReceivedMail

_LONGEST_WORDS = 500


def take_bounce(session: Session, received: ReceivedMail) -> None:
    """Note on the mail, the contact and the case that a mail could not be delivered.

    The handler is told. A report that names no mail of ours is filed and believed by nobody.
    """
    bounce = received.content.bounce
    sent = _sent(session, received, bounce) if bounce else None
    if bounce is None or sent is None:
        mail_cases.file(received.mail, "bounce_unknown")
        return
    if not bounce.permanent:
        mail_cases.file(received.mail, "delayed", case_id=sent.case_id)
        return
    mail_cases.file(received.mail, "bounce", case_id=sent.case_id)
    failed = bounce.addresses or (sent.to_address.lower(),)
    words = stored(bounce.words, _LONGEST_WORDS)
    if sent.to_address.lower() in failed:
        sent.bounced_at, sent.bounce = clock.business_now(session), words
        _mark_contact(session, sent, words)
    case = session.get(Case, sent.case_id) if sent.case_id else None
    if case is not None:
        entry = timeline.note_event(
            session, case, "bounced", Author(SYSTEM, ""), address=failed[0][:254], words=words
        )
        entry.incoming_mail_id, entry.mail_id = received.mail.id, sent.id
        mark_unread(session, case)


def take_auto_reply(session: Session, received: ReceivedMail) -> Activity | None:
    """Attach an automatic answer to the case whose token it carries; else file it.

    It stands on the timeline, marked as automatic, and changes nothing. That of anybody but the
    customer is for colleagues' eyes: it may be of a reader nobody else knows of (Bcc).
    """
    case = mail_tokens.find_case(session, received.named)
    if case is None or not mail_limits.may_join(session, case):
        mail_cases.file(received.mail, "auto_reply", case_id=case.id if case else None)
        return None
    mail = received.mail
    author = Author("mail", mail.from_name or mail.from_address)
    ours = participants.is_contact(session, case, mail.from_address)
    entry = mail_cases.enter(session, mail, case, author, {"automatic": True}, internal=not ours)
    mail_cases.file(mail, "auto_reply", case_id=case.id)
    return entry


def _sent(session: Session, received: ReceivedMail, bounce: Bounce) -> OutgoingMail | None:
    """Return the mail of ours that a report is about, by what only its readers know."""
    named = (*bounce.message_ids, *received.content.references)
    query = select(OutgoingMail).order_by(OutgoingMail.id.desc()).limit(1)
    exact = query.where(OutgoingMail.message_id.in_(named[-100:]))
    found = session.scalars(exact).one_or_none()
    if found is not None:
        return found
    case = mail_tokens.find_case(session, (*named, *correlation.addresses(received.content)))
    if case is None:
        return None
    of_case = query.where(OutgoingMail.case_id == case.id)
    to_them = of_case.where(OutgoingMail.to_address.in_(bounce.addresses))
    return session.scalars(to_them).one_or_none() or session.scalars(of_case).one_or_none()


def _mark_contact(session: Session, sent: OutgoingMail, words: str) -> None:
    query = select(Contact).where(Contact.email == sent.to_address.lower())
    contact = session.scalars(query).one_or_none()
    if contact is not None:
        contact.bounced_at, contact.bounce = clock.business_now(session), words
