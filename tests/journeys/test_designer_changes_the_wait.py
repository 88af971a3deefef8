"""The promise of a week is a number in a file: change it, deploy it, and watch both kept."""

from pathlib import Path

from processes.cases.models import Case, CaseStatus
from processes.people.models import Staff
from tests.journeys.installation import until
from tests.journeys.people import Agent, Customer
from tests.journeys.test_faults import all_of
from tests.journeys.visitor import Visitor

CLOSURE = Path(__file__).parents[2] / "bpmn/closure/closure.bpmn"


def test_new_cases_close_after_five_days_and_old_ones_after_the_eight_they_were_promised(
    installation, mail_server
):
    people = {row.username: row.id for row in all_of(installation, Staff.id, Staff.username)}
    agent = Agent(Visitor(installation.addresses))
    agent.sign_in()

    def answered(email):
        customer = Customer(Visitor(installation.addresses), email, mail_server)
        customer.ask()
        agent.classify(customer.number, people["serviceUser"])
        agent.answer_finally(customer.number)
        return customer.number

    old = answered("old@customer.example")
    designer = Agent(Visitor(installation.addresses), "designerUser")
    designer.sign_in()
    content = CLOSURE.read_bytes()
    assert content.count(b"P8D") == 1
    page = designer.browser.get("/designer/closure")
    page = designer.browser.upload(
        page, "/designer/uploads", "closure.bpmn", content.replace(b"P8D", b"P5D")
    )
    page = designer.browser.submit(page, "/deploy", comment="Five days are enough")
    assert page.status == 200, page.text
    new = answered("new@customer.example")

    def status(number):
        return dict(all_of(installation, Case.number, Case.status))[number]

    installation.later(days=5)
    until(lambda: status(new) is CaseStatus.CLOSED, 20)
    assert status(old) is CaseStatus.WAITING_CUSTOMER
    installation.later(days=3)
    until(lambda: status(old) is CaseStatus.CLOSED, 20)
    page = designer.browser.get("/designer/closure")
    assert "Five days are enough" in page.text


def test_a_broken_diagram_changes_nothing_and_its_faults_are_named(installation):
    designer = Agent(Visitor(installation.addresses), "designerUser")
    designer.sign_in()
    broken = (
        CLOSURE.read_bytes()
        .replace(b'"P8D"', b'"eight days"')
        .replace(b"closure.close", b"os.system")
    )
    page = designer.browser.upload(
        designer.browser.get("/designer/closure"), "/designer/uploads", "closure.bpmn", broken
    )
    assert page.status == 422
    for words in ("os.system", "eight days", "good_week_over"):
        assert words in page.text
    assert "Version 2" not in designer.browser.get("/designer/closure").text
