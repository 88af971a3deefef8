"""Mail on its way out, against a real SMTP server."""

import re

import pytest
from sqlalchemy import select

from engine import jobs
from engine.models import Incident, Job
from processes.mail.delivery import deliver
from processes.mail.gateways import Smtp, gateway_for
from processes.mail.mailboxes import Account
from processes.mail.models import Mailbox, MailState, OutgoingMail, Security
from processes.mail.resending import send_again
from tests.processes.world import settings_for
from tests.servers.smtp import MailServer, Mode

LEASE = 60


@pytest.fixture
def gateway(mail_server):
    return Smtp(mail_server.url, LEASE)


def test_a_mail_is_sent_once_and_its_code_is_blanked(house, gateway, mail_server):
    case = house.classified()
    code = house.code(case)
    deliver(house.db, gateway, claim(house), lease_seconds=LEASE)
    [received] = mail_server.messages
    stored = house.mails(case)[0]
    assert code in received.get_body(("plain",)).get_content()
    assert received["Message-ID"] == f"<{stored.message_id}>"
    reply_to = received["Reply-To"].addresses[0].addr_spec
    assert reply_to == stored.reply_to
    assert re.fullmatch(r"support\+c[0-9a-z]{42}@care\.example", reply_to)
    assert stored.state is MailState.SENT
    assert stored.sent_at is not None
    assert stored.secret_blanked
    assert code not in stored.text + stored.html + stored.secret
    assert state(house) == "done"


def test_without_a_server_the_mail_stays_readable_in_the_outbox(house):
    case = house.classified()
    assert gateway_for(house.app.settings) is None
    deliver(house.db, None, claim(house), lease_seconds=LEASE)
    stored = house.mails(case)[0]
    assert stored.state is MailState.NOT_SENT
    assert house.code(case) in stored.text
    assert state(house) == "done"


def test_a_busy_server_is_tried_again_later(house, gateway, mail_server):
    case, job = house.classified(), claim(house)
    mail_server.mode = Mode.BUSY
    with pytest.raises(OSError, match="451") as error:
        deliver(house.db, gateway, job, lease_seconds=LEASE)
    fail(house, job, error.value)
    stored = house.mails(case)[0]
    assert (stored.state, state(house)) == (MailState.READY, "ready")
    assert "451" in stored.error
    assert house.code(case) in stored.text


def test_a_server_that_is_away_is_tried_again_later(house):
    case, nobody = house.classified(), Smtp("smtp://127.0.0.1:1", LEASE)
    with pytest.raises(OSError):  # noqa: PT011 - the words are the system's
        deliver(house.db, nobody, claim(house), lease_seconds=LEASE)
    assert house.mails(case)[0].state is MailState.READY


def test_a_final_no_is_an_incident_at_once_and_a_retry_can_succeed(house, gateway, mail_server):
    case, job = house.classified(), claim(house)
    mail_server.mode = Mode.REFUSE
    with pytest.raises(jobs.PermanentError) as error:
        deliver(house.db, gateway, job, lease_seconds=LEASE)
    fail(house, job, error.value)
    assert (house.mails(case)[0].state, state(house)) == (MailState.FAILED, "incident")
    with house.db.write() as session:
        incident = session.scalars(select(Incident)).one()
        assert "550" in incident.message
        mail_server.mode = Mode.ACCEPT
        house.app.engine.retry(session, incident.id, house.mila.actor)
    deliver(house.db, gateway, claim(house), lease_seconds=LEASE)
    assert house.mails(case)[0].state is MailState.SENT
    assert len(mail_server.messages) == 1


def test_a_frozen_worker_cannot_tick_off_what_another_has_taken(house, gateway, mail_server):
    case, old = house.classified(), claim(house)
    with house.db.write() as session:
        session.get_one(Job, old.id).lease_until = None
    new = claim(house)
    with pytest.raises(jobs.OutdatedClaimError):
        deliver(house.db, gateway, old, lease_seconds=LEASE)
    assert mail_server.messages == []
    deliver(house.db, gateway, new, lease_seconds=LEASE)
    assert house.mails(case)[0].state is MailState.SENT


def test_a_mail_already_sent_is_not_sent_again(house, gateway, mail_server):
    case, job = house.classified(), claim(house)
    deliver(house.db, gateway, job, lease_seconds=LEASE)
    with house.db.write() as session:  # as if the tick had been lost
        row = session.get_one(Job, job.id)
        row.state, row.lease_until = "ready", None
    deliver(house.db, gateway, claim(house), lease_seconds=LEASE)
    assert len(mail_server.messages) == 1
    assert house.mails(case)[0].state is MailState.SENT


def test_the_address_of_the_server_is_read_from_the_settings(database_url):
    settings = settings_for(database_url, smtp_url="smtp://127.0.0.1:2525")
    assert isinstance(gateway_for(settings), Smtp)
    assert gateway_for(settings_for(database_url, smtp_url="")) is None


def claim(house):
    with house.db.write() as session:
        [job] = jobs.claim(session, kinds=(jobs.MAIL,), owner="test")
        return job


def fail(house, job, error):
    with house.db.write() as session:
        assert jobs.fail(session, job, error)


def state(house):
    with house.db.read() as session:
        return session.scalars(select(Job.state).where(Job.kind == jobs.MAIL)).one()


def test_a_server_that_ends_the_talk_rudely_has_taken_the_mail_all_the_same(
    house, gateway, mail_server
):
    house.classified()
    mail_server.mode = Mode.SULK
    deliver(house.db, gateway, claim(house), lease_seconds=LEASE)
    assert len(mail_server.messages) == 1
    assert state(house) == "done"


def test_a_mail_of_a_mailbox_leaves_by_its_own_server(house, boxes, gateway, mail_server):
    own = MailServer(users={"support": "geheim"})
    own.start()
    try:
        smtp = Account("127.0.0.1", own.port, Security.NONE, "support", "geheim")
        box = boxes.create(smtp=smtp)
        case = house.classified()
        with house.db.write() as session:
            mail = session.get_one(OutgoingMail, house.mails(case)[0].id)
            mail.mailbox_id, mail.from_address = box.id, box.address
        deliver(house.db, gateway, claim(house), lease_seconds=LEASE)
    finally:
        own.stop()
    assert mail_server.messages == []
    [received] = own.messages
    assert received["From"].addresses[0].addr_spec == box.address
    assert house.mails(case)[0].state is MailState.SENT


def test_a_mailbox_whose_password_cannot_be_read_says_so_and_sends_by_nobody(
    house, boxes, gateway, mail_server
):
    smtp = Account("127.0.0.1", 2525, Security.NONE, "support", "geheim")
    box = boxes.create(smtp=smtp)
    case = house.classified()
    with house.db.write() as session:
        session.get_one(Mailbox, box.id).smtp_password = b"sealed with another key"
        session.get_one(OutgoingMail, house.mails(case)[0].id).mailbox_id = box.id
    job = claim(house)
    with pytest.raises(jobs.PermanentError, match="enter it again"):
        deliver(house.db, gateway, job, lease_seconds=LEASE)
    assert mail_server.messages == []
    assert house.mails(case)[0].state is MailState.FAILED


@pytest.mark.parametrize("address", ["a..b@x.org", "é@x.org", ".a@x.org", "a@x..org", "a@x.org\n"])
def test_a_mail_to_an_address_that_is_none_fails_with_words_and_can_be_sent_again(
    house, gateway, mail_server, address
):
    case, job = house.classified(), claim(house)
    with house.db.write() as session:
        mail = session.get_one(OutgoingMail, house.mails(case)[0].id)
        right, mail.to_address = mail.to_address, address
    with pytest.raises(jobs.PermanentError, match="cannot be written as a mail") as error:
        deliver(house.db, gateway, job, lease_seconds=LEASE)
    fail(house, job, error.value)
    stored = house.mails(case)[0]
    assert (stored.state, state(house)) == (MailState.FAILED, "incident")
    assert "cannot be written as a mail" in stored.error
    assert mail_server.messages == []
    with house.db.write() as session:
        send_again(session, stored.id, house.mila.actor).to_address = right
    deliver(house.db, gateway, claim(house), lease_seconds=LEASE)
    assert house.mails(case)[0].state is MailState.SENT
