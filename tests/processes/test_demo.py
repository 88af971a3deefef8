"""The demo's data, and that production has none."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import clock
from processes.bootstrap import build
from processes.cases.models import Case, CaseStatus
from processes.demo import story
from processes.demo.users import PASSWORD, USERS
from processes.mail.models import MailState, OutgoingMail
from processes.people.models import Staff
from processes.people.staff import authenticate
from tests.databases import Snapshot
from tests.processes.world import settings_for


@pytest.fixture(scope="module")
def told(session_database, database_url):
    """The rows of the demo, loaded once."""
    database, empty = session_database
    empty.restore()
    app = build(settings_for(database_url, demo=True))
    with app.db.write() as session:
        app.prepare(session)
    app.db.engine.dispose()
    return Snapshot(database.engine)


@pytest.fixture
def demo(told, database_url):
    told.restore()
    app = build(settings_for(database_url, demo=True))
    yield app
    app.db.engine.dispose()


@pytest.mark.requirement("CON-08")
def test_demo_users_exist_only_with_the_demo_flag(db, database_url):
    for flag, wanted in ((False, set()), (True, {user.username for user in USERS})):
        app = build(settings_for(database_url, demo=flag))
        with app.db.write() as session:
            app.prepare(session)
            assert set(session.scalars(select(Staff.username))) == wanted
        app.db.engine.dispose()


def test_the_demo_shows_cases_in_all_states_and_languages(demo):
    with demo.db.read() as session:
        cases = session.scalars(select(Case)).all()
        seen = {(case.status, case.milestone) for case in cases}
        assert len(cases) >= 38
        assert {case.language for case in cases} == {"en", "nl", "de"}
        assert {case.status for case in cases} >= set(CaseStatus) - {
            CaseStatus.CLOSED_BY_ESCALATION
        }
        assert {milestone for _, milestone in seen} >= {
            "received", "to_classify", "in_treatment", "with_customer", "closing_week",
            "reading_reply", None,
        }  # fmt: skip
        assert {case.consent for case in cases} >= {"explicit", "silent", "immediate", None}
        assert any(case.unread for case in cases)
        assert abs(clock.business_now(session) - clock.utc_now()) < timedelta(seconds=5)
        assert all(case.created_at <= clock.business_now(session) for case in cases)


def test_demo_users_can_sign_in(demo):
    with demo.db.write() as session:
        for user in USERS[:2]:
            assert authenticate(session, user.username, PASSWORD).name == user.name


def test_no_mail_of_the_demo_ever_leaves_the_house(demo):
    with demo.db.read() as session:
        states = set(session.scalars(select(OutgoingMail.state)))
        assert states == {MailState.NOT_SENT}


def test_loading_twice_changes_nothing(demo):
    with demo.db.write() as session:
        assert not story.load(demo, session)
        demo.prepare(session)
        assert session.scalar(select(func.count(Staff.id))) == len(USERS)
