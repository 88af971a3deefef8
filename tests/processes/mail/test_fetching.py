"""Mail is stored here before it is marked there, on a real IMAP server."""

import socket
from datetime import timedelta
from threading import current_thread, main_thread

import pytest
from sqlalchemy import event

from engine import clock, jobs
from processes.mail import fetching, incoming
from processes.mail.faults import read
from processes.mail.models import IncomingState, Mailbox
from workers import look
from workers.config import WorkerSettings

FIRST = b"From: a@example.org\r\nMessage-ID: <1@x>\r\nSubject: One\r\n\r\nHello\r\n"


def mail(number, size=0):
    return FIRST.replace(b"1@x", b"%d@x" % number).replace(b"One", b"%d" % number) + b"x" * size


def test_new_mail_is_stored_whole_and_marked_as_read(boxes, box, account):
    account.put(FIRST)
    boxes.fetch()
    [stored] = boxes.mails()
    assert (stored.state, stored.mailbox_id, stored.uid is not None) == (
        IncomingState.STORED, box.id, True,
    )  # fmt: skip
    assert account.unread() == 0
    assert boxes.see(box).fetched_at is not None
    assert boxes.see(box).fetch_error == ""


def test_it_is_moved_where_the_mailbox_says_and_the_folder_is_made(boxes, account):
    boxes.create(imap=boxes.at(account), done_folder="Done")
    account.put(FIRST, mail(2))
    boxes.fetch()
    assert account.subjects() == []
    assert sorted(account.subjects("Done")) == ["2", "One"]
    assert len(boxes.mails()) == 2


def test_mails_that_cannot_be_moved_are_stored_all_the_same_and_the_reason_is_said(
    boxes, account, monkeypatch
):
    """A server that makes no folders is simulated by taking away ours; the refusal is real."""
    monkeypatch.setattr(fetching.Connection, "provide", lambda *_: None)
    monkeypatch.setattr(fetching, "_BATCH", 2)
    made = boxes.create(imap=boxes.at(account), done_folder="Nowhere")
    account.put(*(mail(number) for number in range(5)))
    boxes.fetch()
    assert len(boxes.mails()) == 5
    assert "refuses" in str(read(boxes.see(made).fetch_error))
    assert len(account.subjects()) == 5


def test_another_folder_can_be_watched(boxes, account):
    account.start_over("Support")
    account.put(FIRST, folder="Support")
    account.put(mail(2))
    boxes.create(imap=boxes.at(account), folder="Support")
    boxes.fetch()
    assert len(boxes.mails()) == 1
    assert account.unread() == 1


def test_a_crash_between_storing_and_marking_has_the_mail_stored_once(
    boxes, box, account, monkeypatch
):
    account.put(FIRST, mail(2))
    with monkeypatch.context() as patch:
        patch.setattr(fetching._Turn, "_settle", _killed)  # noqa: SLF001
        with pytest.raises(SystemExit):
            boxes.fetch()
    assert len(boxes.mails()) == 2
    assert account.unread() == 2
    boxes.fetch()
    assert len(boxes.mails()) == 2
    assert account.unread() == 0
    assert boxes.see(box).last_uid > 0


def test_a_mailbox_is_never_given_up_however_many_workers_died_of_it(boxes, box, account):
    account.put(FIRST)
    for _ in range(jobs.MAX_ATTEMPTS + 1):
        job = boxes.claim()
    look.run(boxes.house.app, job, look.Tally(), WorkerSettings())
    assert "CrashedError" in boxes.incidents()[0].message
    waiting = boxes.job()
    assert (waiting.state, waiting.attempts) == ("ready", 0)
    assert waiting.due_at - waiting.created_at > timedelta(minutes=10)
    boxes.fetch()
    assert len(boxes.mails()) == 1
    assert boxes.incidents() == []


def test_workers_that_die_after_fetching_something_use_up_no_attempts(
    boxes, box, account, monkeypatch
):
    monkeypatch.setattr(fetching, "_went_well", _killed)
    for number in range(jobs.MAX_ATTEMPTS + 2):
        account.put(mail(number))
        with pytest.raises(SystemExit):
            boxes.fetch()
        assert boxes.job().attempts == 1
    assert len(boxes.mails()) == jobs.MAX_ATTEMPTS + 2


def test_a_frozen_worker_stores_nothing_once_another_has_the_mailbox(boxes, box, account):
    account.put(FIRST)
    old, new = boxes.claim(), boxes.claim()
    with pytest.raises(jobs.OutdatedClaimError):
        fetching.fetch(boxes.db, old)
    assert boxes.mails() == []
    fetching.fetch(boxes.db, new)
    assert len(boxes.mails()) == 1


def test_when_the_server_counts_anew_nothing_doubles_and_nothing_is_missed(boxes, account):
    account.start_over("Support")
    account.put(FIRST, mail(2), folder="Support")
    made = boxes.create(imap=boxes.at(account), folder="Support")
    boxes.fetch()
    before = boxes.see(made).uid_validity
    account.start_over("Support")
    account.put(FIRST, mail(2), mail(3), folder="Support")
    boxes.fetch()
    assert boxes.see(made).uid_validity != before
    assert len(boxes.mails()) == 3
    account.put(mail(4), folder="Support")
    boxes.fetch()
    assert len(boxes.mails()) == 4


def test_what_was_read_before_the_mailbox_was_ours_is_left_alone(boxes, account):
    old = b"Subject: old\r\n\r\nold\r\n"
    with account.sign_in() as client:
        long_ago = clock.utc_now().replace(year=2020)
        client.append(old, "INBOX", dt=long_ago, flag_set=["\\Seen"])
        client.append(mail(2), "INBOX", dt=long_ago)
        client.append(old + b"more", "INBOX", dt=long_ago, flag_set=["\\Seen"])
    boxes.create(imap=boxes.at(account))
    for _ in range(2):
        boxes.fetch()
        assert len(boxes.mails()) == 1
    account.put(mail(3))
    boxes.fetch()
    assert len(boxes.mails()) == 2


def test_a_mail_that_is_too_large_is_in_quarantine_and_stays_on_the_server(boxes, account):
    boxes.db._settings = boxes.house.app.settings.model_copy(update={"mail_max_bytes": 5_000})  # noqa: SLF001
    boxes.create(imap=boxes.at(account), done_folder="Done")
    account.put(mail(1, size=6_000), mail(2))
    boxes.fetch()
    large, other = boxes.mails()
    assert (large.state, large.why, large.subject) == (
        IncomingState.QUARANTINED, incoming.TOO_LARGE, "1",
    )  # fmt: skip
    assert other.state is IncomingState.STORED
    assert account.subjects() == ["1"]
    assert account.subjects("Done") == ["2"]


def test_no_transaction_is_open_while_the_server_is_asked(boxes, box, account, monkeypatch):
    account.put(FIRST, mail(2))
    asked = []
    real = fetching.Connection._told  # noqa: SLF001

    def noted(self, folder=""):
        if current_thread() is main_thread():
            asked.append(boxes.db.engine.pool.checkedout())
        return real(self, folder)

    monkeypatch.setattr(fetching.Connection, "_told", noted)
    boxes.fetch()
    assert len(boxes.mails()) == 2
    assert len(asked) > 5
    assert set(asked) == {0}


def test_a_long_backlog_is_taken_in_turns_without_losing_any(boxes, box, account, monkeypatch):
    account.put(*(mail(number) for number in range(50)))
    monkeypatch.setattr(fetching, "_BATCH", 7)
    monkeypatch.setattr(fetching, "_TURN_SECONDS", 0.0)
    for _ in range(60):
        boxes.fetch()
        if len(boxes.mails()) == 50:
            break
        monkeypatch.setattr(fetching, "_TURN_SECONDS", 0.02)
    assert len(boxes.mails()) == 50
    assert account.unread() == 0


def test_a_wrong_password_is_said_becomes_an_incident_and_heals_by_itself(boxes, account):
    made = boxes.create(imap=boxes.at(account, password="wrong"))
    boxes.fetch()
    told = str(read(boxes.see(made).fetch_error))
    assert "refuses the user name or the password" in told
    assert "wrong" not in told
    [incident] = boxes.incidents()
    assert made.address in incident.message
    assert boxes.job().state == "ready"
    account.put(FIRST)
    boxes.change(made, imap=boxes.at(account))
    assert boxes.incidents() == []
    boxes.fetch()
    assert boxes.see(made).fetch_error == ""
    assert len(boxes.mails()) == 1


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(boxes, account):
    boxes.create(imap=boxes.at(account, port=deserted()))
    pauses = []
    for _ in range(7):
        boxes.fetch()
        pauses.append((boxes.job().due_at - clock.utc_now()).total_seconds())
    assert [round(pause / 60) for pause in pauses] == [1, 2, 4, 8, 15, 15, 15]
    assert boxes.incidents() == []


def test_what_lasts_an_hour_needs_a_person(boxes, account):
    boxes.create(imap=boxes.at(account, port=deserted()))
    boxes.fetch()
    with boxes.db.write() as session:
        job = session.get_one(type(boxes.job()), boxes.job().id)
        job.payload = {**job.payload, "failing_since": "2026-01-01T00:00:00+00:00"}
    boxes.fetch()
    assert "takes no connections" in boxes.incidents()[0].message


def test_a_key_that_was_changed_asks_for_the_password_again(boxes, box, account):
    changed = boxes.house.app.settings.model_copy(
        update={"secret_key": type(boxes.house.app.settings.secret_key)("z" * 64)}
    )
    boxes.db._settings = changed  # noqa: SLF001
    boxes.fetch()
    assert "Enter it again" in str(read(boxes.see(box).fetch_error))
    assert account.unread() == 0


def test_a_folder_that_is_not_there_is_named_with_those_that_are(boxes, account):
    made = boxes.create(imap=boxes.at(account), folder="Suport")
    boxes.fetch()
    told = str(read(boxes.see(made).fetch_error))
    assert "Suport" in told
    assert "INBOX" in told


def test_a_mailbox_that_is_switched_off_is_fetched_no_more(boxes, box, account):
    account.put(FIRST)
    running = boxes.claim()
    with boxes.db.write() as session:
        fresh = session.get_one(Mailbox, box.id)
        fresh.active = False
        fetching.plan(session, fresh)
    with pytest.raises(jobs.OutdatedClaimError):
        fetching.fetch(boxes.db, running)
    assert boxes.mails() == []
    assert boxes.job().state == "cancelled"


def test_a_thousand_mails_are_fetched_with_few_statements_each(boxes, box, account):
    account.put(*(mail(number) for number in range(40)))
    job, statements = boxes.claim(), []

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(boxes.db.engine, "before_cursor_execute", note)
    fetching.fetch(boxes.db, job)
    event.remove(boxes.db.engine, "before_cursor_execute", note)
    assert len(boxes.mails()) == 40
    assert len(statements) / 40 < 12


def test_missing_jobs_are_written_and_others_left_alone(boxes, box):
    with boxes.db.write() as session:
        session.delete(session.get_one(type(boxes.job()), boxes.job().id))
    with boxes.db.write() as session:
        fetching.plan_missing(session)
        fetching.plan_missing(session)
    assert boxes.job().payload == {"mailbox_id": box.id}


def deserted():
    """Return a port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _killed(*_):
    raise SystemExit
