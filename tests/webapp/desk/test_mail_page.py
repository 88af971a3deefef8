import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine

from engine.clock import utc_now
from processes.cases.models import CaseStatus
from processes.mail import inbox, incoming
from processes.mail.incoming import HEADERS_ONLY
from processes.mail.models import IncomingState, Intake, Mailbox, MailKind
from processes.request import mail_intake
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import SCRIPT, part, rows, tree, words
from tests.webapp.desk.pictures import PNG
from webapp.desk import mail_words


def show(browser, mail, rest=""):
    return page(browser.get(f"/desk/mail/{mail.id}?folder=all{rest}"))


def test_a_mail_shows_who_wrote_to_whom_and_what(desk, post):
    mail = post.brings(
        "Where is my parcel?",
        text="It was to come on Monday.",
        recipients={"to": [["Care desk", "help@care.example"]], "cc": [["", "jan@example.org"]]},
    )

    shown = words(show(desk, mail))

    for told in (
        "Where is my parcel?", "Sanne de Vries", "sanne@example.org", "to Care desk and 1 more",
        "jan@example.org", "help@care.example", mail.message_id, "It was to come on Monday.",
    ):  # fmt: skip
        assert told in shown


def test_what_was_quoted_is_folded_and_all_there(desk, post):
    mail = post.brings(quoted="On Monday we wrote: your parcel is on its way.")

    folded = tree(show(desk, mail)).xpath("//details[@class='quoted']")[0]

    assert folded.get("open") is None
    assert "your parcel is on its way" in folded.text_content()


def test_whatever_is_in_a_mail_is_only_text(desk, post):
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    mail = post.brings(bad, text=bad, quoted=bad, from_name=bad, recipients={"to": [[bad, bad]]})

    for rest in ("", "&show=source", "&do=link"):
        shown = tree(show(desk, mail, rest))
        assert not [each for each in shown.iter("script") if each.get("src") is None]
        assert not shown.xpath("//*[@onerror]")
        assert bad in shown.xpath("string(//h1)")


def test_the_frame_of_a_mail_has_a_policy_of_its_own_and_its_page_keeps_the_strict_one(desk, post):
    mail = post.brings(html='<p>Hello <img data-remote="https://pics.example/a.png" alt=""></p>')

    around = desk.get(f"/desk/mail/{mail.id}?show=sent&pictures=1")
    frame = tree(page(around)).xpath("//iframe")[0]
    plain, asked = (
        desk.get(f"/desk/mail/{mail.id}/sent"),
        desk.get(f"/desk/mail/{mail.id}/sent?pictures=1"),
    )

    assert frame.get("src").endswith("/sent?pictures=1")
    assert "allow-scripts" not in frame.get("sandbox")
    assert "allow-same-origin" not in frame.get("sandbox")
    assert "https:" not in around.headers["Content-Security-Policy"]
    assert "https:" not in plain.headers["Content-Security-Policy"]
    assert "pics.example" not in page(plain)
    assert "img-src 'self' data: https:" in asked.headers["Content-Security-Policy"]
    assert "https://pics.example/a.png" in page(asked)
    for answer in (plain, asked):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "allow-scripts" not in policy
        assert "frame-ancestors 'self'" in policy


def test_a_picture_of_the_mail_itself_stands_in_its_text(desk, post):
    mail = post.brings(html='<p><img src="cid:logo" alt="Logo"></p>')
    post.encloses(mail, "logo.png", PNG, content_id="logo")

    shown = page(desk.get(f"/desk/mail/{mail.id}/sent"))

    assert tree(shown).xpath("//img/@src")[0].startswith("data:image/png;base64,")
    assert "logo.png" not in words(show(desk, mail))


def test_a_mail_without_html_has_no_frame(desk, post):
    mail = post.brings()

    assert desk.get(f"/desk/mail/{mail.id}/sent").status_code == 404
    assert "As sent" not in show(desk, mail)


def test_the_raw_message_is_saved_byte_for_byte_and_never_shown_by_a_browser(desk, post):
    raw = b"Subject: x\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\xff\x00"
    mail = post.brings(raw=raw)

    answer = desk.get(f"/desk/mail/{mail.id}/raw")

    assert answer.data == raw
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="mail-{mail.id}.eml"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_source_shows_the_headers_and_says_when_there_is_more(desk, post):
    short = post.brings(raw=b"X-Odd: yes\r\n\r\nHello \xff\x00 there")
    long = post.brings(raw=b"X-Odd: yes\r\n\r\n" + b"a" * 300_000)

    assert "X-Odd: yes" in words(show(desk, short, "&show=source"))
    assert "download the mail" not in words(show(desk, short, "&show=source"))
    assert "download the mail to see the whole" in words(show(desk, long, "&show=source"))


def test_attachments_are_listed_and_can_be_saved(desk, post):
    mail = post.brings()
    post.encloses(mail, "bill.txt", b"You owe us nothing.")

    link = tree(show(desk, mail)).xpath("//*[@id='mail-body']//a[@download]/@href")[0]

    assert "bill.txt" in words(show(desk, mail))
    assert desk.get(link).data == b"You owe us nothing."


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"why": "inbox"}, "Its mailbox leaves every new mail to an agent."),
        ({"why": "no_sender", "from_address": ""}, "It names no sender"),
        ({"why": "many_recipients"}, "more than a hundred people"),
        ({"state": IncomingState.QUARANTINED, "why": "too_deep"}, "deeper than we follow"),
        ({"state": IncomingState.QUARANTINED, "why": "unheard_of"}, "cannot be read safely"),
        ({"state": IncomingState.QUARANTINED, "why": "failed"}, "among the incidents"),
        (
            {"state": IncomingState.FILED, "kind": MailKind.LIST, "why": "list"},
            "a newsletter or a list",
        ),
        (
            {"state": IncomingState.FILED, "kind": MailKind.BOUNCE, "why": "bounce_unknown"},
            "names none of ours",
        ),
        ({"state": IncomingState.FILED, "folder": "Invoices"}, "Filed in the folder Invoices"),
        ({"state": IncomingState.STORED, "why": ""}, "is being read"),
    ],
)
def test_every_state_says_in_words_what_became_of_the_mail_and_why(desk, post, facts, told):
    mail = post.brings(**facts)

    assert told in part(show(desk, mail), "decision")


def test_every_reason_the_product_gives_has_a_sentence():
    processes = Path(inbox.__file__).parents[1]
    raised = {
        code
        for path in processes.glob("mail/reading/*.py")
        for code in re.findall(r'UnreadableMailError\("(\w+)"', path.read_text())
    }
    told = {
        code
        for line in (processes.parent / "docs/mail.md").read_text().splitlines()
        if re.match(r"\| `(new_case|reply|filed|waiting|quarantined)`", line)
        for code in re.findall(r"`(\w+)`", line.split("|")[2])
    }

    raised |= HEADERS_ONLY
    assert len(raised) >= 8
    assert len(told) >= 18
    assert raised | told <= mail_words.reasons()


def test_a_mail_in_a_case_leads_to_it(desk, house, post):
    case = house.classified()
    mail = post.brings(state=IncomingState.REPLY, case_id=case.id, why="token")

    decision = tree(show(desk, mail)).get_element_by_id("decision")

    assert f"Went to case {case.number} by itself." in " ".join(decision.text_content().split())
    assert decision.xpath(".//a/@href") == [f"/desk/cases/{case.number}"]
    assert not decision.xpath(".//button")


def test_reading_marks_it_as_read_for_everybody(desk, colleague, post):
    mail = post.brings()
    assert "unread" in words(page(colleague.get("/desk/mail?folder=all")))

    desk.post(f"/desk/mail/{mail.id}/read", headers=SCRIPT)

    assert not post.sees(mail).unread
    assert "unread" not in words(page(colleague.get("/desk/mail?folder=all")), "//ul")


def test_marking_as_unread_leads_back_to_the_list(desk, post):
    mail = post.brings(unread=False)

    plain = desk.post(f"/desk/mail/{mail.id}/unread?folder=all")
    script = desk.post(f"/desk/mail/{mail.id}/unread?folder=all", headers=SCRIPT)

    assert post.sees(mail).unread
    assert (plain.status_code, plain.location) == (303, "/desk/mail?folder=all")
    assert script.headers["HX-Redirect"] == "/desk/mail?folder=all"


def test_a_mail_nobody_has_is_not_found(desk, post):
    for rest in ("", "/head", "/sent", "/raw", "/cases"):
        assert desk.get(f"/desk/mail/2147483647{rest}").status_code == 404
        assert desk.get(f"/desk/mail/99999999999{rest}").status_code == 404
    for verb in ("read", "unread", "look", "case", "link", "aside", "back", "again"):
        assert desk.post(f"/desk/mail/2147483647/{verb}").status_code == 404


def test_opened_from_elsewhere_a_mail_stands_first_in_the_list_of_all(desk, post):
    older, mail, newer = post.brings("Older"), post.brings("This one"), post.brings("Newer")

    shown = page(desk.get(f"/desk/mail/{mail.id}"))

    ids = tree(shown).xpath("//ul[contains(@class, 'mails')]//a/@id")
    assert ids == [f"mail-{mail.id}", f"mail-{older.id}"]
    assert newer.subject in page(desk.get("/desk/mail?folder=all"))


def test_who_looks_at_a_mail_is_told_to_those_who_look_too(desk, colleague, post):
    mail, other = post.brings(), post.brings()

    colleague.post(f"/desk/mail/{mail.id}/look", headers=SCRIPT)
    seen = desk.post(f"/desk/mail/{mail.id}/look", headers=SCRIPT)

    assert "Emma is looking at this mail" in seen.text
    assert "Mila" not in seen.text
    assert "Emma is looking" in show(desk, mail)
    colleague.post(f"/desk/mail/{other.id}/look", headers=SCRIPT)
    assert "Emma" not in desk.post(f"/desk/mail/{mail.id}/look", headers=SCRIPT).text
    assert "Emma" in desk.post(f"/desk/mail/{other.id}/look", headers=SCRIPT).text
    assert colleague.post(f"/desk/mail/{other.id}/look", data={"leaves": "1"}).status_code == 204
    assert "Emma" not in desk.post(f"/desk/mail/{other.id}/look", headers=SCRIPT).text


def test_whoever_has_not_been_heard_of_for_a_while_counts_as_gone(desk, colleague, post):
    mail = post.brings()
    colleague.post(f"/desk/mail/{mail.id}/look", headers=SCRIPT)

    with time_machine.travel(utc_now() + timedelta(seconds=70), tick=True):
        assert "Emma" not in desk.post(f"/desk/mail/{mail.id}/look", headers=SCRIPT).text


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (CaseStatus.IN_PROGRESS, MailKind.PERSON, "gets the mark of news"),
        (CaseStatus.WAITING_CUSTOMER, MailKind.PERSON, "it is what the case waits for"),
        (CaseStatus.CLOSED, MailKind.PERSON, "opens the case again"),
        (CaseStatus.CLOSED, MailKind.AUTO_REPLY, "moves nothing"),
    ],
)
def test_the_search_says_what_linking_to_a_case_would_do(desk, house, post, status, kind, told):
    made = {
        CaseStatus.IN_PROGRESS: house.classified,
        CaseStatus.WAITING_CUSTOMER: house.answered,
        CaseStatus.CLOSED: house.closed,
    }
    case = made[status]()
    mail = post.brings(maybe_case_id=case.id, kind=kind)

    offer = part(show(desk, mail, "&do=link"), "offered")

    assert case.number in offer
    assert told in offer


def test_the_case_it_may_belong_to_is_offered_first_and_what_is_typed_is_searched(
    desk, house, post
):
    house.classified(subject="Of the same customer")
    maybe = house.submits(subject="Perhaps this one", email="other@example.org")
    house.submits(subject="Coffee machine", email="third@example.org")
    mail = post.brings(maybe_case_id=maybe.id)

    def offered(find: str) -> list[str]:
        answer = desk.get(f"/desk/mail/{mail.id}/cases", query_string={"find": find})
        return [b.text_content() for b in tree(page(answer)).xpath("//li//b")]

    assert offered("") == ["Perhaps this one", "Of the same customer"]
    assert offered("coffee") == ["Coffee machine"]
    assert offered(maybe.number.lower()) == ["Perhaps this one"]
    assert offered("nobody has this") == []


def test_a_raw_mail_that_was_taken_in_reads_as_its_writer_meant_it(desk, house, post, product):
    message = EmailMessage()
    message["From"] = "Sanne de Vries <sanne@example.org>"
    message["To"] = "Care desk <help@care.example>"
    message["Subject"] = "Kapotte machine"
    message["Message-ID"] = "<one@example.org>"
    message.set_content(
        "Hij lekt.\n\n"
        "Op ma 3 nov 2025 om 10:00 schreef Care desk <help@care.example>:\n> Wat is er?\n"
    )
    message.add_alternative(
        '<p>Hij <b>lekt</b>.</p><img src="cid:foto" alt="Foto"><script>alert(1)</script>',
        subtype="html",
    )
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<foto>", filename="foto.png")
    message.add_attachment(b"EUR 219", maintype="text", subtype="plain", filename="bon.txt")
    with house.db.write() as session:
        box = session.get_one(Mailbox, post.mailbox.id)
        box.intake = Intake.INBOX
        stored = incoming.store(session, message.as_bytes(), mailbox=box)
    opened = mail_intake.open_mail(product, stored.id)
    with house.db.write() as session:
        mail_intake.process(product, session, stored.id, opened)

    text = words(show(desk, stored))
    quote = tree(show(desk, stored)).xpath("string(//details[@class='quoted'])")
    frame = page(desk.get(f"/desk/mail/{stored.id}/sent"))

    assert "Hij lekt." in text
    assert "Its mailbox leaves every new mail to an agent." in text
    assert "Wat is er?" in quote
    assert "bon.txt" in text
    assert "foto.png" not in text
    assert "<b>lekt</b>" in frame
    assert "alert(1)" not in frame
    assert tree(frame).xpath("//img/@src")[0].startswith("data:image/png;base64,")
    assert "Kapotte machine" in rows(page(desk.get("/desk/mail")))[0]
