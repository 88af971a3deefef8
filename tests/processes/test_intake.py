"""From the first word to a classified request."""

import pytest
from sqlalchemy import func, select

from engine import queries
from engine.errors import InvalidInputError, NotWaitingError
from engine.forms.validation import validate
from processes.cases import settings
from processes.cases.models import Case, CaseStatus, Channel
from processes.cases.queries import list_cases
from processes.people.models import AccessCode
from processes.request.services import send_reply

CLASSIFIED = {
    "subject": "Inloggen lukt niet",
    "request_type": "action",
    "portal": False,
}


@pytest.mark.requirement("COV-72")
@pytest.mark.requirement("CON-13")
def test_a_request_from_the_portal_starts_unclassified(house):
    case = house.see(house.submits())
    assert (case.status, case.channel) == (CaseStatus.UNCLASSIFIED, Channel.PORTAL)
    assert case.queue.key == "support"


@pytest.mark.requirement("CALL-05")
@pytest.mark.requirement("COV-72")
def test_a_number_exists_before_any_data(house):
    case = house.see(house.opens(Channel.PHONE))
    assert case.number
    assert (case.subject, case.description, case.contact_id, case.category_id) == (
        "", "", None, None
    )  # fmt: skip
    assert case.status is CaseStatus.UNCLASSIFIED


@pytest.mark.requirement("CON-15")
@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.MANUAL, Channel.FAX, Channel.COUNTER])
def test_the_channel_of_an_intake_by_hand_is_kept(house, channel):
    assert house.see(house.opens(channel)).channel is channel


def test_an_intake_by_hand_has_no_portal_channel(house):
    with pytest.raises(InvalidInputError):
        house.opens(Channel.PORTAL)


@pytest.mark.requirement("COV-47")
def test_nothing_but_intake_is_possible_before_classifying(house):
    for case, step in ((house.opens(), "take_down"), (house.submits(), "classify")):
        with house.db.write() as session:
            assert [t.element_id for t in queries.open_tasks(session, str(case.id))] == [step]
            with pytest.raises(NotWaitingError):
                send_reply(session, session.get_one(Case, case.id), "Hallo", house.mila)
    assert house.mails() == []


@pytest.mark.requirement("COV-48")
def test_the_handler_is_required_and_finds_the_case_in_the_list(house):
    case = house.submits()
    assert "handler" in problems(house, case, handler="")
    house.completes(case, "classify", **CLASSIFIED, handler=str(house.emma.id))
    with house.db.read() as session:
        mine = list_cases(session, view="mine", staff=house.emma)
        assert [row.number for row in mine.rows] == [case.number]
        assert list_cases(session, view="mine", staff=house.mila).rows == []


@pytest.mark.requirement("COV-52")
@pytest.mark.parametrize("field", ["category", "subcategory", "status", "priority"])
def test_classifying_is_impossible_with_one_of_four_fields_empty(house, field):
    case = house.submits()
    assert field in problems(house, case, **{field: ""})
    with pytest.raises(InvalidInputError) as refused:
        complete_past_the_form(house, case, {field: ""})
    assert field in refused.value.fields
    assert house.see(case).status is CaseStatus.UNCLASSIFIED


@pytest.mark.requirement("CARE-12")
def test_a_title_is_required_on_classifying_but_not_on_creating(house):
    case = house.opens()
    house.completes(case, "take_down")
    assert house.see(case).subject == ""
    assert "subject" in problems(house, case, subject="")


@pytest.mark.requirement("COV-55")
def test_the_description_may_be_improved_and_the_original_is_kept(house):
    case = house.submits(description="hij doet het nie")
    house.completes(case, "classify", **CLASSIFIED, description="Machine start niet.")
    seen = house.see(case)
    assert (seen.description, seen.original_description) == (
        "Machine start niet.", "hij doet het nie"
    )  # fmt: skip


def test_contact_and_organisation_are_linked(house):
    case = house.classified(organization="Bakkerij De Vries")
    seen = house.see(case)
    assert (seen.contact.name, seen.contact.email) == ("Sanne de Vries", "sanne@example.org")
    assert seen.organization.name == "Bakkerij De Vries"
    assert seen.contact.organization.name == "Bakkerij De Vries"


def test_the_same_organisation_in_other_capitals_is_the_same(house):
    first = house.classified(organization="Bakkerij De Vries")
    second = house.classified(organization="bakkerij  de vries")
    assert house.see(first).organization_id == house.see(second).organization_id


def test_another_address_on_classifying_links_another_contact(house):
    case = house.classified(contact_name="Tom Reed", contact_email="Tom@Example.org")
    assert house.see(case).contact.email == "tom@example.org"
    with house.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_public_form_cannot_rename_the_owner_of_an_address(house):
    house.submits(name="Sanne de Vries")
    other = house.submits(name="Somebody Else")
    assert house.see(other).contact.name == "Sanne de Vries"
    assert house.timeline(other)[0].author_name == "Somebody Else"


@pytest.mark.requirement("COV-56")
def test_without_the_tick_there_is_no_portal_and_no_code(house):
    case = house.classified(portal=False)
    assert not house.see(case).portal_enabled
    with house.db.read() as session:
        assert session.scalars(select(AccessCode)).all() == []
    ticked = house.classified(portal=True)
    assert house.see(ticked).portal_enabled


@pytest.mark.requirement("COV-57")
@pytest.mark.requirement("COV-25")
@pytest.mark.parametrize("portal", [True, False])
def test_exactly_one_mail_with_the_standard_message_goes_out_on_classifying(house, portal):
    text = {"en": "Hello!", "nl": "Wij gaan ermee aan de slag.", "de": "Hallo!"}
    with house.db.write() as session:
        settings.put(session, settings.STANDARD_MESSAGE, text, house.mila.actor)
    mails = house.mails(house.classified(portal=portal))
    assert [mail.template for mail in mails] == ["request/acknowledgement"]
    assert "Wij gaan ermee aan de slag." in mails[0].text
    assert "Wij gaan ermee aan de slag." in mails[0].html


@pytest.mark.requirement("COV-58")
def test_the_link_is_in_the_mail_only_when_the_portal_is_on(house):
    with_portal, without = house.classified(portal=True), house.classified(portal=False)
    link = "https://care.example/portal/cases/"
    mail, plain = house.mails(with_portal)[0], house.mails(without)[0]
    for words in (mail.text, mail.html):
        assert link + with_portal.number in words
        assert house.code(with_portal) in words
    for words in (plain.text, plain.html):
        assert link not in words


@pytest.mark.requirement("COV-59")
def test_the_mail_names_the_handler_and_the_address(house):
    mail = house.mails(house.classified(handler=str(house.emma.id)))[0]
    for words in (mail.text, mail.html):
        assert "Emma Clarke" in words
        assert "agentuser@care.example" in words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Your request"), ("nl", "Uw aanvraag"), ("de", "Ihre Anfrage")],
)
def test_the_mail_speaks_the_language_of_the_customer(house, language, words):
    case = house.classified(language=language)
    mail = house.mails(case)[0]
    assert mail.language == language
    assert words in mail.subject
    assert case.number in mail.subject


@pytest.mark.requirement("COV-29")
def test_the_default_of_the_mail_switch_is_for_new_cases_only(house):
    before = house.submits()
    with house.db.write() as session:
        settings.put(session, settings.AUTOMATIC_MAIL, False, house.mila.actor)
    assert house.see(before).automatic_mail
    assert not house.see(house.submits()).automatic_mail


@pytest.mark.requirement("COV-77")
def test_there_are_four_priorities_and_lists_sort_by_them(house):
    for priority in ("low", "urgent", "medium", "high"):
        house.classified(priority=priority)
    with house.db.read() as session:
        rows = list_cases(session, view="all", staff=house.mila, sort="priority").rows
    assert [row.priority.value for row in rows] == ["urgent", "high", "medium", "low"]


@pytest.mark.requirement("COV-73")
@pytest.mark.requirement("COV-74")
def test_the_clock_runs_while_the_action_is_ours_and_stops_while_it_is_the_customers(house):
    case = house.classified()
    assert (house.see(case).status, house.see(case).step["sla_clock"]) == ("in_progress", "run")
    house.completes(case, "handle", next="reply_and_wait", message="Welke browser?")
    waiting = house.see(case)
    assert (waiting.status, waiting.step["sla_clock"]) == ("waiting_customer", "paused")


@pytest.mark.requirement("CON-24")
def test_each_kind_of_case_names_its_own_process_as_data(house):
    case = house.see(house.submits())
    assert case.process == "request"
    with house.db.read() as session:
        assert queries.instance(session, case.instance_id).process == "request"


def problems(house, case, **entered):
    """Return what the real form says about these entries."""
    with house.db.read() as session:
        task = house.task(session, case, "classify")
        form = house.app.engine.definitions.get(session, task.version_id).form(
            task.process, task.form_key
        )
        fresh = session.get_one(Case, case.id)
        begin = house.app.prefill(session, task.process, task.form_key, fresh, house.mila)
        raw = {
            k: [str(v)] for k, v in (begin | CLASSIFIED | entered).items() if v not in {"", None}
        }
        return validate(form, raw, house.app.lookups(session)).problems


def complete_past_the_form(house, case, changed):
    """Complete the step as somebody would who does not use our form."""
    with house.db.write() as session:
        task = house.task(session, case, "classify")
        fresh = session.get_one(Case, case.id)
        begin = house.app.prefill(session, "request", "classify", fresh, house.mila)
        values = begin | CLASSIFIED | changed
        house.app.engine.complete_user_task(session, task.id, values, house.mila.actor)
