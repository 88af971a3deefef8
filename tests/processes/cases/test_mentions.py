"""A colleague named in a note hears of it; the customer never does (CON-35)."""

import pytest

from processes.cases import services
from processes.cases.models import Case
from processes.cases.policies import is_public
from processes.people.models import Role, Staff
from processes.request.services import send_reply
from tests.processes.world import House


def note(house, case, text, staff=None):
    with house.db.write() as session:
        fresh = session.get_one(Case, case.id)
        return services.add_note(session, fresh, text, staff or house.mila)


def told(house):
    return [mail for mail in house.mails() if mail.template == "cases/mention"]


@pytest.mark.requirement("CON-35")
def test_a_mention_reaches_the_colleague_and_not_the_customer(house):
    case = house.classified()

    entry = note(house, case, "The screen is cracked. @agentUser, can you look?")

    [mail] = told(house)
    assert (mail.to_address, mail.to_name) == ("agentuser@care.example", "Emma Clarke")
    assert "The screen is cracked." in mail.text
    assert f"/desk/cases/{case.number}#entry-{entry.id}" in mail.text
    assert mail.reply_to == "serviceuser@care.example"
    assert entry.data["told"] == ["Emma Clarke"]
    assert not is_public(entry)
    with house.db.write() as session:
        send_reply(session, session.get_one(Case, case.id), "Hello", house.mila)
    for sent in house.mails(case):
        assert sent.to_address == "sanne@example.org"
        assert "cracked" not in sent.text + sent.html
        assert mail.message_id not in sent.references


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@agentuser and @AGENTUSER.", ["Emma Clarke"]),
        ("(@agentUser)", ["Emma Clarke"]),
        ("mail me at mila@agentUser.example or x@agentUser", []),
        ("@nobody @@agentUser @ agentUser", []),
        ("@serviceUser that is me", []),
        ("@gone has left, @boss only runs the machine", []),
        ("@' OR 1=1 --", []),
    ],
)
def test_who_is_told(house, text, names):
    with house.db.write() as session:
        House.hire(session, "boss", "Bo Ss", Role.ADMIN)
        House.hire(session, "gone", "Gone Away", Role.AGENT)
        session.query(Staff).filter_by(username="gone").one().active = False
    entry = note(house, house.classified(), text)
    assert entry.data.get("told", []) == names
    assert len(told(house)) == len(names)
