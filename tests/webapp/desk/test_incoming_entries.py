"""Mails of customers in the conversation of a case."""

import pytest

from engine.clock import utc_now
from processes.cases import mail_tokens
from processes.cases.models import CaseLink, LinkKind
from processes.cases.queries import get_case_by_id
from processes.mail.models import IncomingMail, MailKind
from processes.request import mail_cases, mail_decisions
from tests.webapp.clients import counted
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import address, part, tree


@pytest.fixture
def enters(house, post):
    """Put a mail on the timeline of a case: `enters(case, {"stranger": True}, subject="…")`."""

    def enter(case, marks=None, **facts):
        mail = post.brings(**facts)
        with house.db.write() as session:
            fresh, stored = get_case_by_id(session, case.id), session.get_one(IncomingMail, mail.id)
            by = mail_cases.writer(session, fresh, stored)
            entry = mail_cases.enter(session, stored, fresh, by, marks or {})
            stored.case_id = case.id
        return mail, entry

    return enter


def entry_of(browser, case, entry):
    return tree(page(browser.get(address(case)))).get_element_by_id(f"entry-{entry.id}")


def said(element) -> str:
    return " ".join(element.text_content().split())


def test_an_answer_of_the_customer_shows_only_its_words_and_the_rest_folded(desk, house, enters):
    case = house.classified(subject="Parcel lost")
    mail, entry = enters(case, subject="Re: Parcel lost", text="It came!", quoted="We wrote so.")

    shown = entry_of(desk, case, entry)

    assert "It came!" in said(shown)
    assert "We wrote so." in said(shown.xpath(".//details[@class='quoted']")[0])
    assert "sanne@example.org" not in said(shown)
    assert "Subject:" not in said(shown)
    assert f"/desk/mail/{mail.id}" in shown.xpath(".//a/@href")
    assert "Show as sent" not in said(shown)


def test_another_address_another_subject_and_doubts_are_told(desk, house, enters):
    case = house.classified(subject="Parcel lost")
    _, entry = enters(
        case,
        {"stranger": True, "doubtful": True},
        subject="Something else",
        from_address="jan@example.net",
        from_name="Jan",
    )

    shown = said(entry_of(desk, case, entry))

    for told in ("Jan", "jan@example.net", "Something else", "Stranger", "Sender not confirmed"):
        assert told in shown


def test_a_mail_with_html_can_be_shown_as_it_was_sent(desk, house, enters):
    case = house.classified()
    mail, entry = enters(case, html="<p>Hello</p>")

    link = entry_of(desk, case, entry).xpath(".//a[@data-src]")[0]

    assert link.get("href") == f"/desk/mail/{mail.id}?show=sent"
    assert "Hello" in page(desk.get(link.get("data-src")))
    assert "allow-scripts" not in link.get("data-sandbox")


def test_an_automatic_reply_is_folded_and_looks_like_one(desk, house, enters):
    case = house.classified()
    _, entry = enters(case, {"automatic": True}, kind=MailKind.AUTO_REPLY, text="I am away.")

    shown = entry_of(desk, case, entry)

    assert shown.tag == "details"
    assert said(shown).startswith("Automatic reply of Sanne de Vries")


def test_opening_the_case_reads_its_mails_for_everybody(desk, house, enters, post):
    case = house.classified()
    mail, _ = enters(case)
    form = tree(page(desk.get(address(case)))).xpath("//*[@id='unread']/form")
    assert form

    desk.post(form[0].get("action"))

    assert not post.sees(mail).unread
    assert not tree(page(desk.get(address(case)))).xpath("//*[@id='unread']/form")


def test_mails_files_and_links_cost_the_page_of_a_case_no_statement_more(
    desk, house, enters, post, product
):
    case, other = house.submits(), house.submits()
    mail, _ = enters(case, quoted="…", html="<p>Hello</p>")
    post.encloses(mail, "bill.txt", b"Hello")
    proposed(house, case, other)
    desk.get(address(case))

    def asked() -> int:
        with counted(product.db) as seen:
            page(desk.get(address(case)))
        return len(seen)

    before = asked()
    for _ in range(5):
        enters(case, quoted="…", html="<p>Hello</p>")
    assert asked() == before
    assert before <= 12


def proposed(house, case, other) -> None:
    with house.db.write() as session:
        session.add(
            CaseLink(case_id=case.id, other_id=other.id, kind=LinkKind.MAYBE, created_at=utc_now())
        )


def test_a_case_that_may_belong_to_another_asks_and_is_linked(desk, house):
    other, case = house.classified(subject="Parcel lost"), house.classified()
    proposed(house, case, other)
    for here, there in ((case, other), (other, case)):
        assert there.number in part(page(desk.get(address(here))), "maybe")

    desk.post(address(case, f"maybe/{other.number}"), data={"same": "1"})

    for here, there in ((case, other), (other, case)):
        shown = page(desk.get(address(here)))
        assert there.number not in part(shown, "maybe")
        assert "Linked cases" in part(shown, "facts")
        assert f"Mila Jansen linked this case to {there.number}".replace(
            "Mila Jansen", "You"
        ) in part(shown, "talk")


def test_a_case_that_does_not_belong_is_asked_no_more(desk, house):
    other, case = house.classified(), house.classified()
    proposed(house, case, other)
    page(desk.get(address(case)))

    desk.post(address(case, f"maybe/{other.number}"), data={"same": "0"})

    shown = page(desk.get(address(case)))
    assert part(shown, "maybe") == ""
    assert "Linked cases" not in part(shown, "facts")
    assert desk.post(address(case, f"maybe/{other.number}"), data={"same": "1"}).status_code == 404


def test_the_customer_finds_every_mail_of_theirs_and_ours_in_the_portal(
    client, web, house, post, entered
):
    case, brought = house.classified(), post.brings(text="My answer by mail.")
    with house.db.write() as session:
        fresh = get_case_by_id(session, case.id)
        fresh.portal_enabled = True
        token = mail_tokens.token(session, fresh)
        mail = session.get_one(IncomingMail, brought.id)
        mail_decisions.link_to_case(house.app, session, mail, fresh, house.mila)
    house.completes(case, "handle", next="reply_and_wait", message="Which parcel is it?")
    ours = [sent.subject for sent in house.mails(case)]

    entered(client, contact_id=case.contact_id)
    shown = page(client.get(f"/portal/cases/{case.number}"))

    assert "My answer by mail." in part(shown, "thread")
    assert "Which parcel is it?" in part(shown, "thread")
    assert len(ours) >= 2
    assert token not in shown
    assert len(tree(shown).xpath("//article")) >= len(ours) + 2
