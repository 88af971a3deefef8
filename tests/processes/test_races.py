"""Several people and the clock at once, each in a thread of its own."""

from datetime import timedelta
from threading import Barrier, Thread

from engine import clock, jobs, queries
from engine.errors import AlreadyDoneError, NotWaitingError
from processes.cases.models import CaseStatus


def at_once(*deeds):
    """Run the deeds at the same moment; return what each raised, or None."""
    start, raised = Barrier(len(deeds)), [None] * len(deeds)

    def run(place, deed):
        start.wait()
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - handed to the test
            raised[place] = error

    threads = [Thread(target=run, args=item) for item in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def running(house, case):
    with house.db.read() as session:
        rows = queries.instances_of(session, str(case.id))
        return [row for row in rows if row.status == "running"]


def test_replies_at_once_reopen_a_closed_case_once(house):
    case = house.closed()
    raised = at_once(*[lambda: house.replies(case, "Toch weer.")] * 6)
    assert raised == [None] * 6
    assert len(running(house, case)) == 1
    codes = [entry.data.get("code") for entry in house.timeline(case)]
    assert codes.count("reopened") == 1
    assert [e.text for e in house.timeline(case) if e.direction == "in"].count("Toch weer.") == 6


def test_a_reply_at_the_very_moment_of_closing_is_never_lost(house):
    for _ in range(4):
        case = house.answered(portal=False)
        with house.db.write() as session:
            clock.advance(session, timedelta(days=8, seconds=1))
        raised = at_once(house.works, lambda case=case: house.replies(case, "Wacht even!"))
        assert raised == [None, None]
        house.works()
        seen = house.see(case)
        assert seen.status is CaseStatus.IN_PROGRESS
        assert seen.unread
        assert seen.step["element_id"] in {"read_reply", "handle"}
        assert len(running(house, case)) == 1


def test_one_step_completed_by_many_is_completed_once(house):
    case = house.classified()
    answer = {"next": "reply_and_wait", "message": "Welke browser?"}
    raised = at_once(*[lambda: house.completes(case, "handle", **answer)] * 6)
    assert raised.count(None) == 1
    # who looks late finds no task any more; who was in time to try is told who did it
    assert all(isinstance(e, AlreadyDoneError | AssertionError) for e in raised if e)
    assert [mail.template for mail in house.mails(case)].count("request/reply") == 1


def test_agreeing_twice_closes_once(house):
    case = house.answered()
    raised = at_once(*[lambda: house.agrees(case)] * 4)
    assert raised.count(None) == 1
    assert all(isinstance(error, NotWaitingError) for error in raised if error)
    assert house.see(case).closed_by == "customer"


def test_two_workers_fire_a_timer_once(house):
    case = house.answered()
    with house.db.write() as session:
        clock.advance(session, timedelta(days=8, seconds=1))
    assert at_once(house.works, house.works, house.works) == [None] * 3
    house.works()
    sent = [mail.template for mail in house.mails(case)]
    assert sent.count("closure/closed_notice") == 1
    with house.db.read() as session:
        assert jobs.claim(session, kinds=(jobs.TIMER,), owner="nobody") == []
