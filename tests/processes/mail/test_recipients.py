"""Whom a mail goes to, and what the server says about each."""

import pytest

from engine import jobs
from processes.cases.models import Case
from processes.cases.outgoing_mail import Sending
from processes.mail.delivery import deliver
from processes.mail.gateways import Smtp
from processes.mail.models import MailState
from processes.request.services import send_reply

SENDING = Sending(
    cc=(("Ann Lee", "ann@example.org"), ("", "carl@example.org")), bcc=(("", "bob@example.org"),)
)


@pytest.fixture
def case(house):
    """A case with a reply that goes to four people."""
    made = house.classified()
    house.works()
    with house.db.write() as session:
        send_reply(session, session.get_one(Case, made.id), "Hallo", house.mila, SENDING)
    return made


@pytest.fixture
def send(house, case, mail_server):
    def now():
        with house.db.write() as session:
            [job] = jobs.claim(session, kinds=(jobs.MAIL,), owner="test")
        try:
            deliver(house.db, Smtp(mail_server.url, 60), job, lease_seconds=60)
        finally:
            now.mail = house.mails(case)[-1]

    return now


def test_copies_reach_everybody_and_nobody_reads_who_got_a_blind_one(send, mail_server):
    send()
    [message], [told] = mail_server.messages, mail_server.told
    assert told == ["sanne@example.org", "ann@example.org", "carl@example.org", "bob@example.org"]
    assert [each.addr_spec for each in message["Cc"].addresses] == told[1:3]
    assert message["Bcc"] is None
    assert "bob@example.org" not in message.as_string()
    assert send.mail.state is MailState.SENT
    assert send.mail.error is None


def test_whom_the_server_refuses_is_told_and_the_others_have_it(send, mail_server):
    mail_server.refused["carl@example.org"] = "550 no such user here"
    send()
    assert len(mail_server.messages) == 1
    assert send.mail.state is MailState.SENT
    assert send.mail.error == "carl@example.org: 550 no such user here"


EVERYBODY = ("sanne@example.org", "ann@example.org", "carl@example.org", "bob@example.org")


def test_refused_for_everybody_for_good_it_failed_in_the_servers_words(send, mail_server):
    mail_server.refused = dict.fromkeys(EVERYBODY, "550 5.1.1 unknown here")
    with pytest.raises(jobs.PermanentError):
        send()
    assert send.mail.state is MailState.FAILED
    assert send.mail.error == "550 5.1.1 unknown here"


def test_refused_for_the_moment_by_one_of_them_it_is_tried_again(send, mail_server):
    mail_server.refused = dict.fromkeys(EVERYBODY, "550 unknown")
    mail_server.refused["ann@example.org"] = "450 greylisted"
    with pytest.raises(OSError, match="450"):
        send()
    assert send.mail.state is MailState.READY
