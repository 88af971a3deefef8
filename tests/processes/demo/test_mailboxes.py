"""The demo's mailboxes reach the mail world wherever it is."""

from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from processes.cases.models import Queue
from processes.database import house as settings_of
from processes.demo import mailboxes
from processes.demo.post.place import settle
from processes.mail.models import Intake, Mailbox, MailboxAlias
from processes.mail.passwords import seal, unseal
from processes.people.models import Role, Staff

SUPPORT = "support@care.example"


@pytest.fixture
def place(tmp_path):
    return settle(tmp_path)


@pytest.fixture
def staffed(house):
    """A house in which the people of the demo work."""
    with house.db.write() as session:
        house.hire(session, "superuser", "Noor Bakker", Role.SUPERUSER)
    return house


def _known(session):
    return {one.address: one for one in session.scalars(select(Mailbox))}


def test_one_mailbox_makes_cases_and_one_waits_for_agents(staffed, place):
    with staffed.db.write() as session:
        mailboxes.settle(session, place)
        mailboxes.settle(session, place)
        found = _known(session)
        [alias] = session.scalars(select(MailboxAlias))
        queues = {one.id: one.key for one in session.scalars(select(Queue))}
        password = unseal(settings_of(session).secret_key, found[SUPPORT].imap_password)

    sales = found["sales@care.example"]
    assert (found[SUPPORT].intake, sales.intake) == (Intake.CASE, Intake.INBOX)
    assert (queues[found[SUPPORT].queue_id], queues[sales.queue_id]) == ("triage", "sales")
    assert (alias.address, alias.folder) == ("invoices@care.example", "Invoices")
    assert alias.mailbox_id == sales.id
    assert found[SUPPORT].imap_port == place.imap_port
    assert password == place.password(SUPPORT)
    assert (place.box(SUPPORT) / ".Handled" / "new").is_dir()


def test_they_follow_the_ports_and_a_new_key(staffed, place):
    with staffed.db.write() as session:
        mailboxes.settle(session, place)
        box = _known(session)[SUPPORT]
        box.smtp_password = seal(SecretStr("another key " * 4), "lost")
        mailboxes.settle(session, replace(place, smtp_port=2525, imap_port=2143))
        assert (box.smtp_port, box.imap_port) == (2525, 2143)
        key = settings_of(session).secret_key
        assert unseal(key, box.smtp_password) == place.password(SUPPORT)


def test_a_mailbox_elsewhere_stays_as_it_was_entered(staffed, place):
    with staffed.db.write() as session:
        mailboxes.settle(session, place)
        box = _known(session)[SUPPORT]
        box.imap_host = box.smtp_host = "mail.example.com"
        before = (box.imap_port, box.smtp_port)
        mailboxes.settle(session, replace(place, smtp_port=2525, imap_port=2143))
        assert (box.imap_port, box.smtp_port) == before


def test_a_house_without_the_people_of_the_demo_gets_none(house, place):
    with house.db.write() as session:
        for person in session.scalars(select(Staff)):
            person.username = f"former-{person.id}"
        mailboxes.settle(session, place)
        assert _known(session) == {}
