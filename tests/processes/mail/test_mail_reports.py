"""Mail that did not arrive, and what machines answer: noted, told, and never acted upon."""

import pytest

from processes.cases.models import CaseStatus
from processes.mail.models import IncomingState, MailKind
from tests.processes.post import SUPPORT, bounce, raw_mail


def test_a_bounce_marks_mail_and_contact_and_tells_the_handler(house, post):
    case = house.classified()
    with house.db.write() as session:
        session.merge(house.see(case)).unread = False
    sent = house.mails(case)[-1]
    mail = post.brings(bounce(sent, words="550 no such user"))
    assert (mail.kind, mail.state, mail.why, mail.case_id) == (
        MailKind.BOUNCE, IncomingState.FILED, "bounce", case.id
    )  # fmt: skip
    marked = house.mails(case)[-1]
    assert marked.bounced_at is not None
    assert "550 no such user" in marked.bounce
    contact = post.contact()
    assert contact.bounced_at is not None
    assert "550 no such user" in contact.bounce
    entry = house.timeline(case)[-1]
    assert (entry.kind, entry.data["code"], entry.data["address"]) == (
        "event", "bounced", "sanne@example.org"
    )  # fmt: skip
    assert entry.internal
    assert (entry.incoming_mail_id, entry.mail_id) == (mail.id, sent.id)
    assert house.see(case).unread


def test_a_bounce_never_wakes_and_never_reopens(house, post):
    waiting, closed = house.classified(), house.closed()
    house.completes(waiting, "handle", next="reply_and_wait", message="Welke telefoon?")
    for case in (waiting, closed):
        post.brings(bounce(house.mails(case)[-1]))
    assert house.see(waiting).status is CaseStatus.WAITING_CUSTOMER
    assert house.see(closed).is_closed


def test_a_server_that_keeps_trying_marks_nobody(house, post):
    case = house.classified()
    mail = post.brings(bounce(house.mails(case)[-1], action="delayed"))
    assert (mail.why, mail.case_id) == ("delayed", case.id)
    assert post.contact().bounced_at is None
    assert house.timeline(case)[-1].kind != "event" or "code" not in house.timeline(case)[-1].data


def test_a_bounce_of_a_mail_that_is_not_ours_is_believed_by_nobody(house, post):
    case = house.classified()
    sent = house.mails(case)[-1]
    sent.message_id = "forged@care.example"
    mail = post.brings(bounce(sent))
    assert (mail.why, mail.case_id) == ("bounce_unknown", None)
    assert post.contact().bounced_at is None


def test_an_answer_clears_the_mark_of_a_bounce(house, post):
    case = house.classified()
    post.brings(bounce(house.mails(case)[-1]))
    post.brings(post.answer(case))
    assert post.contact().bounced_at is None


def test_an_out_of_office_stands_on_the_timeline_and_changes_nothing(house, post):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Welke telefoon?")
    with house.db.write() as session:
        session.merge(house.see(case)).unread = False
    mail = post.brings(post.answer(case, "Ik ben er niet.", auto_submitted="auto-replied"))
    entry = post.entry(mail)
    assert (entry.case_id, entry.text, entry.data) == (
        case.id, "Ik ben er niet.", {"automatic": True}
    )  # fmt: skip
    seen = house.see(case)
    assert (seen.status, seen.unread) == (CaseStatus.WAITING_CUSTOMER, False)


@pytest.mark.parametrize(
    ("headers", "kind", "why"),
    [
        ({"auto_submitted": "auto-replied"}, MailKind.AUTO_REPLY, "auto_reply"),
        ({"list_id": "<news.example.org>"}, MailKind.LIST, "list"),
        ({"sender": SUPPORT}, MailKind.OWN, "own"),
    ],
)
def test_what_no_person_wrote_to_us_is_filed(house, post, headers, kind, why):
    post.mailbox()
    mail = post.brings(raw_mail(**headers))
    assert (mail.kind, mail.state, mail.why) == (kind, IncomingState.FILED, why)
    assert (post.cases(), mail.unread, house.mails()) == (0, False, [])


def test_our_own_mail_that_comes_back_with_a_token_opens_nothing(house, post):
    case = house.closed()
    mail = post.brings(post.answer(case, sender=SUPPORT))
    assert (mail.why, mail.case_id) == ("own", None)
    assert house.see(case).is_closed
