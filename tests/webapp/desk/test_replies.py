"""Replies to the customer: how they are composed, taken back and sent once more."""

import io
from datetime import timedelta

import pytest

from engine import clock
from processes.cases.models import Activity, Case
from processes.cases.policies import is_public
from processes.files.models import Attachment
from processes.mail import canned
from processes.mail.canned import Wording
from processes.mail.models import MailState, OutgoingMail
from processes.people.models import Role
from tests.processes.world import House
from tests.webapp.clients import counted
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import SCRIPT, address, part, tree


@pytest.fixture
def case(house) -> Case:
    return house.classified()


def send(browser, case, headers=None, **fields):
    return browser.post(address(case, "reply"), data={"text": "Hello"} | fields, headers=headers)


def form(browser, case) -> dict:
    return dict(tree(page(browser.get(address(case)))).get_element_by_id("reply-form").fields)


def held(house, case):
    return house.timeline(case)[-1]


def test_what_the_editor_sends_is_cleaned_and_its_text_says_the_same(desk, house, case):
    html = "<p>Dear <b>Sanne</b></p><ul><li>one</li></ul><script>alert(1)</script><img src=x>"

    send(desk, case, text="ignored", html=html)

    mail = house.mails(case)[-1]
    assert "<b>Sanne</b>" in mail.html
    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert "Dear Sanne\n\n- one" in mail.text
    assert "ignored" not in mail.text
    assert held(house, case).text == "Dear Sanne\n\n- one"


def test_copies_language_and_subject_are_the_writers(desk, house, case):
    sent = form(desk, case) | {
        "text": "Hello",
        "subject": "About your phone",
        "language": "de",
        "cc": '"Lee, Ann" <Ann@Example.org>; carl@example.org',
        "bcc": "bob@example.org, carl@example.org",
    }

    desk.post(address(case, "reply"), data=sent)

    mail = house.mails(case)[-1]
    assert mail.subject == f"About your phone [{case.number}]"
    assert mail.language == "de"
    assert "Guten Tag Sanne de Vries," in mail.text
    assert mail.cc == [["Lee Ann", "ann@example.org"], ["", "carl@example.org"]]
    assert mail.bcc == [["", "bob@example.org"]]
    assert house.see(case).language == "nl"
    shown = page(desk.get(address(case)))
    assert "Copies to Lee Ann, carl@example.org, bob@example.org" in part(shown, "talk")
    assert "ann@example.org" in part(shown, "dock") or "Lee Ann" in part(shown, "dock")


def test_a_subject_left_alone_follows_the_language(desk, house, case):
    sent = form(desk, case) | {"text": "Hello", "language": "de"}

    desk.post(address(case, "reply"), data=sent)

    assert house.mails(case)[-1].subject.startswith("Re: Ihre Anfrage")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"cc": "not an address"}, "“Cc” must hold e-mail addresses"),
        ({"bcc": "ann@example.org, nobody"}, "“Bcc” must hold e-mail addresses"),
        ({"cc": "a@example.org\r\nBcc: x@y.example"}, "“Cc” must hold e-mail addresses"),
        ({"cc": ", ".join(f"p{n}@example.org" for n in range(21))}, "at most 20 addresses"),
        ({"subject": "x" * 301}, "Subject"),
        ({"html": "<p> <br></p>"}, "Please fill in"),
        ({"html": "<p>" + "x" * 20_001 + "</p>"}, "To Sanne de Vries"),
    ],
)
@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_what_cannot_be_sent_is_said_at_its_field_and_nothing_is_lost(
    desk, house, case, headers, wrong, sentence
):
    before = len(house.mails(case))

    answer = send(desk, case, headers, **{"text": "Kept text"} | wrong)

    assert answer.status_code == 422
    assert sentence in part(answer.text, "dock")
    kept = tree(answer.text).get_element_by_id("reply-form").fields
    assert kept["text"].strip() == "Kept text"
    for field in wrong.keys() - {"html"}:
        assert kept[field].split() == wrong[field].split()
    assert len(house.mails(case)) == before


@pytest.mark.parametrize("by_script", [True, False])
def test_files_go_along_and_stand_at_the_entry(desk, house, case, by_script):
    content = b"%PDF-1.7 the manual"
    if by_script:
        uploaded = desk.post(
            "/files", data={"files": (io.BytesIO(content), "manual.pdf")}, headers=SCRIPT
        )
        assert uploaded.status_code < 300
        with house.db.read() as session:
            key = session.query(Attachment).one().key
        send(desk, case, file_keys=key)
    else:
        send(desk, case, files=(io.BytesIO(content), "manual.pdf"))

    assert "manual.pdf" in part(page(desk.get(address(case))), "talk")
    with house.db.read() as session:
        attachment = session.query(Attachment).one()
    assert attachment.activity_id == held(house, case).id
    assert attachment.outgoing_mail_id == house.mails(case)[-1].id


def test_somebody_elses_upload_is_not_sent_along(desk, colleague, house, case):
    colleague.post("/files", data={"files": (io.BytesIO(b"x"), "a.txt")}, headers=SCRIPT)
    with house.db.read() as session:
        key = session.query(Attachment).one().key

    answer = send(desk, case, file_keys=key)

    assert answer.status_code == 422
    assert "A file is no longer here" in part(answer.text, "dock")
    assert tree(answer.text).get_element_by_id("reply-text").text.strip() == "Hello"


@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_taken_back_a_reply_stands_in_its_box_again(desk, house, case, headers):
    send(
        desk,
        case,
        html="<p>Hello <b>you</b></p>",
        cc="ann@example.org",
        files=(io.BytesIO(b"text"), "list.txt"),
    )
    entry = held(house, case)
    assert "Goes out in a moment" in part(page(desk.get(address(case))), f"entry-{entry.id}")

    answer = desk.post(address(case, f"replies/{entry.id}/undo"), headers=headers)

    assert answer.status_code == 200
    assert "The reply was not sent" in part(answer.text, "dock")
    box = tree(answer.text).get_element_by_id("reply-form")
    assert box.fields["text"].strip() == "Hello you"
    assert box.xpath(".//@data-html") == ["<p>Hello <b>you</b></p>"]
    assert box.fields["cc"] == "ann@example.org"
    assert "list.txt" in box.text_content()
    assert not tree(answer.text).xpath(f"//*[@id='entry-{entry.id}']")
    assert house.mails(case)[-1].state is MailState.CANCELLED
    again = dict(box.fields) | {"file_keys": box.xpath(".//input[@name='file_keys']/@value")}
    desk.post(address(case, "reply"), data=again)
    with house.db.read() as session:
        assert session.query(Attachment).one().outgoing_mail_id == house.mails(case)[-1].id


def test_too_late_to_take_back_is_said(desk, house, case):
    send(desk, case)
    entry = held(house, case)
    with house.db.write() as session:
        session.get_one(OutgoingMail, entry.mail_id).state = MailState.SENDING

    answer = desk.post(address(case, f"replies/{entry.id}/undo"))

    assert answer.status_code == 409
    assert "on its way already" in part(answer.text, "dock")


def test_a_colleague_sees_no_undo_and_has_none(desk, colleague, house, case):
    send(desk, case)
    entry = held(house, case)

    assert "Undo" not in part(page(colleague.get(address(case))), "talk")
    assert colleague.post(address(case, f"replies/{entry.id}/undo")).status_code == 404
    assert house.mails(case)[-1].state is MailState.READY


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"state": MailState.SENDING}, "Being sent"),
        ({"state": MailState.SENT}, "Sent"),
        ({"state": MailState.SENT, "error": "a@b.example: 550 no"}, "Not for everybody: a@b"),
        ({"state": MailState.FAILED, "error": "550 no such user"}, "refused it: 550 no such user"),
        ({"state": MailState.UNCERTAIN}, "Whether it arrived is not known"),
        ({"state": MailState.SENT, "bounced": True}, "It came back: 550 mailbox full"),
    ],
)
def test_each_mail_says_how_far_it_has_come(desk, house, case, changed, shown):
    send(desk, case)
    entry = held(house, case)
    with house.db.write() as session:
        mail = session.get_one(OutgoingMail, entry.mail_id)
        mail.state, mail.error = changed["state"], changed.get("error")
        mail.sent_at = clock.utc_now()
        if changed.get("bounced"):
            mail.bounced_at, mail.bounce = clock.utc_now(), "550 mailbox full"

    said = part(page(desk.get(address(case))), f"entry-{entry.id}")

    assert shown in said
    stranded = changed["state"] in {MailState.FAILED, MailState.UNCERTAIN}
    assert ("Send again" in said) == (stranded or "bounced" in changed)


def test_a_mail_that_failed_is_sent_again_by_its_button(desk, house, case):
    send(desk, case)
    entry = held(house, case)
    with house.db.write() as session:
        session.get_one(OutgoingMail, entry.mail_id).state = MailState.FAILED
    path = address(case, f"replies/{entry.id}/again")

    assert desk.post(path).status_code == 303
    assert house.mails(case)[-1].state is MailState.READY
    answer = desk.post(path)
    assert answer.status_code == 409
    assert "on its way or has arrived" in part(answer.text, "dock")
    other = house.classified()
    assert desk.post(address(other, f"replies/{entry.id}/again")).status_code == 404
    assert desk.post(address(case, "replies/999999/again")).status_code == 404


def test_ready_texts_come_with_the_facts_of_the_case(desk, house, case):
    with house.db.write() as session:
        boss = House.hire(session, "boss", "Bo Ss", Role.ADMIN)
        words = {"en": "Dear {{customer_name}} {{ 7*7 }}", "nl": "Beste {{customer_name}}"}
        text = canned.add(session, Wording("Greeting", words, None), boss)

    path = address(case, f"ready-texts/{text.id}")

    assert desk.get(path).text == "Beste Sanne de Vries"
    english = desk.get(path, query_string={"language": "en"})
    assert english.text == "Dear Sanne de Vries {{ 7*7 }}"
    assert english.mimetype == "text/plain"
    assert desk.get(address(case, "ready-texts/999")).status_code == 404
    plain = send(desk, case, text="Before", insert="1", ready_text=str(text.id), language="nl")
    assert tree(plain.text).get_element_by_id("reply-text").text.strip() == (
        "Before\n\nBeste Sanne de Vries"
    )
    for odd in ("", "x", "9" * 40, "0"):
        answer = send(desk, case, text="Before", insert="1", ready_text=odd)
        assert answer.status_code in {200, 404}


def test_the_page_of_a_case_takes_few_statements_however_many_texts_there_are(
    desk, house, case, product
):
    with house.db.write() as session:
        boss = House.hire(session, "boss", "Bo Ss", Role.ADMIN)
        for number in range(30):
            canned.add(session, Wording(f"Text {number}", {"en": "x"}, None), boss)
    for _ in range(5):
        send(desk, case)
    desk.get(address(case))

    with counted(product.db) as seen:
        page(desk.get(address(case)))

    assert len(seen) <= 12


def test_in_the_portal_a_reply_appears_when_it_can_no_longer_be_taken_back(desk, house, case):
    send(desk, case)
    entry = held(house, case)
    assert not is_public(entry)
    with house.db.write() as session:
        row = session.get_one(Activity, entry.id)
        past = clock.utc_now() - timedelta(seconds=1)
        row.data = {**row.data, "held_until": past.isoformat()}
        assert is_public(row)


def test_the_longest_subject_of_a_customer_can_be_answered_as_it_is(desk, house, case):
    house.replies(case, "Hallo", medium="email")
    with house.db.write() as session:
        entry = session.get_one(Activity, held(house, case).id)
        entry.subject = "word " * 60

    answer = desk.post(address(case, "reply"), data=form(desk, case) | {"text": "Hello"})

    assert answer.status_code == 303


def test_a_reply_is_shown_in_the_form_it_was_written_in(desk, house, case):
    send(desk, case, html="<p>Hello <b>you</b></p><ul><li>one</li></ul>")

    (said,) = tree(page(desk.get(address(case)))).xpath(
        f"//*[@id='entry-{held(house, case).id}']//*[contains(@class, 'said')]"
    )

    assert said.xpath(".//b/text()") == ["you"]
    assert said.xpath(".//li/text()") == ["one"]
