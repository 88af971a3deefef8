"""The portal's door: codes that open one case, codes for an address, and who may see what."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from engine.errors import InvalidInputError
from processes.cases.models import ActivityKind, Case
from processes.cases.policies import visitor_may_see
from processes.cases.queries import cases_of_contact, timeline
from processes.cases.services import add_note, author
from processes.people import access_codes, sign_in_codes
from processes.people.models import AccessCode, Contact, SignInCode
from processes.portal_access import services as portal


@dataclass
class Visitor:
    contact_id: int | None
    case_id: int | None = None


@pytest.mark.requirement("COV-79")
def test_the_portal_switched_on_later_sends_link_and_code(house):
    case = house.classified(portal=False)
    switch_on(house, case)
    mail = house.mails(case)[-1]
    assert mail.template == "portal_access/link_and_code"
    assert f"https://care.example/portal/cases/{case.number}" in mail.text
    assert house.code(case) in mail.text
    assert house.see(case).portal_enabled


def test_without_an_address_the_portal_cannot_be_switched_on(house):
    case = house.opens()
    house.completes(case, "take_down", contact_name="Herr Maurer")
    with pytest.raises(InvalidInputError):
        switch_on(house, case)


def test_the_right_pair_opens_exactly_that_case(house):
    case, other = house.classified(), house.classified()
    opened = house.signs_in(case)
    assert (opened.case_id, opened.contact_id) == (case.id, house.see(case).contact_id)
    visitor = Visitor(opened.contact_id, opened.case_id)
    assert visitor_may_see(visitor, house.see(case))
    assert not visitor_may_see(visitor, house.see(other))
    assert house.see(case).contact.email_verified


@pytest.mark.parametrize("typed", ["lower", "spaced", "bare"])
def test_a_code_may_be_typed_carelessly(house, typed):
    case = house.classified()
    code = house.code(case)
    written = {
        "lower": code.lower(),
        "spaced": code.replace("-", " "),
        "bare": code.replace("-", ""),
    }
    assert house.signs_in(case, written[typed]) is not None


@pytest.mark.parametrize(
    "code",
    ["", "0000-0000-0000", "x" * 10_000, "ÄÖÜ-\x00", "' OR 1=1 --", "\uff11" * 12],
)
def test_a_wrong_code_opens_nothing(house, code):
    case = house.classified()
    assert house.signs_in(case, code) is None
    assert not house.see(case).contact.email_verified


def test_a_right_code_with_another_address_opens_nothing(house):
    case = house.classified()
    house.submits(email="other@example.org")
    with house.db.write() as session:
        assert portal.redeem(house.app, session, "other@example.org", house.code(case)) is None


def test_the_code_has_sixty_bits_and_is_stored_as_a_fingerprint_only(house):
    case = house.classified()
    code = house.code(case)
    assert len(code.replace("-", "")) * 5 >= 60
    with house.db.read() as session:
        row = session.scalars(select(AccessCode)).one()
        stored = f"{row.nonce} {row.fingerprint}"
    assert code.replace("-", "") not in stored
    assert code not in "".join(entry.text for entry in house.timeline(case))


def test_a_used_code_goes_on_and_an_unused_one_ends_after_fourteen_days(house):
    used, unused = house.classified(), house.classified()
    house.signs_in(used)
    house.waits(days=14, seconds=1)
    assert house.signs_in(used) is not None
    assert house.signs_in(unused) is None


def test_an_unused_code_ends_even_when_the_case_is_closed_before(house):
    case = house.classified()
    house.completes(case, "handle", next="close_now", message="Klaar.")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=14, minutes=1)):
        assert house.signs_in(case) is None


def test_switching_off_ends_the_code_at_once(house):
    case = house.classified()
    with house.db.write() as session:
        portal.switch_off(session, session.get_one(Case, case.id), author(house.mila))
    assert house.signs_in(case) is None
    assert not visitor_may_see(Visitor(house.see(case).contact_id), house.see(case))


def test_switching_on_again_makes_a_new_code_and_ends_the_old(house):
    case = house.classified()
    old = house.code(case)
    switch_on(house, case)
    assert house.code(case) != old
    assert house.signs_in(case, old) is None
    house.waits(days=13)
    assert house.signs_in(case) is not None


def test_customers_see_their_own_cases_only(house):
    mine, theirs = house.classified(), house.submits(email="tom@example.org")
    house.completes(theirs, "classify", subject="Lamp", request_type="action")
    me = house.see(mine).contact_id
    with house.db.read() as session:
        assert [case.id for case in cases_of_contact(session, me)] == [mine.id]
        assert cases_of_contact(session, me, only_case=theirs.id) == []
    assert not visitor_may_see(Visitor(me), house.see(theirs))
    assert not visitor_may_see(Visitor(None), house.see(mine))


def test_the_customer_reads_the_talk_and_nothing_else(house):
    case = house.classified()
    with house.db.write() as session:
        add_note(session, session.get_one(Case, case.id), "Lastige klant?", house.mila)
    house.replies(case)
    with house.db.read() as session:
        public = timeline(session, session.get_one(Case, case.id), public_only=True)
    assert [entry.kind for entry in public] == [
        ActivityKind.MESSAGE, ActivityKind.MAIL, ActivityKind.MESSAGE
    ]  # fmt: skip


def test_a_code_asked_for_proves_the_address_once_in_one_browser(house):
    case = house.classified()
    ask(house, "sanne@example.org", "browser-1")
    code = digits(house)
    assert len(code) == 8
    assert sign_in(house, "browser-2", code) is None
    contact = sign_in(house, "browser-1", code)
    assert contact.id == house.see(case).contact_id
    assert sign_in(house, "browser-1", code) is None


def test_five_wrong_tries_void_the_code(house):
    house.classified()
    ask(house, "sanne@example.org", "browser-1")
    for _ in range(5):
        assert sign_in(house, "browser-1", "00000000") is None
    assert sign_in(house, "browser-1", digits(house)) is None


def test_a_code_asked_for_lasts_ten_minutes(house):
    house.classified()
    ask(house, "sanne@example.org", "browser-1")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10, seconds=1)):
        assert sign_in(house, "browser-1", digits(house)) is None


def test_asking_again_ends_the_code_before(house):
    house.classified()
    ask(house, "sanne@example.org", "browser-1")
    old = digits(house)
    ask(house, "sanne@example.org", "browser-1")
    assert sign_in(house, "browser-1", old) is None
    assert sign_in(house, "browser-1", digits(house)) is not None


def test_an_unknown_address_gets_the_same_answer_and_no_mail(house):
    house.classified()
    before = len(house.mails())
    assert ask(house, "nobody@example.org", "browser-1") is None
    assert len(house.mails()) == before
    assert sign_in(house, "browser-1", digits(house)) is None


def test_the_code_is_blanked_from_the_stored_mail_once_sent(house):
    house.classified()
    ask(house, "sanne@example.org", "browser-1")
    mail = house.mails()[-1]
    assert mail.secret == digits(house)
    assert mail.secret in mail.text
    assert mail.secret in mail.subject


def switch_on(house, case):
    with house.db.write() as session:
        fresh = session.get_one(Case, case.id)
        portal.switch_on(house.app, session, fresh, author(house.mila))


def ask(house, email, browser):
    with house.db.write() as session:
        return portal.ask_for_code(session, email=email, browser=browser, language="nl")


def sign_in(house, browser, code) -> Contact | None:
    with house.db.write() as session:
        return portal.redeem_sign_in(session, browser=browser, code=code)


def digits(house):
    with house.db.read() as session:
        row = session.scalars(select(SignInCode).order_by(SignInCode.id.desc())).first()
        return sign_in_codes.plaintext(session, row)


def test_codes_of_two_houses_differ(house):
    case = house.classified()
    with house.db.read() as session:
        row = session.scalars(select(AccessCode).filter_by(case_id=case.id)).one()
        one = access_codes.plaintext(session, row)
        session.info["house_settings"] = house.app.settings.model_copy(
            update={"secret_key": type(house.app.settings.secret_key)("another key" * 5)}
        )
        assert access_codes.plaintext(session, row) != one
