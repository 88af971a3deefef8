"""A reply can be taken back until it leaves."""

from datetime import timedelta

import pytest

from engine import jobs
from engine.errors import NotFoundError
from engine.models import Job
from processes.cases.models import Activity, Case
from processes.cases.outgoing_mail import Sending
from processes.cases.policies import is_public
from processes.cases.taking_back import TooLateError, take_back
from processes.mail.delivery import deliver
from processes.mail.gateways import Smtp
from processes.mail.models import MailState, OutgoingMail
from processes.mail.rich import from_html
from processes.request.services import send_reply

HELD = Sending(
    language="de",
    subject="Ein Betreff",
    cc=(("Ann", "ann@example.org"),),
    bcc=(("", "bob@example.org"),),
    wait=timedelta(seconds=10),
)


@pytest.fixture
def case(house):
    made = house.classified()
    house.works()
    return made


@pytest.fixture
def entry(house, case):
    with house.db.write() as session:
        words = from_html("<p>Hello <b>you</b></p>")
        return send_reply(session, session.get_one(Case, case.id), words, house.mila, HELD)


def test_a_held_reply_waits_and_nobody_else_reads_it(house, case, entry):
    assert house.works() == 0
    assert not is_public(entry)
    assert house.mails(case)[-1].state is MailState.READY


def test_taken_back_it_is_never_sent_and_comes_back_as_it_was_written(house, case, entry):
    taken = undo(house, case, entry)
    assert (taken.text, taken.html) == ("Hello you", "<p>Hello <b>you</b></p>")
    assert (taken.subject, taken.language) == (f"Ein Betreff [{case.number}]", "de")
    assert (taken.cc, taken.bcc) == (HELD.cc, HELD.bcc)
    pass_the_seconds(house, entry)
    assert house.works() == 0
    assert house.mails(case)[-1].state is MailState.CANCELLED
    with house.db.read() as session:
        assert not is_public(session.get_one(Activity, entry.id))


def test_what_is_on_its_way_cannot_be_taken_back(house, case, entry):
    with house.db.write() as session:
        session.get_one(OutgoingMail, entry.mail_id).state = MailState.SENDING
    with pytest.raises(TooLateError):
        undo(house, case, entry)


def test_after_the_seconds_the_customer_can_read_it_and_it_stays(house, case, entry):
    pass_the_seconds(house, entry)
    with pytest.raises(TooLateError):
        undo(house, case, entry)


def test_twice_is_too_late(house, case, entry):
    undo(house, case, entry)
    with pytest.raises(TooLateError):
        undo(house, case, entry)


def test_a_colleague_and_another_case_cannot_take_it_back(house, case, entry):
    for wrong_case, staff in ((case, house.emma), (house.classified(), house.mila)):
        with pytest.raises(NotFoundError):
            undo(house, wrong_case, entry, staff)


def test_a_worker_that_has_claimed_it_already_finds_it_gone(house, case, entry, mail_server):
    pass_the_seconds(house, entry, only_the_job=True)
    with house.db.write() as session:
        [job] = jobs.claim(session, kinds=(jobs.MAIL,), owner="test")
    undo(house, case, entry)
    with pytest.raises(jobs.OutdatedClaimError):
        deliver(house.db, Smtp(mail_server.url, 60), job, lease_seconds=60)
    assert mail_server.messages == []
    assert house.mails(case)[-1].state is MailState.CANCELLED


def undo(house, case, entry, staff=None):
    with house.db.write() as session:
        mine = session.get_one(Case, case.id)
        return take_back(session, mine, entry.id, staff or house.mila)


def pass_the_seconds(house, entry, *, only_the_job=False):
    """Let the seconds pass, for the job and, unless said otherwise, for the entry."""
    with house.db.write() as session:
        key = f"mail:{entry.mail_id}"
        for job in session.query(Job).where(Job.dedupe_key == key):
            job.due_at -= timedelta(seconds=11)
        if not only_the_job:
            row = session.get_one(Activity, entry.id)
            row.data = {**row.data, "held_until": "2020-01-01T00:00:00+00:00"}
