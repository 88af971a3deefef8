import re

import pytest

from processes.cases import mail_tokens
from processes.cases.models import Case


@pytest.fixture
def case(house):
    return house.submits()


def test_a_token_leads_back_to_its_case_whatever_the_capitals(house, case):
    with house.db.write() as session:
        mine = session.get_one(Case, case.id)
        address = mail_tokens.reply_address(session, mine, "support@care.example")
        assert re.fullmatch(r"support\+c[0-9a-z]{42}@care\.example", address)
        assert mail_tokens.find_case(session, [address.upper()]).id == case.id
        made = mail_tokens.message_id(session, mine, "care.example")
        assert made != mail_tokens.message_id(session, mine, "care.example")
        assert mail_tokens.find_case(session, ["nothing", f"<x@y> <{made}>"]).id == case.id


def test_no_character_of_a_token_can_be_changed(house, case):
    with house.db.write() as session:
        right = mail_tokens.token(session, session.get_one(Case, case.id))
        for place in range(1, len(right)):
            other = "0" if right[place] != "0" else "1"
            wrong = right[:place] + other + right[place + 1 :]
            assert mail_tokens.find_case(session, [wrong]) is None, place


def test_the_signature_of_one_case_does_not_open_another(house, case):
    other = house.submits(email="joop@example.org")
    with house.db.write() as session:
        mine = mail_tokens.token(session, session.get_one(Case, case.id))
        theirs = mail_tokens.token(session, session.get_one(Case, other.id))
        assert mail_tokens.find_case(session, [theirs[:27] + mine[27:]]) is None


def test_a_long_name_before_the_at_sign_keeps_its_address(house, case):
    with house.db.write() as session:
        mine = session.get_one(Case, case.id)
        long = "customer.service.of.the.city@care.example"
        assert mail_tokens.reply_address(session, mine, long) == long
