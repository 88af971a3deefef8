"""Passwords, sessions, first admin, limits."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from sqlalchemy import select

from engine.errors import ForbiddenError, InvalidInputError, UnavailableError
from processes.people import passwords, rate_limits, sessions, staff
from processes.people.models import Role, SessionKind, Staff, WebSession
from processes.people.rate_limits import Limit, hit

GOOD = "correct horse battery"
FEW = Limit("few", 3, timedelta(minutes=5))


def later(**delta):
    return time_machine.travel(datetime.now(UTC) + timedelta(**delta))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 129, "password_too_long"),
        ("aaaaaaaaaaaaa", "password_too_simple"),
        ("abababababab", "password_too_simple"),
        (GOOD, None),
        ("пароль-пароль-42", None),
    ],
)
def test_what_makes_a_good_password(password, code):
    assert passwords.problem(password) == code


def test_the_right_password_opens_and_everything_else_does_not(house):
    with house.db.write() as session:
        person = session.get_one(Staff, house.mila.id)
        staff.change_password(session, person, GOOD)
        assert person.password_hash.startswith("$argon2id$")
    with house.db.write() as session:
        assert staff.authenticate(session, "serviceUser", GOOD).id == house.mila.id
        assert staff.authenticate(session, "serviceUser", GOOD + "x") is None
        assert staff.authenticate(session, "nobody", GOOD) is None
        assert staff.authenticate(session, "serviceUser", "x" * 100_000) is None
        person = session.get_one(Staff, house.mila.id)
        person.active = False
        assert staff.authenticate(session, "serviceUser", GOOD) is None


def test_a_bad_password_is_refused(house):
    with house.db.write() as session, pytest.raises(InvalidInputError):
        staff.change_password(session, session.get_one(Staff, house.mila.id), "short")


def test_the_hasher_refuses_when_the_queue_is_full():
    turns = [passwords._Turn() for _ in range(7)]  # noqa: SLF001 - the queue itself is meant
    held = [passwords._waiting.acquire(blocking=False) for _ in turns]  # noqa: SLF001
    try:
        with pytest.raises(UnavailableError):
            passwords.hash_password(GOOD)
    finally:
        for got in held:
            if got:
                passwords._waiting.release()  # noqa: SLF001


def test_the_first_admin_comes_from_a_console_token_once(house):
    with house.db.write() as session:
        token = staff.new_setup_token(session)
        someone = {"username": "ada", "name": "Ada", "email": "a@x.example", "password": GOOD}
        with pytest.raises(ForbiddenError):  # somebody works here already
            staff.create_first_admin(session, token=token, **someone)
        for person in session.scalars(select(Staff)):
            session.delete(person)
        session.flush()
        for bad in ("", "x.y", token[:-1] + ("A" if token[-1] != "A" else "B")):
            with pytest.raises(ForbiddenError):
                staff.create_first_admin(session, token=bad, **someone)
        with pytest.raises(InvalidInputError):
            staff.create_first_admin(session, token=token, **someone | {"password": "short"})
        assert staff.create_first_admin(session, token=token, **someone).role is Role.ADMIN
        with pytest.raises(ForbiddenError):
            staff.create_first_admin(session, token=token, **someone | {"username": "eve"})


def test_preferences_accept_only_what_exists(house):
    with house.db.write() as session:
        person = session.get_one(Staff, house.mila.id)
        staff.set_preferences(person, locale="de", timezone="Europe/Berlin", theme="dark")
        for wrong in (
            {"locale": "fr"}, {"timezone": "Mars/Base"}, {"theme": "pink"}
        ):  # fmt: skip
            good = {"locale": "de", "timezone": "Europe/Berlin", "theme": "dark"}
            with pytest.raises(InvalidInputError) as refused:
                staff.set_preferences(person, **good | wrong)
            assert list(refused.value.fields) == list(wrong)


def test_a_session_is_found_by_its_cookie_only_and_on_its_own_side(house):
    with house.db.write() as session:
        raw, row = sessions.create(session, SessionKind.DESK, staff_id=house.mila.id)
        assert raw not in row.id_hash
        assert sessions.load(session, SessionKind.DESK, raw).staff_id == house.mila.id
        assert sessions.load(session, SessionKind.PORTAL, raw) is None
        assert sessions.load(session, SessionKind.DESK, row.id_hash) is None
        assert sessions.load(session, SessionKind.DESK, "") is None
        sessions.revoke(session, raw)
        assert sessions.load(session, SessionKind.DESK, raw) is None


def test_a_session_ends_when_idle_and_in_any_case_after_its_day(house):
    with house.db.write() as session:
        raw, row = sessions.create(session, SessionKind.DESK, staff_id=house.mila.id)
        with later(minutes=29):
            assert sessions.load(session, SessionKind.DESK, raw) is not None
            assert sessions.needs_touch(row)
            sessions.touch(session, row.id)
            assert not sessions.needs_touch(row)
        with later(minutes=58):
            assert sessions.load(session, SessionKind.DESK, raw) is not None
        with later(minutes=60):
            assert sessions.load(session, SessionKind.DESK, raw) is None
        row.seen_at += timedelta(hours=12)
        with later(hours=12, minutes=1):
            assert sessions.load(session, SessionKind.DESK, raw) is None
            assert sessions.forget_old(session) == 1


def test_a_new_password_ends_every_session_of_the_person(house):
    with house.db.write() as session:
        sessions.create(session, SessionKind.DESK, staff_id=house.mila.id)
        sessions.create(session, SessionKind.DESK, staff_id=house.emma.id)
        staff.change_password(session, session.get_one(Staff, house.mila.id), GOOD)
        left = session.scalars(select(WebSession)).all()
    assert [row.staff_id for row in left] == [house.emma.id]


def test_a_limit_holds_for_its_window_and_its_subject(house):
    begins = datetime.now(UTC).replace(minute=1, second=0)
    with time_machine.travel(begins), house.db.write() as session:
        assert [hit(session, FEW, "Mila") for _ in range(4)] == [True, True, True, False]
        assert not hit(session, FEW, " mila ")
        assert hit(session, FEW, "emma")
        with later(minutes=5, seconds=1):
            assert hit(session, FEW, "mila")
        with later(days=3):
            assert rate_limits.forget_old(session) == 3


@pytest.mark.usefixtures("one_window")
def test_parallel_guesses_share_one_limit(house):
    results, start = [], Barrier(6)

    def guess():
        start.wait()
        with house.db.write() as session:
            results.append(hit(session, FEW, "mila"))

    threads = [Thread(target=guess) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True, True, True]
