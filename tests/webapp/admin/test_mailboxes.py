"""The page of mailboxes: owners, aliases, passwords, the Test button."""

import pytest
from lxml import html
from sqlalchemy import select

from engine.models import Job
from processes.cases.categories import queues
from processes.mail import fetching, incoming, passwords
from processes.mail.faults import explained, kept
from processes.mail.models import IncomingMail, Mailbox, MailboxAlias, Security
from processes.mail.servers import Server
from processes.people.models import Staff
from tests.servers.smtp import MailServer
from tests.webapp.admin.tables import rows
from workers import look
from workers.config import WorkerSettings

HERE = "127.0.0.1"


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


@pytest.fixture
def form(product):
    """What an admin enters: a mailbox of Mila's for the second queue."""
    with product.db.read() as session:
        mila = session.scalars(select(Staff).where(Staff.username == "serviceUser")).one()
        lane = queues(session)[1]

    def filled(**changed):
        values = {
            "address": "support@care.example",
            "sender_name": "Care",
            "owner": mila.id,
            "queue": lane.id,
            "language": "nl",
            "intake": "case",
            "plus_addresses": "yes",
            "imap_host": "imap.care.example",
            "imap_port": "993",
            "imap_security": "tls",
            "imap_user": "support",
            "imap_password": "very secret",
            "folder": "INBOX",
            "done_folder": "",
            "trusted_host": "",
            "smtp_host": "",
            "smtp_port": "465",
            "smtp_security": "tls",
            "smtp_user": "",
            "smtp_password": "",
        }
        return {key: value for key, value in (values | changed).items() if value is not None}

    return filled


def only(product, kind=Mailbox):
    with product.db.read() as session:
        return session.scalars(select(kind)).one()


def problems(response):
    assert response.status_code == 422
    found = html.fromstring(response.text).xpath("//p[@class='problem']")
    return [" ".join(item.text_content().split()) for item in found]


def added(admin, product, form, **changed):
    assert admin.post("/admin/mailboxes", data=form(**changed)).status_code == 303
    return only(product)


def jobs_of(product, kind):
    with product.db.read() as session:
        return [job.state for job in session.scalars(select(Job).where(Job.kind == kind))]


@pytest.mark.requirement("COV-07")
def test_each_mailbox_shows_exactly_one_owner(admin, product, form):
    added(admin, product, form)
    with product.db.read() as session:
        emma = session.scalars(select(Staff).where(Staff.username == "agentUser")).one()
    admin.post("/admin/mailboxes", data=form(address="sales@care.example", owner=emma.id))
    tree = html.fromstring(admin.get("/admin/mailboxes").text)
    owners = [cell.text_content().strip() for cell in tree.xpath("//tbody/tr/td[2]")]
    assert owners == ["Emma Clarke", "Mila Jansen"]
    for missing in ("", "0", "99999", "two"):
        refused = admin.post("/admin/mailboxes", data=form(address="x@care.example", owner=missing))
        assert "Please fill this in." in problems(refused)
    page = admin.get(f"/admin/mailboxes/{only_id(product, 'sales@care.example')}")
    assert "Owner: Emma Clarke" in page.text
    chosen = html.fromstring(page.text).xpath("//select[@name='owner']/option[@selected]")
    assert [option.text for option in chosen] == ["Emma Clarke"]


@pytest.mark.requirement("COV-05")
def test_an_alias_without_an_owner_is_refused_with_a_reason(admin, product, form):
    box = added(admin, product, form)
    alias = {
        "address": "billing@care.example",
        "folder": "Billing",
        "queue": "",
        "from_list": "yes",
    }
    for nobody in ("", "99999", "x"):
        refused = admin.post("/admin/mailbox-aliases", data=alias | {"mailbox": nobody})
        assert problems(refused) == [
            (
                "An alias needs a mailbox it belongs to: "
                "without one nobody owns the mail that comes to it."
            )
        ]
        assert "billing@care.example" in refused.text  # nothing typed is lost
    kept_alias = admin.post("/admin/mailbox-aliases", data=alias | {"mailbox": box.id})
    assert kept_alias.status_code == 303
    stored = only(product, MailboxAlias)
    assert (stored.mailbox_id, stored.address, stored.folder) == (
        box.id, "billing@care.example", "Billing",
    )  # fmt: skip
    [row] = rows(admin.get("/admin/mailboxes"))
    assert "billing@care.example" in row
    assert "Mila Jansen" in row


def test_an_address_that_is_taken_says_by_whom(admin, product, form):
    box = added(admin, product, form)
    assert problems(admin.post("/admin/mailboxes", data=form())) == [
        "support@care.example belongs to the mailbox support@care.example already."
    ]
    refused = admin.post(
        "/admin/mailbox-aliases", data={"mailbox": box.id, "address": "support@care.example"}
    )
    assert len(problems(refused)) == 1


def test_an_alias_is_changed_and_removed_and_its_mail_stays(admin, product, form, keeps_mail):
    box = added(admin, product, form)
    admin.post("/admin/mailbox-aliases", data={"mailbox": box.id, "address": "b@care.example"})
    alias = only(product, MailboxAlias)
    keeps_mail(box, alias)
    changed = {"address": "billing@care.example", "folder": "Billing", "queue": ""}
    admin.post(f"/admin/mailbox-aliases/{alias.id}", data=changed)
    assert only(product, MailboxAlias).folder == "Billing"
    wrong = admin.post(f"/admin/mailbox-aliases/{alias.id}", data=changed | {"address": "nobody"})
    assert problems(wrong) == ["This is no e-mail address."]
    assert admin.post(f"/admin/mailbox-aliases/{alias.id}/remove").status_code == 303
    mail = only(product, IncomingMail)
    assert (mail.alias_id, mail.mailbox_id) == (None, box.id)
    assert admin.post(f"/admin/mailbox-aliases/{alias.id}/remove").status_code == 404


def test_a_password_is_never_shown_and_an_empty_field_keeps_it(admin, product, form):
    box = added(admin, product, form)
    page = admin.get(f"/admin/mailboxes/{box.id}")
    assert "very secret" not in page.text
    assert admin.post(
        f"/admin/mailboxes/{box.id}", data=form(imap_password="", sender_name="New")
    ).status_code == 303  # fmt: skip
    stored = only(product)
    assert stored.sender_name == "New"
    key = product.settings.secret_key
    assert passwords.unseal(key, stored.imap_password) == "very secret"
    refused = admin.post("/admin/mailboxes", data=form(address="nobody"))
    assert "very secret" not in refused.text
    assert "enter them again" in refused.text


def test_a_mailbox_that_was_changed_since_is_not_overwritten_unseen(admin, product, form):
    made = added(admin, product, form)
    path = f"/admin/mailboxes/{made.id}"
    shown = html.fromstring(admin.get(path).text).xpath("//input[@name='_as_of']/@value")[0]
    admin.post(path, data=form(sender_name="Hers", _as_of=shown))

    answer = admin.post(path, data=form(folder="Mine", _as_of=shown))

    assert answer.status_code == 409
    assert "This has been changed since you opened it." in answer.text
    assert 'value="Mine"' in answer.text
    assert (only(product).sender_name, only(product).folder) == ("Hers", "INBOX")
    now = html.fromstring(answer.text).xpath("//input[@name='_as_of']/@value")[0]
    assert admin.post(path, data=form(folder="Mine", _as_of=now)).status_code == 303
    assert only(product).folder == "Mine"


def test_a_changed_key_asks_for_the_password_again(admin, product, form):
    box = added(admin, product, form)
    with product.db.write() as session:
        other = type(product.settings.secret_key)("z" * 40)
        session.get_one(Mailbox, box.id).imap_password = passwords.seal(other, "x")
    page = admin.get(f"/admin/mailboxes/{box.id}")
    assert page.status_code == 200
    assert "Enter the password again" in page.text
    admin.post(f"/admin/mailboxes/{box.id}", data=form())
    assert "Enter the password again" not in admin.get(f"/admin/mailboxes/{box.id}").text


def test_a_new_mailbox_is_fetched_at_once_and_one_switched_off_no_more(admin, product, form):
    box = added(admin, product, form)
    assert (jobs_of(product, fetching.FETCH), jobs_of(product, fetching.LISTEN)) == (
        ["ready"], ["ready"],
    )  # fmt: skip
    admin.post(f"/admin/mailboxes/{box.id}/active", data={"active": "no"})
    assert not only(product).active
    assert jobs_of(product, fetching.FETCH) == ["cancelled"]
    assert "off" in rows(admin.get("/admin/mailboxes"))[0]
    admin.post(f"/admin/mailboxes/{box.id}/active", data={"active": "yes"})
    assert jobs_of(product, fetching.FETCH) == ["ready"]
    assert admin.post(f"/admin/mailboxes/{box.id}/active", data={}).status_code == 422


def test_what_is_wrong_is_told_in_the_readers_language(admin, product, form, signed_in, client):
    box = added(admin, product, form)
    with product.db.write() as session:
        server = Server("imap.care.example", 993, Security.TLS, "support")
        fault = explained(TimeoutError(), server)
        session.get_one(Mailbox, box.id).fetch_error = kept(fault.sentence)
    assert "imap.care.example does not answer on port 993." in admin.get("/admin/mailboxes").text
    with product.db.write() as session:
        session.scalars(select(Staff).where(Staff.username == "adminUser")).one().locale = "nl"
    told = admin.get("/admin/mailboxes").text
    assert "imap.care.example antwoordt niet op poort 993." in told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("imap_port", "0"),
        ("imap_port", "22"),
        ("imap_port", "99999999999999999999"),
        ("imap_port", "²"),
        ("imap_host", "169.254.169.254/latest"),
        ("imap_host", "a\r\nb"),
        ("folder", "INBOX\r\nA1 DELETE INBOX"),
        ("imap_user", "x\0y"),
        ("imap_security", "nonsense"),
        ("intake", None),
        ("owner", "99999999999999999999"),
        ("queue", "-1"),
        ("sender_name", "x" * 121),
        ("language", "xx"),
    ],
)
def test_odd_entries_are_refused_and_nothing_is_stored(admin, product, form, field, value):
    assert problems(admin.post("/admin/mailboxes", data=form(**{field: value})))
    with product.db.read() as session:
        assert session.scalars(select(Mailbox)).all() == []


def test_only_admins_see_and_change_mailboxes(admin, client, signed_in, product, form, anybody):
    box = added(admin, product, form)
    signed_in(client, anybody)
    if anybody == "adminUser":
        return
    for path in ("/admin/mailboxes", "/admin/mailboxes/new", f"/admin/mailboxes/{box.id}"):
        assert client.get(path).status_code == 403
    for path in ("", f"/{box.id}", f"/{box.id}/test", f"/{box.id}/active"):
        assert client.post(f"/admin/mailboxes{path}", data=form()).status_code == 403
    assert client.post("/admin/mailbox-aliases", data={"mailbox": box.id}).status_code == 403


def test_what_is_not_there_is_not_found(admin):
    for number in (1, 2**31, 10**30):
        assert admin.get(f"/admin/mailboxes/{number}").status_code == 404
        assert admin.post(f"/admin/mailboxes/{number}/test").status_code == 404
        assert admin.post(f"/admin/mailbox-aliases/{number}").status_code == 404


@pytest.mark.requirement("COV-06")
def test_one_click_proves_sending_and_receiving_each_by_itself(admin, product, form, imap_server):
    account = imap_server.account()
    users = {account.address: account.password}
    server = MailServer(deliver=imap_server.deliver, users=users)
    server.start()
    try:
        near = {
            "address": account.address,
            **{f"{way}_host": HERE for way in ("imap", "smtp")},
            **{f"{way}_security": "none" for way in ("imap", "smtp")},
            **{f"{way}_user": account.address for way in ("imap", "smtp")},
            **{f"{way}_password": account.password for way in ("imap", "smtp")},
            "imap_port": account.port,
            "smtp_port": server.port,
        }
        box = added(admin, product, form, **near)
        assert proofs(admin, product, box) == ["works", "works", "works", "works"]
        assert "The mailbox receives and sends." in admin.get(f"/admin/mailboxes/{box.id}").text
        admin.post(f"/admin/mailboxes/{box.id}", data=form(**near | {"smtp_password": "wrong"}))
        assert proofs(admin, product, box) == [
            "works", "does not work", "not tested", "not tested",
        ]  # fmt: skip
        admin.post(f"/admin/mailboxes/{box.id}", data=form(**near | {"imap_password": "wrong"}))
        assert proofs(admin, product, box) == [
            "does not work", "works", "not tested", "not tested",
        ]  # fmt: skip
    finally:
        server.stop()


def proofs(admin, product, box):
    """Press the button, let a worker work, and read the verdicts."""
    assert admin.post(f"/admin/mailboxes/{box.id}/test").status_code == 303
    page = admin.get(f"/admin/mailboxes/{box.id}")
    assert "The test runs." in page.text or "the test waits" in page.text
    for _ in range(30):
        look.work(product, WorkerSettings())
        page = html.fromstring(admin.get(f"/admin/mailboxes/{box.id}").text)
        verdicts = [
            " ".join(item.text_content().split()) for item in page.xpath("//*[@class='verdict']")
        ]
        if "waiting" not in verdicts:
            return verdicts
        hurry(product)
    return verdicts


def hurry(product):
    with product.db.write() as session:
        for job in session.scalars(select(Job).where(Job.state == "ready")):
            job.due_at = job.created_at


def only_id(product, address):
    with product.db.read() as session:
        return session.scalars(select(Mailbox.id).where(Mailbox.address == address)).one()


@pytest.fixture
def keeps_mail(product):
    """Let a mail have come to an alias."""

    def keep(box, alias):
        with product.db.write() as session:
            mail = incoming.store(session, b"Subject: Hello\r\n\r\nHello", mailbox=box)
            mail.alias_id = alias.id

    return keep
