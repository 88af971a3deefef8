"""What the demo's story sent long ago lies in the customers' mailboxes."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

from sqlalchemy import select

from engine import clock
from processes.demo.post.past import hand_over
from processes.demo.post.place import settle
from processes.mail.models import MailState, OutgoingMail
from processes.mail.services import Recipient, queue_mail


def _write(session, to="sanne@example.org"):
    return queue_mail(
        session,
        "request/reply",
        to=Recipient(to, "Sanne de Vries", "nl"),
        context={"number": "C1", "subject": "Kraan", "message": "Dag Sanne.",
                 "customer_name": "Sanne", "handler_name": "Mila", "company": "Casewright",
                 "portal_link": "", "code": "",
                 "handler_email": "mila@casewright.example", "standard_message": ""},
        automatic=False,
    )  # fmt: skip


def _files(box, part):
    return sorted((box / part).iterdir()) if (box / part).exists() else []


def test_a_mail_of_the_story_lies_there_under_the_date_it_was_written(house, tmp_path):
    place = settle(tmp_path)
    with house.db.write() as session:
        clock.advance(session, -timedelta(days=9))
        long_ago = clock.business_now(session)
        old = _write(session)
        clock.reset(session)
        fresh = _write(session)
        hand_over(session, place)
        assert (old.state, old.sent_at, fresh.state) == (MailState.SENT, old.created_at, "sent")

    box = place.box("sanne@example.org")
    [read], [news] = _files(box, "cur"), _files(box, "new")
    assert read.name.endswith(":2,S")
    message = message_from_bytes(read.read_bytes(), policy=policy.default)
    assert abs(parsedate_to_datetime(message["Date"]) - long_ago) < timedelta(seconds=2)
    assert message["Delivered-To"] == "sanne@example.org"
    assert b"Dag Sanne." in news.read_bytes()


def test_doing_it_twice_delivers_nothing_twice(house, tmp_path):
    place = settle(tmp_path)
    with house.db.write() as session:
        _write(session)
        hand_over(session, place)
        for mail in session.scalars(select(OutgoingMail)):
            mail.state = MailState.READY  # as a start that failed leaves it
        hand_over(session, place)
    assert len(_files(place.box("sanne@example.org"), "new")) == 1
