"""The broker is a doorbell: without it everything happens, a second later."""

from pathlib import Path

import pytest

from processes.people.models import Staff
from tests.journeys.installation import Installation, until
from tests.journeys.people import Agent, Customer
from tests.journeys.test_faults import all_of, settled
from tests.journeys.visitor import Visitor
from tests.servers.process import short_folder
from tests.servers.redis import RedisServer


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_mails_and_timers_go_on_while_the_broker_is_dead_and_after_it_is_back(
    settings, mail_server
):
    folder = short_folder()
    broker = RedisServer(folder)
    broker.start()
    made = settings.model_copy(update={"broker_url": broker.url, "data_dir": folder})
    installation = Installation(made, Path(folder), webs=2, workers=2)
    try:
        installation.start()
        story(installation, broker, mail_server)
    finally:
        installation.stop()
        broker.stop()


def story(installation, broker, mail_server):
    people = {row.username: row.id for row in all_of(installation, Staff.id, Staff.username)}
    agent = Agent(Visitor(installation.addresses))
    agent.sign_in()
    for number, state in enumerate(("alive", "dead", "back")):
        if state == "dead":
            broker.kill()
        if state == "back":
            broker.start()
        customer = Customer(
            Visitor(installation.addresses), f"{state}@customer.example", mail_server
        )
        customer.ask()
        agent.classify(customer.number, people["serviceUser"])
        until(lambda customer=customer: len(customer.mails()) == 1, 30)
        assert len(mail_server.messages) == number + 1
        assert {status for status in customer.browser.seen if status >= 500} == set()
    until(lambda: settled(installation), 30)
