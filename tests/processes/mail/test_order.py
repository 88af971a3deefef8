"""Mails of one case leave in order, and what a crash left open is resolved by kind."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock, jobs
from engine.models import Incident, Job
from processes.cases.models import Case
from processes.mail.delivery import deliver
from processes.mail.gateways import Smtp
from processes.mail.models import MailState, OutgoingMail
from processes.mail.resending import NotStrandedError, send_again
from processes.mail.services import Recipient, job_key, queue_mail
from processes.request.services import send_reply
from tests.processes.world import House
from tests.servers.smtp import Mode


@pytest.fixture
def case(house):
    """A case with an acknowledgement and two replies, none of them sent."""
    made = house.classified()
    with house.db.write() as session:
        for text in ("One", "Two"):
            send_reply(session, session.get_one(Case, made.id), text, house.mila)
    return made


def test_a_mail_waits_for_the_one_before_it_without_using_up_an_attempt(house, case, mail_server):
    _first, second, third = house.mails(case)
    for mail in (third, second):
        attempt(house, mail, mail_server)
        assert mail_server.messages == []
        assert (job_of(house, mail).attempts, job_of(house, mail).state) == (0, "ready")
    for mail in house.mails(case):
        hurry(house, mail)
        attempt(house, mail, mail_server)
    ids = [message["Message-ID"] for message in mail_server.messages]
    assert ids == [f"<{mail.message_id}>" for mail in house.mails(case)]


@pytest.mark.parametrize(
    "state", [MailState.CANCELLED, MailState.FAILED, MailState.NOT_SENT, MailState.UNCERTAIN]
)
def test_what_will_not_be_sent_by_itself_holds_nothing_up(house, case, mail_server, state):
    first, second, _third = house.mails(case)
    with house.db.write() as session:
        session.get_one(OutgoingMail, first.id).state = state
    attempt(house, second, mail_server)
    assert len(mail_server.messages) == 1


def test_one_whose_attempts_are_used_up_holds_nothing_up(house, case, mail_server):
    first, second, _third = house.mails(case)
    mail_server.mode = Mode.BUSY
    with house.db.write() as session:
        job_row(session, first).attempts = 4
    job = claimed(house, first)
    with pytest.raises(OSError, match="451") as busy:
        deliver(house.db, Smtp(mail_server.url, 60), job, lease_seconds=60)
    with house.db.write() as session:
        jobs.fail(session, job, busy.value)
    mail_server.mode = Mode.ACCEPT
    attempt(house, second, mail_server)
    assert house.mails(case)[0].state is MailState.FAILED
    assert len(mail_server.messages) == 1


def test_a_held_reply_holds_up_what_was_written_after_it(house, case, mail_server):
    _first, second, third = house.mails(case)
    with house.db.write() as session:
        session.get_one(OutgoingMail, house.mails(case)[0].id).state = MailState.SENT
        job_row(session, second).due_at += timedelta(seconds=10)
    attempt(house, third, mail_server)
    assert mail_server.messages == []
    assert job_of(house, third).due_at > job_of(house, second).due_at


def test_other_cases_do_not_wait(house, case, mail_server):
    other = house.mails(house.classified())[0]
    attempt(house, other, mail_server)
    assert len(mail_server.messages) == 1


def test_a_reply_whose_worker_died_is_sent_again_under_the_same_id(house, case, mail_server):
    first = house.mails(case)[0]
    dies_while_sending(house, first)
    attempt(house, first, mail_server)
    assert mail_server.messages[0]["Message-ID"] == f"<{first.message_id}>"


def test_what_must_not_arrive_twice_waits_for_a_person(database_url, furnished, mail_server):
    furnished.restore()
    house = House(database_url, mail_once=frozenset({"request/acknowledgement"}))
    case = house.classified()
    mail = house.mails(case)[0]
    dies_while_sending(house, mail)
    job = claimed(house, mail)
    with pytest.raises(jobs.PermanentError) as unsure:
        deliver(house.db, Smtp(mail_server.url, 60), job, lease_seconds=60)
    with house.db.write() as session:
        jobs.fail(session, job, unsure.value)
    assert mail_server.messages == []
    assert house.mails(case)[0].state is MailState.UNCERTAIN
    with house.db.write() as session:
        incident = session.scalars(select(Incident)).one()
        assert mail.message_id in incident.message
        send_again(session, mail.id, house.mila.actor)
    attempt(house, mail, mail_server)
    assert house.mails(case)[0].state is MailState.SENT
    with house.db.read() as session:
        assert session.scalars(select(Incident.resolved_by)).one() == house.mila.actor
    house.db.engine.dispose()


@pytest.mark.parametrize(("minutes", "arrives"), [(9, True), (11, False)])
@pytest.mark.parametrize("begun", [True, False])
def test_a_sign_in_code_that_comes_too_late_is_dropped(house, mail_server, minutes, arrives, begun):
    context = {"customer_name": "", "company": "x", "code": "12345678", "link": "https://x.example"}
    with house.db.write() as session:
        mail = queue_mail(
            session,
            "portal_access/sign_in_code",
            to=Recipient("sanne@example.org", "", "en"),
            context=context,
            automatic=True,
            secret="12345678",
        )
        mail.state = MailState.SENDING if begun else MailState.READY
        clock.advance(session, timedelta(minutes=minutes))
    attempt(house, mail, mail_server)
    [stored] = house.mails()
    assert stored.state is (MailState.SENT if arrives else MailState.CANCELLED)
    assert len(mail_server.messages) == int(arrives)
    assert "12345678" not in stored.text + stored.subject + stored.secret
    assert job_of(house, mail).state == "done"


@pytest.mark.parametrize("state", [MailState.READY, MailState.SENDING, MailState.SENT])
def test_only_what_is_stranded_is_sent_again(house, case, state):
    first = house.mails(case)[0]
    with house.db.write() as session:
        session.get_one(OutgoingMail, first.id).state = state
        with pytest.raises(NotStrandedError):
            send_again(session, first.id, house.mila.actor)


def test_what_came_back_can_be_sent_again(house, case, mail_server):
    first = house.mails(case)[0]
    attempt(house, first, mail_server)
    with house.db.write() as session:
        mail = session.get_one(OutgoingMail, first.id)
        mail.bounced_at, mail.bounce = clock.utc_now(), "550 mailbox full"
        send_again(session, first.id, house.mila.actor)
    attempt(house, first, mail_server)
    assert [each["Message-ID"] for each in mail_server.messages] == [f"<{first.message_id}>"] * 2
    assert house.mails(case)[0].bounced_at is None


def attempt(house, mail, server) -> None:
    deliver(house.db, Smtp(server.url, 60), claimed(house, mail), lease_seconds=60)


def claimed(house, mail) -> jobs.Claimed:
    """Claim the job of this mail and no other."""
    with house.db.write() as session:
        found = jobs.claim(session, kinds=(jobs.MAIL,), owner="test", limit=50)
        for job in found:
            if job.payload["mail_id"] != mail.id:
                jobs.release(session, job)
        return next(job for job in found if job.payload["mail_id"] == mail.id)


def dies_while_sending(house, mail) -> None:
    with house.db.write() as session:
        session.get_one(OutgoingMail, mail.id).state = MailState.SENDING
        job_row(session, mail).attempts = 1


def hurry(house, mail) -> None:
    with house.db.write() as session:
        job_row(session, mail).due_at = clock.real_now(session)


def job_row(session, mail) -> Job:
    return session.scalars(select(Job).where(Job.dedupe_key == job_key(mail.id))).one()


def job_of(house, mail) -> Job:
    with house.db.read() as session:
        return job_row(session, mail)
