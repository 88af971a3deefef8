"""What happens to a case stands on its timeline, and open pages hear of it."""

import pytest

from engine.errors import InvalidInputError, NotFoundError
from processes.cases import changes, services
from processes.cases.models import ActivityKind, Case, Direction
from processes.request.services import assign, send_reply


@pytest.mark.requirement("COV-61")
def test_notes_contacts_mails_and_todos_attach_to_the_case_by_themselves(house):
    case = house.classified()
    with house.db.write() as session:
        mine = session.get_one(Case, case.id)
        services.add_note(session, mine, "Even gebeld.", house.mila)
        services.add_contact(
            session, mine, "Belt terug.", house.mila, medium="phone", direction=Direction.OUT
        )
        services.add_todo(session, mine, "Offerte sturen.", house.mila)
        send_reply(session, mine, "We zoeken het uit.", house.mila)
    kinds = [entry.kind for entry in house.timeline(case)]
    wanted = {ActivityKind.NOTE, ActivityKind.CONTACT, ActivityKind.TODO, ActivityKind.MAIL}
    assert wanted <= set(kinds)
    assert house.mails(case)[-1].template == "request/reply"


def test_notes_and_todos_are_internal_and_the_talk_is_not(house):
    case = house.classified()
    with house.db.write() as session:
        mine = session.get_one(Case, case.id)
        assert services.add_note(session, mine, "Intern.", house.mila).internal
        assert services.add_todo(session, mine, "Intern.", house.mila).internal
        assert not send_reply(session, mine, "Openbaar.", house.mila).internal


def test_a_todo_is_ticked_and_opened_again(house):
    case = house.classified()
    with house.db.write() as session:
        mine = session.get_one(Case, case.id)
        todo = services.add_todo(session, mine, "Offerte sturen.", house.mila)
        services.tick_todo(session, mine, todo.id, house.emma, done=True)
        assert todo.data["done"]
        assert todo.data["by"] == "Emma Clarke"
        services.tick_todo(session, mine, todo.id, house.emma, done=False)
        assert not todo.data["done"]


def test_the_todo_of_another_case_is_not_found(house):
    case, other = house.classified(), house.classified()
    with house.db.write() as session:
        todo = services.add_todo(session, session.get_one(Case, case.id), "Iets.", house.mila)
        foreign = session.get_one(Case, other.id)
        with pytest.raises(NotFoundError):
            services.tick_todo(session, foreign, todo.id, house.mila, done=True)


@pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 20_001])
def test_an_empty_or_endless_text_is_refused(house, text):
    case = house.classified()
    with house.db.write() as session, pytest.raises(InvalidInputError):
        services.add_note(session, session.get_one(Case, case.id), text, house.mila)


def test_the_mark_of_news_goes_when_the_handler_looks_not_when_others_do(house):
    case = house.classified(handler=str(house.emma.id))
    house.replies(case)
    for staff, left in ((house.mila, True), (house.emma, False)):
        with house.db.write() as session:
            services.mark_read(session, session.get_one(Case, case.id), staff)
        assert house.see(case).unread == left


def test_a_case_is_handed_over(house):
    case = house.classified()
    with house.db.write() as session:
        assign(session, session.get_one(Case, case.id), house.emma, house.mila)
    assert house.see(case).assignee.name == "Emma Clarke"
    assert house.timeline(case)[-1].data == {"code": "assigned", "handler": "Emma Clarke"}


def test_open_pages_hear_of_every_change_once(house):
    with house.db.read() as session:
        feed = changes.Feed(session)
    case = house.classified()
    with house.db.read() as session:
        told = {(line.topic, line.ref) for line in feed.read(session)}
        assert {("case", str(case.id)), ("desk", "")} <= told
        assert feed.read(session) == []


def test_a_line_committed_late_is_still_told(house):
    with house.db.write() as session:
        changes.record(session, "case", 1)
        changes.record(session, "case", 2)
    with house.db.read() as session:
        feed = changes.Feed(session)
    with house.db.write() as session:
        session.add(changes.Change(id=1_001, at=changes.utc_now(), topic="case", ref="4"))
    with house.db.read() as session:
        assert [line.ref for line in feed.read(session)] == ["4"]
    with house.db.write() as session:  # a transaction that began earlier ends now
        session.add(changes.Change(id=1_000, at=changes.utc_now(), topic="case", ref="3"))
    with house.db.read() as session:
        assert [line.ref for line in feed.read(session)] == ["3"]
