import pytest
from lxml import html

from processes.mail import queries as mails
from processes.mail.models import MailState, OutgoingMail
from tests.webapp.conftest import page


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


@pytest.fixture
def written(practice):
    """The first mail to a customer, written and not yet sent."""
    case = practice.ask()
    practice.classify(case)
    with practice.db.write() as session:
        (mail,), _ = mails.outbox(session)
        mail.state = MailState.NOT_SENT
    return case, mail


def subjects(response):
    return html.fromstring(page(response)).xpath("//tbody/tr/td[1]/a/text()")


def test_mails_that_were_not_sent_are_marked(admin, written):
    case, mail = written
    text = page(response := admin.get("/admin/outbox"))

    assert "No mail server is configured" in text
    assert subjects(response) == [mail.subject]
    row = html.fromstring(text).xpath("string(//tbody/tr)")
    assert "Not sent" in row
    assert "sanne@example.com" in row
    assert case.number in row


def test_the_outbox_is_narrowed_by_state(admin, written):
    assert subjects(admin.get("/admin/outbox?state=not_sent")) == [written[1].subject]
    assert subjects(admin.get("/admin/outbox?state=sent")) == []
    assert subjects(admin.get("/admin/outbox?state=nonsense&page=x")) == [written[1].subject]


def test_a_mail_is_shown_as_text_and_in_a_frame_where_nothing_runs(admin, practice, written):
    _, mail = written
    with practice.db.write() as session:
        row = session.get(OutgoingMail, mail.id)
        row.html += '"><script>alert(1)</script>'

    response = admin.get(f"/admin/outbox/{mail.id}")

    tree = html.fromstring(page(response))
    (frame,) = tree.xpath("//iframe")
    assert frame.get("sandbox") == ""
    assert "<script>alert(1)</script>" in frame.get("srcdoc")
    assert not tree.xpath("//script[contains(text(), 'alert')]")
    assert mail.text.strip() in tree.xpath("string(//pre[@class='mailtext'])")
    assert "was not sent" in response.text
    assert "script-src 'self';" in response.headers["Content-Security-Policy"]


def test_a_mail_that_is_not_there_is_not_found(admin):
    assert admin.get("/admin/outbox/12345").status_code == 404


def test_only_admins_read_mails(client, signed_in, written, anybody):
    signed_in(client, anybody)
    expected = 200 if anybody == "adminUser" else 403
    assert client.get("/admin/outbox").status_code == expected
    assert client.get(f"/admin/outbox/{written[1].id}").status_code == expected
