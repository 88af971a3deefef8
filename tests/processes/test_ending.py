"""The final answer, the good week, the end, and coming back."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from engine import queries
from engine.errors import InvalidInputError, NotWaitingError
from engine.forms.validation import validate
from processes.cases.desk import overview
from processes.cases.models import (
    Activity,
    Case,
    CaseStatus,
    ClosedBy,
    Consent,
    Priority,
)
from processes.cases.queries import list_cases
from processes.cases.services import switch_mail
from processes.cases.settings import DEFAULTS, TIMEZONE
from processes.closure.services import may_agree

PARTS = ("answer", "notice", "request")


@pytest.mark.requirement("COV-85")
@pytest.mark.parametrize("missing", PARTS)
def test_the_final_answer_cannot_be_sent_without_one_of_its_three_parts(house, missing):
    case = house.classified()
    house.completes(case, "handle", next="final_answer")
    entered = dict.fromkeys(PARTS, "Tekst.") | {missing: ""}
    with house.db.read() as session:
        task = house.task(session, case, "write_final_answer")
        form = house.app.engine.definitions.get(session, task.version_id).form(
            "closure", "write_final_answer"
        )
        raw = {key: [value] for key, value in entered.items()}
        assert list(validate(form, raw, {}).problems) == [missing]
    with house.db.write() as session, pytest.raises(InvalidInputError):
        house.app.engine.complete_user_task(session, task.id, entered, house.mila.actor)
    assert "closure/final_answer" not in [mail.template for mail in house.mails(case)]


@pytest.mark.requirement("COV-86")
def test_sending_it_sets_waiting_for_customer_and_low_in_one_save(house):
    case = house.classified(priority="urgent")
    house.completes(case, "handle", next="final_answer")
    assert house.see(case).priority is Priority.URGENT
    house.completes(case, "write_final_answer", answer="Het is hersteld.")
    seen = house.see(case)
    assert (seen.status, seen.priority) == (CaseStatus.WAITING_CUSTOMER, Priority.LOW)


@pytest.mark.requirement("COV-87")
def test_the_case_is_open_on_day_seven_and_closed_on_day_eight(house):
    case = house.answered()
    house.waits(days=7, hours=23)
    assert house.see(case).status is CaseStatus.WAITING_CUSTOMER
    house.waits(hours=1, seconds=1)
    assert house.see(case).status is CaseStatus.CLOSED


def test_the_promised_date_is_that_of_the_timer_and_stands_in_the_mail(house):
    case = house.answered()
    seen = house.see(case)
    assert seen.promised_close_at == seen.next_due_at
    assert timedelta(days=7, hours=23) < seen.promised_close_at - seen.created_at
    text = house.mails(case)[-1].text
    there = seen.promised_close_at.astimezone(ZoneInfo(DEFAULTS[TIMEZONE]))  # the house's day
    assert f"op {there.day} " in text


@pytest.mark.requirement("COV-89")
def test_the_applied_solution_is_the_final_mail(house):
    case = house.see(house.answered())
    assert case.applied_solution.mail_id == house.mails(case)[-1].id
    assert house.mails(case)[-1].template == "closure/final_answer"


@pytest.mark.requirement("COV-84")
@pytest.mark.requirement("COV-88")
@pytest.mark.parametrize(
    ("way", "by", "consent"),
    [
        ("silence", ClosedBy.TIMER, Consent.SILENT),
        ("button", ClosedBy.CUSTOMER, Consent.EXPLICIT),
        ("reply", ClosedBy.CUSTOMER, Consent.EXPLICIT),
        ("at once", ClosedBy.AGENT, Consent.IMMEDIATE),
    ],
)
def test_a_closed_case_tells_when_by_whom_and_with_what_consent(house, way, by, consent):
    case = house.closed() if way == "at once" else house.answered()
    if way == "silence":
        house.waits(days=8, seconds=1)
    elif way == "button":
        house.agrees(case)
    elif way == "reply":
        house.replies(case, "Dank u wel!")
        house.completes(case, "read_reply", outcome="agrees")
    seen = house.see(case)
    assert (seen.status, seen.closed_by, seen.consent) == (CaseStatus.CLOSED, by, consent)
    assert seen.closed_at is not None
    assert seen.step is None


@pytest.mark.requirement("COV-75")
def test_a_closed_case_leaves_the_work_lists(house):
    case = house.closed()
    with house.db.read() as session:
        for view in ("mine", "accepted", "unassigned", "all"):
            assert list_cases(session, view=view, staff=house.mila).rows == []
        assert overview(session, house.mila).all == 0
        assert [row.number for row in archive(session, house).rows] == [case.number]


@pytest.mark.requirement("COV-93")
def test_the_archive_holds_closed_cases_only_and_is_searched_by_number_and_text(house):
    case, still_open = house.closed(), house.classified()
    with house.db.read() as session:
        assert [row.number for row in archive(session, house).rows] == [case.number]
        assert [r.number for r in archive(session, house, case.number.lower()).rows] == [
            case.number
        ]
        assert [r.number for r in archive(session, house, "INLOGGEN").rows] == [case.number]
        assert archive(session, house, still_open.number).rows == []
        assert archive(session, house, "niets daarvan").rows == []


@pytest.mark.requirement("COV-92")
@pytest.mark.parametrize("ticked", [True, False])
def test_the_closing_notice_is_sent_only_when_ticked(house, ticked):
    case = house.answered(automatic_mail=ticked)
    house.waits(days=8, seconds=1)
    sent = [mail.template for mail in house.mails(case)]
    assert ("closure/closed_notice" in sent) == ticked
    assert house.see(case).status is CaseStatus.CLOSED


@pytest.mark.requirement("COV-90")
def test_with_the_switch_off_no_automatic_mail_leaves_at_all(house):
    case = house.answered(automatic_mail=False, portal=True)
    house.waits(days=8, seconds=1)
    house.replies(case, "Toch nog iets.")
    assert [mail for mail in house.mails(case) if mail.automatic] == []
    assert [mail.template for mail in house.mails(case)] == ["closure/final_answer"]


def test_the_switch_counts_at_the_moment_of_closing(house):
    case = house.answered()
    with house.db.write() as session:
        switch_mail(session, session.get_one(Case, case.id), house.mila, on=False)
    house.waits(days=8, seconds=1)
    assert "closure/closed_notice" not in [mail.template for mail in house.mails(case)]


@pytest.mark.requirement("COV-95")
def test_a_reply_to_a_closed_case_opens_it_again_with_a_note_to_the_handler(house):
    case = house.closed()
    first_instance = house.see(case).instance_id
    reply = house.replies(case, "Het gaat weer mis.", medium="email")
    seen = house.see(case)
    assert seen.status is CaseStatus.IN_PROGRESS
    assert (seen.closed_at, seen.closed_by, seen.consent) == (None, None, None)
    assert seen.instance_id != first_instance
    assert seen.assignee.name == "Mila Jansen"
    assert seen.unread
    note = house.timeline(case)[-1]
    assert note.internal
    assert note.data["activity_id"] == reply.id
    assert note.text == "Het gaat weer mis."
    with house.db.read() as session:
        assert overview(session, house.mila).unread == 1


def test_two_replies_to_a_closed_case_start_one_instance(house):
    case = house.closed()
    house.replies(case, "Een.")
    house.replies(case, "Twee.")
    with house.db.read() as session:
        running = [r for r in queries.instances_of(session, str(case.id)) if r.status == "running"]
    assert len(running) == 1


@pytest.mark.requirement("COV-83")
def test_a_portal_message_reaches_the_handler_like_a_mail(house):
    by_portal, by_mail = house.classified(), house.classified()
    house.replies(by_portal, "Nog iets.", medium="portal")
    house.replies(by_mail, "Nog iets.", medium="email")
    for case in (by_portal, by_mail):
        seen, entry = house.see(case), house.timeline(case)[-1]
        assert seen.unread
        assert (entry.text, entry.direction, entry.internal) == ("Nog iets.", "in", False)


def test_a_reply_while_work_goes_on_moves_nothing(house):
    case = house.classified()
    house.replies(case)
    assert "handle" in house.waiting_at(case)
    assert house.see(case).status is CaseStatus.IN_PROGRESS


@pytest.mark.requirement("CON-16")
def test_a_simple_question_needs_three_user_tasks(house):
    case = house.answered()
    house.waits(days=8, seconds=1)
    with house.db.read() as session:
        history = queries.history(session, [house.see(case).instance_id])
    steps = [s for s in history if s.state == "completed" and s.cause == "task"]
    done = {s.element_id for s in steps} & {"classify", "handle", "write_final_answer"}
    assert done == {"classify", "handle", "write_final_answer"}
    assert house.see(case).status is CaseStatus.CLOSED


def test_a_case_closed_and_reopened_many_times_stays_one_case(house):
    case = house.closed()
    for turn in range(5):
        house.replies(case, f"Weer mis, keer {turn}.")
        house.completes(case, "handle", next="close_now", message="Hersteld.")
    with house.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        notes = select(func.count()).select_from(Activity).where(Activity.kind == "note")
        assert session.scalar(notes) == 5


def test_the_button_is_there_only_while_a_final_answer_waits(house):
    case = house.classified()
    assert not may_agree(house.see(case))
    with pytest.raises(NotWaitingError):
        house.agrees(case)
    house.completes(case, "handle", next="final_answer")
    house.completes(case, "write_final_answer", answer="Zo doet u dat.")
    assert may_agree(house.see(case))


def test_a_customer_without_address_gets_the_answer_in_the_timeline_only(house):
    case = house.opens()
    house.completes(case, "take_down", contact_name="Herr Maurer", category="user_help")
    house.completes(
        case, "classify", subject="Rückruf", subcategory="how_to", request_type="information"
    )
    house.completes(case, "handle", next="final_answer")
    house.completes(case, "write_final_answer", answer="Ja, das geht.")
    seen = house.see(case)
    assert house.mails(case) == []
    assert seen.applied_solution.text.startswith("Ja, das geht.")
    assert seen.promised_close_at is not None


def archive(session, house, q=""):
    return list_cases(session, view="archive", staff=house.mila, q=q)
