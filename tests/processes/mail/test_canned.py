"""Ready texts: whose they are, and that they are text and nothing else."""

import pytest
from sqlalchemy import select

from engine import clock
from engine.errors import ForbiddenError, InvalidInputError, NotFoundError
from processes.cases.models import Case, Queue
from processes.cases.writing_aids import aids, ready_text
from processes.mail import canned
from processes.mail.canned import NAMES, Wording, fill
from processes.mail.models import Mailbox
from processes.people.models import Role
from tests.processes.world import House

FACTS = dict.fromkeys(NAMES, "") | {"customer_name": "Sanne", "number": "7K3M-9QXT-4"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Dear {{customer_name}}, see {{ number }}.", "Dear Sanne, see 7K3M-9QXT-4."),
        ("{{ secret_key }} {{unknown}}", "{{ secret_key }} {{unknown}}"),
        ("{{ 7*7 }} {{config}} {{ customer_name.__class__ }}",) * 2,
        ("{{ customer_name|safe }} {% raw %} {# x #} ${number} %(number)s {number}",) * 2,
        ("{{{{customer_name}}}}", "{{Sanne}}"),
        ("{{CUSTOMER_NAME}} {{\ncustomer_name}}",) * 2,
        ("{{" * 1_000 + "}}" * 1_000,) * 2,
    ],
)
def test_only_the_listed_names_are_replaced_and_all_else_is_literal(text, read):
    assert fill(text, FACTS) == read


def test_what_a_name_stands_for_is_not_read_again():
    assert fill("Dear {{customer_name}}", FACTS | {"customer_name": "{{number}}"}) == (
        "Dear {{number}}"
    )


def test_a_text_is_read_in_the_language_asked_for_or_one_that_is_there(house, boss):
    case = house.classified()
    with house.db.write() as session:
        both = canned.add(session, wording(en="Hello {{customer_name}}", nl="Dag"), boss)
        only = canned.add(session, wording(de="Hallo"), boss)
        mine = session.get_one(Case, case.id)
        assert ready_text(session, mine, both.id, "nl") == "Dag"
        assert ready_text(session, mine, both.id, "en") == "Hello Sanne de Vries"
        assert ready_text(session, mine, only.id, "nl") == "Hallo"


def test_the_owner_of_a_mailbox_and_admins_look_after_its_texts(house, boss):
    with house.db.write() as session:
        box = mailbox(session, house.mila)
        text = canned.add(session, wording(box.id), house.mila)
        assert canned.kept_by(session, house.mila) == [text]
        assert canned.kept_by(session, boss) == [text]
        assert canned.kept_by(session, house.emma) == []
        canned.change(session, text.id, wording(box.id, en="Changed"), boss)
        with pytest.raises(NotFoundError):
            canned.change(session, text.id, wording(box.id), house.emma)
        with pytest.raises(NotFoundError):
            canned.remove(session, text.id, house.emma)
        with pytest.raises(ForbiddenError):
            canned.add(session, wording(box.id), house.emma)
        with pytest.raises(ForbiddenError):
            canned.change(session, text.id, wording(None), house.mila)
        assert (text.texts, text.updated_by) == ({"en": "Changed"}, boss.actor)


def test_texts_of_one_mailbox_are_not_offered_in_anothers_cases(house, boss):
    case = house.classified()
    with house.db.write() as session:
        box = mailbox(session, house.mila)
        general = canned.add(session, wording(None), boss)
        of_box = canned.add(session, wording(box.id), boss)
        resting = canned.add(session, wording(None, active=False), boss)
        mine = session.get_one(Case, case.id)
        assert aids(session, mine).texts == ((general.id, "Greeting"),)
        for hidden in (of_box, resting):
            with pytest.raises(NotFoundError):
                ready_text(session, mine, hidden.id, "en")
        mine.mailbox_id = box.id
        assert {number for number, _ in aids(session, mine).texts} == {general.id, of_box.id}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Wording("", {"en": "x"}, None), "name"),
        (Wording("x" * 81, {"en": "x"}, None), "name"),
        (Wording("x", {"en": "  "}, None), "text_en"),
        (Wording("x", {"nl": "x" * 10_001}, None), "text_nl"),
    ],
)
def test_a_text_needs_a_name_and_words(house, boss, wrong, field):
    with house.db.write() as session, pytest.raises(InvalidInputError) as refused:
        canned.add(session, wrong, boss)
    assert list(refused.value.fields) == [field]


@pytest.fixture
def boss(house):
    """An admin."""
    with house.db.write() as session:
        return House.hire(session, "boss", "Bo Ss", Role.ADMIN)


def wording(mailbox_id=None, *, active=True, **texts) -> Wording:
    return Wording("Greeting", texts or {"en": "Hello"}, mailbox_id, active)


def mailbox(session, owner) -> Mailbox:
    box = Mailbox(
        address="help@shop.example",
        sender_name="The shop",
        owner_id=owner.id,
        queue_id=session.scalars(select(Queue.id)).first(),
        created_at=clock.utc_now(),
    )
    session.add(box)
    session.flush()
    return box
