"""The customers' mail program: what it shows, what it sends, and what it never does."""

from email import message_from_bytes, policy
from io import BytesIO

import pytest

from processes.demo.post import maildir
from processes.demo.post.place import abandon
from tests.mails.corpus import of_each_shape
from tests.servers.post import mail
from tests.webapp.demo_mail.conftest import SANNE, SUPPORT
from webapp.app import create_app
from webapp.config import WebSettings

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

BOX = f"/demo/mail/{SANNE}"
FIRST = f"{BOX}/inbox/1"


def answer_of_ours(world, **more):
    """Let a mail of the house reach Sanne."""
    given = {
        "From": f"Casewright <{SUPPORT}>",
        "To": SANNE,
        "Message-ID": "<one@casewright.example>",
    }
    headers = {**given, "Reply-To": "support+token@casewright.example", **more}
    message = mail("Your question", "We are looking into it.\n\nMila", **headers)
    message.add_alternative("<p>We are <b>looking</b> into it.</p><p>Mila</p>", subtype="html")
    world.send(message, SANNE, sender=SUPPORT)


def came(world, address=SUPPORT):
    """Return the mails that reached an address, taken apart."""
    found = world.mails(address)
    return [message_from_bytes(one.obj.as_bytes(), policy=policy.default) for one in found]


def test_customers_are_offered_and_any_address_can_be_typed(demo):
    page = demo.get("/demo/mail")
    assert SANNE in page.text
    typed = demo.get("/demo/mail?address=New.Person@Example.ORG ")
    assert typed.headers["Location"] == "/demo/mail/new.person@example.org"
    assert "No mail yet" in demo.get(typed.headers["Location"]).text


@pytest.mark.parametrize(
    "typed", ["nobody", "a@b@c", "<script>", "a b@c.example", "x" * 400 + "@c.d"]
)
def test_what_is_no_address_is_said_beside_the_field(demo, typed):
    page = demo.get("/demo/mail", query_string={"address": typed})
    assert page.status_code == 422
    assert "That is no mail address" in page.text
    assert "<script>" not in page.text.replace('<script type="module"', "")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "a@b/../c", "A@b.example", "a@b.example\x00", "%40"]
)
def test_an_address_that_is_none_leads_nowhere(demo, address):
    assert demo.get(f"/demo/mail/{address}").status_code == 404


def test_a_mailbox_of_the_house_is_not_opened(demo, world):
    for address in (SUPPORT, "support+token@casewright.example"):
        page = demo.get(f"/demo/mail/{address}")
        assert page.status_code == 409
        assert "is our own mailbox" in page.text
        assert demo.post(f"/demo/mail/{address}/new", data={}).status_code == 409


def test_a_mail_is_shown_with_its_headers_and_then_is_read(demo, world):
    answer_of_ours(world)
    assert 'class="case new"' in demo.get(BOX).text
    page = demo.get(FIRST).text
    assert "Your question" in page
    assert "support+token@casewright.example" in page
    assert "Delivered-To" in page
    assert 'class="case new"' not in demo.get(BOX).text


def test_the_html_of_a_mail_runs_nothing_and_fetches_nothing(demo, world):
    hostile = mail("Look", "text", From=f"x <{SUPPORT}>")
    hostile.add_alternative(
        '<head></head><script>alert(1)</script><img src="https://tracker.example/x">'
        '<img src="cid:logo">', subtype="html",
    )  # fmt: skip
    part = hostile.get_payload()[1]
    part.add_related(b"\x89PNG", "image", "png", cid="<logo>")
    world.send(hostile, SANNE)

    page = demo.get(FIRST).text
    assert "alert(1)" not in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    framed = demo.get(f"{FIRST}/html")
    policy_sent = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'; img-src data:;" in policy_sent
    assert "allow-scripts" not in policy_sent
    assert "allow-same-origin" not in policy_sent
    assert 'src="data:image/png;base64,iVBORw=="' in framed.text


def test_files_are_saved_never_opened(demo, world):
    with_file = mail("A bill")
    with_file.add_attachment(
        b"<script>", maintype="text", subtype="html", filename="bill\u202efdp.html"
    )
    world.send(with_file, SANNE)

    saved = demo.get(f"{FIRST}/files/0")
    assert saved.data == b"<script>"
    assert saved.mimetype == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert demo.get(f"{FIRST}/files/1").status_code == 404
    assert demo.get(f"{FIRST}/source").data.startswith(b"Return-Path:")


@pytest.mark.parametrize("path", ["inbox/99", "sent/1", "INBOX/1", "../1", "trash/1"])
def test_a_mail_that_is_not_there_is_not_found(demo, path):
    assert demo.get(f"{BOX}/{path}").status_code == 404


def test_a_new_mail_reaches_the_house_and_lies_among_the_sent_ones(demo, world):
    data = {
        "to": SUPPORT, "subject": "Broken\r\nBcc: all@example.org", "text": "It leaks.\r\nSanne",
        "files": [(BytesIO(b"%PDF-1.7"), "photo.pdf")],
    }  # fmt: skip
    sent = demo.post(f"{BOX}/new", data=data)
    assert (sent.status_code, sent.headers["Location"]) == (303, BOX)

    [arrived] = came(world)
    assert arrived["From"] == f"Sanne de Vries <{SANNE}>"
    assert arrived["Subject"] == "Broken Bcc: all@example.org"
    assert arrived["Bcc"] is None
    assert arrived.get_body(("plain",)).get_content() == "It leaks.\nSanne\n"
    assert [part.get_filename() for part in arrived.iter_attachments()] == ["photo.pdf"]
    assert "To: support@casewright.example" in demo.get(BOX).text
    assert "It leaks." in demo.get(f"{BOX}/sent/1?as=text").text


def test_an_answer_quotes_and_names_the_mail_it_answers(demo, world):
    answer_of_ours(world, References="<zero@casewright.example>")
    form = demo.get(f"{FIRST}/reply").text
    assert 'value="support+token@casewright.example"' in form
    assert 'value="Re: Your question"' in form
    assert "&gt; We are looking into it.\n&gt;\n&gt; Mila" in form
    quoted = "Thanks!\n\nOn Thursday, Casewright wrote:\n> We are looking into it."
    demo.post(
        f"{FIRST}/reply",
        data={
            "to": "support+token@casewright.example",
            "subject": "Re: Your question",
            "text": quoted,
        },
    )

    [arrived] = came(world)
    assert arrived["Delivered-To"] == "support+token@casewright.example"
    assert arrived["In-Reply-To"] == "<one@casewright.example>"
    assert arrived["References"] == "<zero@casewright.example> <one@casewright.example>"
    laid_out = arrived.get_body(("html",)).get_content()
    assert '<blockquote type="cite"><div>We are looking into it.</div></blockquote>' in laid_out
    assert "(2)</span>" in demo.get(BOX).text  # one conversation of two


def test_an_answer_under_a_new_subject_still_belongs(demo, world):
    answer_of_ours(world)
    assert (
        'name="subject" type="text" autocomplete="off" value=""'
        in demo.get(f"{FIRST}/reply?anew=1").text
    )
    demo.post(f"{FIRST}/reply", data={"to": SUPPORT, "subject": "Something else", "text": "Hm."})

    [arrived] = came(world)
    assert (arrived["Subject"], arrived["In-Reply-To"]) == (
        "Something else",
        "<one@casewright.example>",
    )


def test_out_of_office_says_that_no_person_wrote_it(demo, world):
    answer_of_ours(world)
    demo.set_cookie("lang", "nl")
    assert demo.post(f"{FIRST}/away").status_code == 303

    [arrived] = came(world)
    assert arrived["Auto-Submitted"] == "auto-replied"
    assert arrived["Subject"] == "Automatisch antwoord: Your question"
    assert arrived["In-Reply-To"] == "<one@casewright.example>"
    assert arrived["Delivered-To"] == "support+token@casewright.example"


def test_a_bounce_is_a_report_as_servers_write_it(demo, world):
    answer_of_ours(world)
    assert demo.post(f"{FIRST}/bounce").status_code == 303

    [arrived] = came(world)
    assert arrived["Return-Path"] == "<>"
    assert arrived.get_content_type() == "multipart/report"
    assert arrived.get_param("report-type") == "delivery-status"
    words, status, headers = arrived.iter_parts()
    assert SANNE in words.get_content()
    assert status.get_payload()[1]["Final-Recipient"] == f"rfc822; {SANNE}"
    assert status.get_payload()[1]["Status"] == "5.1.1"
    assert "<one@casewright.example>" in headers.get_payload(decode=True).decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"to": "no address"}, "That is no mail address"),
        ({"to": ""}, "That is no mail address"),
        ({"to": ", ".join(f"a{n}@b.example" for n in range(21))}, "That is no mail address"),
        ({"subject": "x" * 301}, "A subject has at most 300"),
        ({"text": "  "}, "Write something"),
        ({"to": "nobody@b.example"}, "The mail server refused it: 5.1.1 nobody"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(demo, world, wrong, words):
    typed = {"to": SUPPORT, "subject": "A subject", "text": "Some words.", **wrong}
    page = demo.post(f"{BOX}/new", data=typed)
    assert page.status_code == 422
    assert words in page.text
    for kept in typed.values():
        assert kept in page.text
    assert came(world) == []


def test_a_mail_server_that_is_away_is_said_and_nothing_typed_is_lost(demo, world):
    world.kill()
    try:
        assert "does not answer just now" in demo.get(BOX).text
        typed = {"to": SUPPORT, "subject": "A subject", "text": "Some words."}
        page = demo.post(f"{BOX}/new", data=typed)
    finally:
        world.start()
    assert page.status_code == 503
    assert "Some words." in page.text


def test_without_a_mail_world_there_is_no_such_page(demo, world):
    assert "/demo/mail" in demo.get("/sign-in").text
    note = world.place.folder / "ports.json"
    kept = note.read_text()
    abandon(world.folder)
    try:
        assert [demo.get(path).status_code for path in ("/demo/mail", BOX, FIRST)] == [404] * 3
        assert "/demo/mail" not in demo.get("/sign-in").text
    finally:
        note.write_text(kept)


def test_outside_a_demo_there_is_no_such_page(client):
    assert [client.get(path).status_code for path in ("/demo/mail", BOX, FIRST)] == [404] * 3
    assert client.post(f"{BOX}/new").status_code == 404


def test_nothing_is_sent_without_a_token(house, world):
    answer_of_ours(world)
    browser = create_app(house, WebSettings()).test_client()
    typed = {"to": SUPPORT, "subject": "x", "text": "y"}
    for path in (f"{BOX}/new", f"{FIRST}/reply", f"{FIRST}/away", f"{FIRST}/bounce"):
        assert browser.post(path, data=typed).status_code == 400
    assert came(world) == []


def test_a_mail_of_any_shape_can_be_opened_and_answered(demo, world):
    odd = {}
    for number, sample in enumerate(list(of_each_shape(seed=5))[::3]):
        if len(sample.raw) > 500_000:  # how pymap reads large mails is no question here
            continue
        address = f"reader{number}@example.org"
        maildir.deliver(world.place.box(address), sample.raw, name="1", lasting=False)
        place = f"/demo/mail/{address}/inbox/1"
        got = [demo.get(f"{place}{path}").status_code for path in ("", "/reply")]
        got += [demo.post(f"{place}/{path}").status_code for path in ("away", "bounce")]
        if got != [200, 200, 303, 303]:
            odd[number] = got
    assert odd == {}
