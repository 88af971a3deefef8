"""A mail server that is down: an incident with its own words, and a retry that sends."""

from processes.people.models import Staff
from tests.journeys.installation import until
from tests.journeys.people import Agent, Customer
from tests.journeys.test_faults import all_of, settled
from tests.journeys.visitor import Visitor
from tests.servers.smtp import Mode

STAFF = ("serviceUser", "adminUser")


def classified(installation, mail_server, email):
    """Return a customer whose request was classified, so that a first mail is due, and an admin."""
    customer = Customer(Visitor(installation.addresses), email, mail_server)
    agent, admin = (Agent(Visitor(installation.addresses), name) for name in STAFF)
    people = {row.username: row.id for row in all_of(installation, Staff.id, Staff.username)}
    customer.ask()
    agent.sign_in()
    agent.classify(customer.number, people[agent.username])
    admin.sign_in()
    return customer, admin


def test_a_failing_mail_server_ends_as_an_incident_and_the_retry_sends_the_mail_once(
    installation, mail_server
):
    mail_server.mode = Mode.BUSY
    customer, admin = classified(installation, mail_server, "jane@customer.example")
    until(lambda: "451" in admin.browser.get("/admin/incidents").text, 60)
    assert customer.mails() == []
    mail_server.mode = Mode.ACCEPT
    admin.browser.submit(admin.browser.get("/admin/incidents"), "/retry")
    until(lambda: settled(installation), 30)
    assert len(customer.mails()) == 1
    assert "451" not in admin.browser.get("/admin/incidents").text


def test_an_address_that_the_server_refuses_is_an_incident_at_once(installation, mail_server):
    mail_server.mode = Mode.REFUSE
    _, admin = classified(installation, mail_server, "gone@customer.example")
    until(lambda: "550 no such user" in admin.browser.get("/admin/incidents").text, 30)
