"""The page of mailboxes in a real browser: for everybody, by keyboard, without scripts, live."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from processes.cases.categories import queues
from processes.mail import fetching, mailboxes, probe
from processes.mail.faults import explained, kept
from processes.mail.mailboxes import Account, AliasFacts, Facts
from processes.mail.models import Security
from processes.mail.servers import Server
from processes.people.models import Staff
from tests.servers.smtp import MailServer
from tests.webapp.admin.colours import WIDTHS, in_both_colours
from tests.webapp.browsing import overflows
from workers import look
from workers.config import WorkerSettings

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

DESK, HERE = "casewright-desk", "127.0.0.1"


@pytest.fixture
def admin_window(windows, client, signed_in):
    """Open a window in which an admin is signed in."""

    def open_window(**options):
        signed_in(client, "adminUser")
        window = windows(**options)
        window.sign_in({DESK: client.get_cookie(DESK).value})
        return window

    return open_window


@pytest.fixture
def account(imap_server):
    return imap_server.account()


@pytest.fixture
def post(imap_server, account):
    server = MailServer(deliver=imap_server.deliver, users={account.address: account.password})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def box(product, account, post):
    """A mailbox that receives and sends, with an alias; and one whose server does not answer."""
    ours = {"user": account.address, "password": account.password, "security": Security.NONE}
    with product.db.write() as session:
        mila = session.scalars(select(Staff).where(Staff.username == "serviceUser")).one()
        lanes = [queue.id for queue in queues(session)]

        def add(address, **facts):
            given = Facts(address, "Care", owner_id=mila.id, queue_id=lanes[0], **facts)
            return mailboxes.create(session, given, lanes)

        made = add(
            account.address,
            imap=Account(HERE, account.port, **ours),
            smtp=Account(HERE, post.port, **ours),
        )
        mailboxes.add_alias(
            session, made.id, AliasFacts("billing@post.example", "Billing", lanes[1]), lanes
        )
        far = Account("imap.care.example", 993, Security.TLS, "sales", "secret")
        silent = add("sales@post.example", imap=far)
        fault = explained(TimeoutError(), Server("imap.care.example", 993, Security.TLS, "sales"))
        silent.fetch_error = kept(fault.sentence)
        add("news@post.example").active = False
        fetching.plan(session, made)
        return made


def works(product, turns=10):
    for _ in range(turns):
        look.work(product, WorkerSettings())


def tested(product, box):
    with product.db.write() as session:
        probe.start(session, mailboxes.find_by_id(session, box.id))
    works(product)


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_the_pages(admin_window, product, box, width):
    tested(product, box)
    window = admin_window(width=width)
    found = {}
    for path in ("", "/new", f"/{box.id}"):
        page = window.go(f"/admin/mailboxes{path}")
        for summary in page.locator("details > summary").all():
            summary.click()
        found[path] = [*in_both_colours(page), *(["sideways"] if overflows(page) else [])]
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_the_narrowest_phone_shows_everything(admin_window, product, box):
    tested(product, box)
    window = admin_window(width=320)
    for path in ("", "/new", f"/{box.id}"):
        assert not overflows(window.go(f"/admin/mailboxes{path}")), path


def test_the_test_shows_by_itself_how_it_goes_on(admin_window, product, box):
    page = admin_window().go(f"/admin/mailboxes/{box.id}")
    page.get_by_role("button", name="Test now").click()
    region = page.get_by_role("region", name="Test", exact=True)
    expect(region).to_contain_text("waiting")

    works(product)

    expect(region).to_contain_text("The mailbox receives and sends.", timeout=15_000)
    expect(region.get_by_role("listitem").filter(has_text="Plus addresses")).to_contain_text(
        "works"
    )
    expect(page.get_by_role("button", name="Test again")).to_be_visible()


def test_a_mailbox_is_added_by_keyboard_alone(admin_window, product, box):
    page = admin_window().go("/admin/mailboxes")
    page.get_by_role("link", name="New mailbox").press("Enter")
    page.get_by_label("Address", exact=True).fill("care@post.example")
    for text in ("Care team", "Mila Jansen"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Add mailbox").press("Enter")

    expect(page.get_by_role("heading", name="care@post.example")).to_be_visible()
    expect(page.get_by_text("Owner: Mila Jansen")).to_be_visible()


def test_without_scripts_a_mailbox_is_changed_tested_and_given_an_alias(admin_window, product, box):
    page = admin_window(java_script_enabled=False).go(f"/admin/mailboxes/{box.id}")
    page.get_by_label("Sender's name").fill("Better care")
    page.get_by_role("button", name="Save mailbox").click()
    expect(page.get_by_text("The mailbox is saved.")).to_be_visible()

    page.get_by_role("button", name="Test now").click()
    works(product)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("The mailbox receives and sends.")).to_be_visible()

    page.get_by_text("Add an alias").click()
    page.locator("#new-address").fill("orders@post.example")
    page.get_by_role("button", name="Add alias").click()
    expect(page.get_by_text("The alias is added.")).to_be_visible()
    expect(page.get_by_text("orders@post.example")).to_be_visible()
