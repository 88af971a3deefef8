"""New mail is noticed at once where the server says so, by one listener a mailbox."""

import signal
import time
from threading import Event, Thread

import pytest
from sqlalchemy import func, select

from engine import jobs, standing
from engine.clock import utc_now
from engine.models import Job
from processes.cases.categories import queues
from processes.demo import users
from processes.mail import fetching, mailboxes
from processes.mail.models import IncomingMail, Mailbox, Security
from processes.people.models import Staff
from tests.workers.test_celery import Worker, until
from workers import listening
from workers.listening import Listener

HERE = "127.0.0.1"
MAIL = b"From: a@example.org\r\nSubject: %d\r\n\r\nHello\r\n"


@pytest.fixture
def account(imap_server):
    return imap_server.account()


@pytest.fixture
def box(product, account):
    with product.db.write() as session:
        product.prepare(session)
        if session.scalar(select(Staff.id)) is None:
            users.hire(session)
        facts = mailboxes.Facts(
            address=account.address,
            sender_name="Care",
            owner_id=session.scalars(select(Staff.id)).first(),
            queue_id=queues(session)[0].id,
            imap=mailboxes.Account(
                HERE, account.port, Security.NONE, account.address, account.password
            ),
        )
        made = mailboxes.create(session, facts, [facts.queue_id])
        fetching.plan(session, made)
        return made


@pytest.fixture
def listener(product, monkeypatch):
    """Start listeners that take turns until the test is over."""
    monkeypatch.setattr(listening, "_LOOK_SECONDS", 0.1)
    monkeypatch.setattr(listening, "_TURN_SECONDS", 0.05)
    monkeypatch.setattr(listening, "_SIP_SECONDS", 0.3)
    monkeypatch.setattr(listening, "LEASE_SECONDS", 0.9)
    over, threads = Event(), []

    def start():
        mine = Event()
        listener = Listener(product.db, product.settings)

        def turn():
            while not over.is_set() and not mine.is_set():
                listener.turn()
            listener.stop()

        threads.append(Thread(target=turn, daemon=True))
        threads[-1].start()
        listener.finish = mine.set
        return listener

    yield start
    over.set()
    for thread in threads:
        thread.join(5)


def job(product, key):
    with product.db.read() as session:
        return session.scalars(select(Job).where(Job.dedupe_key == key)).one()


def rests(product, box):
    """Put fetching off, as after a turn that found nothing."""
    with product.db.write() as session:
        found = session.scalars(select(Job).where(Job.dedupe_key == fetching.job_key(box.id))).one()
        found.due_at = found.created_at.replace(year=2100)


def is_due(product, box):
    return job(product, fetching.job_key(box.id)).due_at.year < 2100


def stored(product):
    with product.db.read() as session:
        return session.scalar(select(func.count(IncomingMail.id)))


def test_new_mail_makes_fetching_due_within_a_second(product, box, account, listener):
    made = listener()
    until(lambda: made.ears, 5)
    until(lambda: is_due(product, box), 5)
    time.sleep(0.5)  # what came before has been told of
    rests(product, box)
    begun = time.monotonic()
    account.put(MAIL % 1)
    until(lambda: is_due(product, box), 5)
    assert time.monotonic() - begun < 1.5


def test_marking_mails_rings_no_bell(product, box, account, listener):
    account.put(MAIL % 1)
    made = listener()
    until(lambda: made.ears, 5)
    time.sleep(0.8)
    rests(product, box)
    with account.sign_in() as client:
        client.flag(client.uids(), ["\\Seen"], value=True)
    time.sleep(1)
    assert not is_due(product, box)


def test_only_one_listens_and_another_takes_over(product, box, listener):
    first = listener()
    until(lambda: first.ears, 5)
    second = listener()
    time.sleep(1.5)  # longer than a lease
    assert (len(first.ears), len(second.ears)) == (1, 0)
    first.finish()
    until(lambda: second.ears, 5)


def test_a_listener_that_was_killed_is_replaced_when_its_lease_ends(product, box, listener):
    with product.db.write() as session:
        [dead] = jobs.claim(session, kinds=(fetching.LISTEN,), owner="dead", lease_seconds=0.5)
    second = listener()
    until(lambda: second.ears, 5)
    with product.db.write() as session, pytest.raises(jobs.OutdatedClaimError):
        standing.put_back(session, dead, due_at=utc_now(), payload={})


def test_a_changed_mailbox_is_listened_for_anew_and_one_switched_off_no_more(
    product, box, account, listener
):
    made = listener()
    until(lambda: made.ears, 5)
    before = made.ears[box.id]
    with product.db.write() as session:
        fetching.plan(session, session.get_one(Mailbox, box.id))
    until(lambda: made.ears.get(box.id) not in (None, before), 5)
    with product.db.write() as session:
        fresh = session.get_one(Mailbox, box.id)
        fresh.active = False
        fetching.plan(session, fresh)
    until(lambda: not made.ears, 5)


def test_a_server_that_is_away_is_tried_again_after_a_pause(product, box, account, listener):
    with product.db.write() as session:
        session.get_one(Mailbox, box.id).imap_port = 1
    made = listener()
    key = fetching.listening_key(box.id)
    until(lambda: job(product, key).payload.get("failures") == 1, 5)
    assert not made.ears
    assert job(product, key).due_at > job(product, key).created_at


@pytest.fixture
def celery_worker(settings, work):
    """A real worker that looks into mailboxes by itself once an hour only."""
    worker = Worker(settings, work, MAIL_POLL_SECONDS="3600")
    worker.ready()
    yield worker
    worker.end()


def test_a_worker_fetches_what_comes_at_once_and_stops_at_once(
    product, box, account, celery_worker
):
    until(lambda: job(product, fetching.listening_key(box.id)).lease_until is not None, 20)
    until(lambda: job(product, fetching.job_key(box.id)).due_at > utc_now(), 20)
    time.sleep(1)
    waited = []
    for number in range(3):
        begun = time.monotonic()
        account.put(MAIL % number)
        until(lambda n=number: stored(product) == n + 1, 10)
        waited.append(time.monotonic() - begun)
        time.sleep(0.5)
    assert max(waited) < 3, waited
    begun = time.monotonic()
    celery_worker.process.send_signal(signal.SIGTERM)
    celery_worker.process.wait(20)
    assert time.monotonic() - begun < 10
    assert job(product, fetching.listening_key(box.id)).lease_until is None
