"""What one reader of a case wrote or read does not reach another by our mails and pages."""

import pytest

from processes.cases.models import Case
from processes.cases.outgoing_mail import Sending
from processes.cases.queries import timeline
from processes.mail.models import IncomingMail
from processes.request import mail_decisions
from processes.request.services import send_reply
from tests.processes.post import Post, raw_mail


@pytest.fixture
def post(house):
    return Post(house)


def link(post, mail, case, *, reply):
    with post.db.write() as session:
        mine = session.get_one(IncomingMail, mail.id)
        theirs = session.get_one(Case, case.id)
        mail_decisions.link_to_case(post.app, session, mine, theirs, post.house.mila, reply=reply)


def public(house, case):
    """What the customer may read."""
    with house.db.read() as session:
        return [entry.text for entry in timeline(session, case, public_only=True)]


def writes(house, case, text="Hallo", **sending):
    with house.db.write() as session:
        fresh = session.get_one(Case, case.id)
        send_reply(session, fresh, text, house.mila, Sending(**sending))
    return house.mails(case)[-1]


def test_a_mail_that_is_linked_but_is_no_reply_is_for_colleagues_eyes(house, post):
    post.inbox()
    case = house.classified()
    link(
        post,
        post.brings(raw_mail("Ziet de klant nooit.", sender="x@shop.example")),
        case,
        reply=False,
    )
    link(post, post.brings(raw_mail("Ziet de klant.", sender="y@shop.example")), case, reply=True)
    shown = " ".join(public(house, case))
    assert "Ziet de klant." in shown
    assert "nooit" not in shown


def test_a_colleagues_mail_is_never_linked_for_the_customer_to_read(house, post):
    post.inbox()
    case = house.classified()
    mail = post.brings(raw_mail("Betaalt nooit op tijd.", sender=house.emma.email))
    link(post, mail, case, reply=True)
    assert "Betaalt" not in " ".join(public(house, case))
    assert not house.see(case).unread


def test_the_absence_of_a_blind_reader_is_for_colleagues_eyes(house, post):
    case = house.classified()
    away = {"auto_submitted": "auto-replied", "to": f"support+{post.token(case)}@care.example"}
    post.brings(raw_mail("Sanne is weg.", **away))
    post.brings(raw_mail("De jurist is weg.", sender="lawyer@firm.example", **away))
    shown = " ".join(public(house, case))
    assert "Sanne is weg." in shown
    assert "jurist" not in shown


def test_a_code_that_a_customer_quotes_stands_nowhere_on_the_case(house, post):
    case = house.classified(portal=True)
    code = house.code(case)
    answer = f"> Uw code is {code}.\nIk snap het niet.\n> Groet\nBel mij."
    mail = post.brings(raw_mail(answer, to=f"support+{post.token(case)}@care.example"))
    kept = post.see(mail)
    assert code not in kept.text + kept.quoted
    assert code not in " ".join(public(house, case))
    assert "Bel mij." in " ".join(public(house, case))


def test_whoever_is_new_in_copy_does_not_read_what_was_said_before(house):
    case = house.classified()
    house.replies(case, "Mijn adres is geheim.")
    assert "geheim" in writes(house, case).text
    assert "geheim" not in writes(house, case, cc=(("", "repair@example.net"),)).text
    assert "geheim" not in writes(house, case, bcc=(("", "other@example.net"),)).text
    assert "geheim" in writes(house, case, cc=(("", "repair@example.net"),)).text


def test_a_mail_our_server_doubts_opens_a_marked_case_that_answers_nobody(house, post):
    post.mailbox(trusted_host="mx.care.example")
    verdict = "mx.care.example; dmarc=fail header.from=example.org"
    mail = post.brings(raw_mail("Nieuw IBAN.", authentication_results=verdict))
    case = post.case(mail)
    assert not case.automatic_mail
    assert house.timeline(case)[0].data["doubtful"]
