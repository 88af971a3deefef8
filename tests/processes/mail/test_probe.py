"""The Test button, on real servers: what it proves, and what it says when it cannot."""

import pytest
from sqlalchemy import select

from engine import clock, jobs
from engine.models import Job
from processes.mail import probe
from processes.mail.mailboxes import Account
from processes.mail.models import Mailbox, Security
from processes.mail.probe import Step, Verdict
from tests.servers.smtp import MailServer

HERE = "127.0.0.1"


@pytest.fixture
def guarded(imap_server, account):
    """An SMTP server that takes mail of the account's own user only."""
    server = MailServer(deliver=imap_server.deliver, users={account.address: account.password})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def tested(boxes, account, guarded):
    """A mailbox of the account that receives and sends."""

    def make(**changed):
        smtp = Account(HERE, guarded.port, Security.NONE, account.address, account.password)
        facts = {"imap": boxes.at(account), "smtp": smtp} | changed
        return boxes.create(account.address, **facts)

    return make


def goes_on(boxes, most=30):
    """Do the turns of a test until it is over."""
    for _ in range(most):
        with boxes.db.write() as session:
            for job in session.scalars(select(Job).where(Job.kind == probe.PROBE)):
                job.due_at = job.created_at
        with boxes.db.write() as session:
            found = jobs.claim(session, kinds=(probe.PROBE,), owner="test")
        if not found:
            return
        probe.run(boxes.db, found[0])


def result(boxes, box):
    with boxes.db.read() as session:
        return probe.result(session, box.id)


def tries(boxes, box):
    with boxes.db.write() as session:
        probe.start(session, session.get_one(Mailbox, box.id))
    goes_on(boxes)
    found = result(boxes, box)
    return found, {step.step: (step.verdict, str(step.words)) for step in found.steps}


def waits_no_longer(monkeypatch):
    for name in ("_PATIENCE", "_PLUS_PATIENCE"):
        monkeypatch.setattr(probe, name, clock.timedelta())


def test_receiving_and_sending_are_proved_each_by_itself(boxes, tested, account):
    box = tested()
    found, steps = tries(boxes, box)
    assert found.is_good
    assert not found.running
    assert [verdict for verdict, _ in steps.values()] == [Verdict.OK] * 4
    assert account.subjects() == []  # the mails removed themselves
    assert boxes.see(box).plus_addresses


def test_a_server_without_plus_addresses_is_noticed(
    boxes, tested, account, imap_server, monkeypatch
):
    monkeypatch.setattr(imap_server, "plus_addresses", False)
    monkeypatch.setattr(probe, "_PLUS_PATIENCE", clock.timedelta())
    box = tested()
    found, steps = tries(boxes, box)
    assert found.is_good
    assert steps[Step.PLUS][0] is Verdict.FAILED
    assert not boxes.see(box).plus_addresses


def test_a_wrong_imap_password_leaves_the_proof_of_sending(boxes, tested, account):
    box = tested(imap=boxes.at(account, password="wrong"))
    found, steps = tries(boxes, box)
    assert not found.is_good
    assert steps[Step.RECEIVE][0] is Verdict.FAILED
    assert "refuses the user name or the password" in steps[Step.RECEIVE][1]
    assert steps[Step.SEND][0] is Verdict.OK
    assert steps[Step.ARRIVE][0] is Verdict.SKIPPED


def test_a_wrong_smtp_password_leaves_the_proof_of_receiving(boxes, tested, account, guarded):
    smtp = Account(HERE, guarded.port, Security.NONE, account.address, "geheim-wrong")
    found, steps = tries(boxes, tested(smtp=smtp))
    assert not found.is_good
    assert steps[Step.RECEIVE][0] is Verdict.OK
    assert steps[Step.SEND][0] is Verdict.FAILED
    assert "refuses the user name or the password" in steps[Step.SEND][1]
    assert "geheim-wrong" not in str(steps)


def test_a_sender_the_server_does_not_allow_is_named(boxes, tested, account, guarded):
    guarded.own_name_only = True
    box = boxes.create(
        "other@care.example", imap=boxes.at(account), smtp=sends_by(account, guarded)
    )
    _, steps = tries(boxes, box)
    verdict, words = steps[Step.SEND]
    assert verdict is Verdict.FAILED
    assert "does not let this account send as other@care.example" in words
    assert "not owned by user" in words


def test_a_mail_that_never_comes_back_is_said(boxes, tested, account, monkeypatch, guarded):
    waits_no_longer(monkeypatch)
    box = boxes.create(
        "elsewhere@care.example", imap=boxes.at(account), smtp=sends_by(account, guarded)
    )
    found, steps = tries(boxes, box)
    assert not found.is_good
    assert steps[Step.SEND][0] is Verdict.OK
    assert steps[Step.ARRIVE][0] is Verdict.FAILED
    assert "did not come back" in steps[Step.ARRIVE][1]
    assert boxes.see(box).plus_addresses  # nothing was learned about them


def test_without_any_server_both_sides_say_what_is_missing(boxes):
    _, steps = tries(boxes, boxes.create())
    assert steps[Step.RECEIVE] == (Verdict.SKIPPED, "No server is entered to receive from.")
    assert "SMTP_URL" in steps[Step.SEND][1]


def test_the_house_server_sends_where_the_mailbox_has_none(boxes, account, post_office):
    settings = boxes.house.app.settings
    url = type(settings.secret_key)(post_office.url)
    boxes.db._settings = settings.model_copy(update={"smtp_url": url})  # noqa: SLF001
    found, _ = tries(boxes, boxes.create(account.address, imap=boxes.at(account)))
    assert found.is_good


def test_fetching_at_the_same_time_makes_no_case_of_a_test(boxes, tested, account):
    box = tested()
    with boxes.db.write() as session:
        probe.start(session, session.get_one(Mailbox, box.id))
    goes_on(boxes, most=2)  # both mails lie in the mailbox now
    assert len(account.subjects()) == 2
    boxes.fetch()
    assert boxes.mails() == []
    goes_on(boxes)
    assert result(boxes, box).is_good
    forged = b"X-Casewright-Test: 0123456789abcdef01234567." + b"0" * 32
    account.put(forged + b"\r\nSubject: a customer\r\n\r\nHello")
    boxes.fetch()
    assert len(boxes.mails()) == 1


def test_a_crash_in_the_middle_costs_a_turn_and_no_result(boxes, tested):
    box = tested()
    with boxes.db.write() as session:
        probe.start(session, session.get_one(Mailbox, box.id))
        probe.start(session, session.get_one(Mailbox, box.id))  # pressed twice
    with boxes.db.write() as session:
        [lost] = jobs.claim(session, kinds=(probe.PROBE,), owner="dies")
        session.get_one(Job, lost.id).lease_until = None
    goes_on(boxes)
    assert result(boxes, box).is_good
    with pytest.raises(jobs.OutdatedClaimError):
        probe.run(boxes.db, lost)


def test_the_last_result_goes_when_the_mailbox_becomes_another(boxes, tested):
    box = tested()
    tries(boxes, box)
    with boxes.db.write() as session:
        probe.forget(session, box.id)
    assert result(boxes, box) is None


def sends_by(account, server):
    return Account(HERE, server.port, Security.NONE, account.address, account.password)
