"""The demo's mail world: everything stays on this machine, and nothing that was taken is lost."""

import shutil
import smtplib
import socket
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from imap_tools import MailBoxUnencrypted
from imap_tools.errors import MailboxLoginError
from sqlalchemy import select

from casewright import parts
from casewright.post import serve
from casewright.settings import LaunchSettings
from engine.clock import utc_now
from processes.cases import seeds
from processes.cases.models import Queue
from processes.demo.post import maildir
from processes.demo.post.place import HOST, abandon, at, settle
from processes.demo.users import hire
from processes.mail.addresses import without_plus
from processes.mail.models import Mailbox, MailboxAlias
from tests.servers.post import World, mail

pytest.importorskip("pymap")
SUPPORT = "support@casewright.example"
only_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def world(tmp_path, db, database_url):
    started = World(tmp_path, database_url)
    started.start()
    yield started
    started.kill()


@only_sqlite
def test_a_mail_is_read_as_it_was_sent(world):
    sent = b"Subject: Hoi\r\nX-Odd:  two  spaces\r\n\r\nGr\xfc\xdfe\r\n.dot\r\n\xff\r\n"
    world.send(sent, "ann@b.example")

    with world.box("ann@b.example") as box:
        _, parts = box.client.uid("FETCH", "1", "(BODY.PEEK[])")
    raw = parts[0][1]
    assert raw.endswith(sent)
    assert raw.startswith(b"Return-Path: <a@b.example>\r\nDelivered-To: ann@b.example\r\nReceived:")


@only_sqlite
def test_a_plus_address_leads_to_the_mailbox_before_the_plus(world):
    world.send(mail(), "Support+c0ffee@casewright.example")

    [found] = world.mails(SUPPORT)
    assert found.headers["delivered-to"] == ("Support+c0ffee@casewright.example",)
    assert world.mails("Support+other@casewright.example")[0].uid == found.uid


@only_sqlite
def test_one_mail_to_several_lies_once_in_each_mailbox(world):
    world.send(mail(), "ann@b.example", "ANN@b.example", "ann+x@b.example", "bo@b.example")

    assert [len(world.mails(name)) for name in ("ann@b.example", "bo@b.example")] == [1, 1]


@only_sqlite
def test_mail_for_anybody_stays_here(world):
    strange = ["someone@gmail.com", "a%b.example@c.example", "a!b@c.example", "..@c.example"]
    for address in strange:
        world.send(mail(), address)

    boxes = world.place.folder / "boxes"
    assert {world.place.box(address).parent for address in strange} == {boxes}
    assert len(list(boxes.iterdir())) == len(strange)
    assert [len(world.mails(address)) for address in strange] == [1] * len(strange)


@only_sqlite
@pytest.mark.parametrize(
    ("address", "code"),
    [("nobody@b.example", 550), ("no address", 553), ("../../x@b.example/..", 553)],
)
def test_an_address_nobody_has_is_refused_for_good(world, address, code):
    with smtplib.SMTP(HOST, world.place.smtp_port, timeout=10) as server:
        server.helo("b.example")
        server.mail("a@b.example")
        assert server.docmd("RCPT", f"TO:<{address}>")[0] in {code, 501}


@only_sqlite
def test_a_mail_that_is_too_large_is_refused(world):
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        world.send(b"Subject: big\r\n\r\n" + b"x" * 31_000_000, SUPPORT)
    assert refused.value.smtp_code == 552


@only_sqlite
def test_only_the_owner_reads_a_mailbox(world):
    world.send(mail(), "ann@b.example")
    ann, bo = (world.place.password(name) for name in ("ann@b.example", "bo@b.example"))

    assert ann != bo
    stranger = MailBoxUnencrypted(HOST, world.place.imap_port, 10)
    with pytest.raises(MailboxLoginError):
        stranger.login("ann@b.example", bo)
    stranger.client.shutdown()
    with smtplib.SMTP(HOST, world.place.smtp_port, timeout=10) as server:
        server.ehlo()
        with pytest.raises(smtplib.SMTPAuthenticationError):
            server.login("ann@b.example", bo)
        server.login("ann@b.example", ann)


@only_sqlite
def test_mails_taken_before_a_kill_are_there_after_it_with_their_numbers(world):
    def _send(number):
        world.send(mail(f"Mail {number}"), SUPPORT)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_send, range(40)))
    before = {found.uid: found.subject for found in world.mails(SUPPORT)}
    _send(40)
    world.kill()
    (world.place.box(SUPPORT) / "dovecot-uidlist.lock").touch()
    world.start()
    _send(41)

    after = {found.uid: found.subject for found in world.mails(SUPPORT)}
    assert len(after) == 42
    assert before.items() <= after.items()


@only_sqlite
def test_a_mail_that_comes_is_heard_of_while_somebody_waits(world):
    with world.box(SUPPORT) as box, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(box.idle.wait, timeout=8)
        world.send(mail(), SUPPORT)
        assert b"* 1 EXISTS" in waiting.result(10)


@only_sqlite
def test_mails_are_numbered_as_they_came(world):
    for number in range(12):
        world.send(mail(f"Mail {number}"), SUPPORT)

    assert [found.subject for found in world.mails(SUPPORT)] == [f"Mail {n}" for n in range(12)]


@only_sqlite
def test_mails_can_be_copied_and_moved_whole(world):
    world.send(mail("One", "Contents of one."), SUPPORT)
    world.send(mail("Two", "Contents of two."), SUPPORT)

    with world.box(SUPPORT) as box:
        box.folder.create("Done")
        box.copy("1", "Done")
        box.move("2", "Done")
        left = [found.subject for found in box.fetch(mark_seen=False)]
        box.folder.set("Done")
        texts = [found.text.strip() for found in box.fetch(mark_seen=False)]
    assert (left, texts) == (["One"], ["Contents of one.", "Contents of two."])


@only_sqlite
def test_the_servers_end_when_asked_though_somebody_is_connected(world):
    with world.box(SUPPORT):
        assert world.stop() == 0
    world.start()


def test_a_database_that_is_away_leaves_the_mail_with_its_sender(tmp_path):
    world = World(tmp_path, f"sqlite:///{tmp_path}/missing.db")
    world.start()
    try:
        with pytest.raises(smtplib.SMTPDataError) as kept:
            world.send(mail(), SUPPORT)
    finally:
        world.kill()
    assert kept.value.smtp_code == 451


def test_an_alias_leads_to_its_mailbox(product):
    with product.db.write() as session:
        seeds.plant(session)
        _write_down(session, hire(session)["serviceUser"])
    assert serve.home(product.db, "Invoices+7@casewright.example") == "sales@casewright.example"
    assert serve.home(product.db, "Ann+x@b.example") == "ann@b.example"


def _write_down(session, owner):
    queue = session.scalars(select(Queue)).first()
    sales = Mailbox(
        address="sales@casewright.example", sender_name="Sales", owner_id=owner.id,
        queue_id=queue.id, created_at=utc_now(),
    )  # fmt: skip
    session.add(sales)
    session.flush()
    session.add(MailboxAlias(mailbox_id=sales.id, address="invoices@casewright.example"))


def test_ports_are_kept_and_chosen_anew_only_when_taken(tmp_path):
    first = settle(tmp_path)
    assert settle(tmp_path) == first == at(tmp_path)
    with socket.socket() as other:
        other.bind((HOST, first.imap_port))
        other.listen()
        moved = settle(tmp_path)
    assert moved.imap_port != first.imap_port
    assert moved.password(SUPPORT) == first.password(SUPPORT)
    assert stat.S_IMODE((moved.folder / "key").stat().st_mode) == 0o600


def test_a_demo_gives_its_parts_the_mail_world(tmp_path, monkeypatch):
    monkeypatch.delenv("SMTP_URL", raising=False)
    settings = LaunchSettings(data_dir=tmp_path, casewright_demo=True)
    assert parts.post_world(settings) == {"SMTP_URL": at(tmp_path).smtp_url}

    monkeypatch.setenv("SMTP_URL", "smtp://mail.example.com")
    assert parts.post_world(settings) == {"SMTP_URL": "smtp://mail.example.com"}


@pytest.mark.parametrize("missing", ["aiosmtpd", "pymap"])
def test_without_its_packages_a_demo_has_no_mail_world(tmp_path, monkeypatch, missing):
    settle(tmp_path)
    found = parts.find_spec
    monkeypatch.setattr(parts, "find_spec", lambda name: None if name == missing else found(name))
    assert parts.post_world(LaunchSettings(data_dir=tmp_path, casewright_demo=True)) == {}
    assert at(tmp_path) is None


def test_outside_a_demo_there_is_no_mail_world(tmp_path):
    assert parts.post_world(LaunchSettings(data_dir=tmp_path, casewright_demo=False)) == {}
    assert not (tmp_path / "post").exists()


def test_a_folder_without_a_mail_world_has_none(tmp_path):
    settle(tmp_path)
    abandon(tmp_path)
    assert at(tmp_path) is None
    shutil.rmtree(tmp_path / "post")
    assert at(tmp_path) is None


@pytest.mark.parametrize("ports", ["", "[]", "{}", '{"smtp": 1}', '{"smtp": 0, "imap": 99999}'])
def test_a_broken_note_of_the_ports_counts_as_none(tmp_path, ports):
    settle(tmp_path)
    (tmp_path / "post" / "ports.json").write_text(ports)
    assert at(tmp_path) is None


def test_a_named_mail_is_delivered_once(tmp_path):
    for _ in range(3):
        maildir.deliver(tmp_path / "new box", b"one", name="1@x", lasting=False)
        maildir.deliver(tmp_path / "read box", b"one", name="1@x", read=True)
    maildir.deliver(tmp_path / "new box", b"two", name="2@x")

    assert len(list((tmp_path / "new box/new").iterdir())) == 2
    assert len(list((tmp_path / "read box/cur").iterdir())) == 1
    assert not list((tmp_path / "new box/tmp").iterdir())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ann+news@B.example", "ann@b.example"),
        (" ann@b.example ", "ann@b.example"),
        ("a+b+c@d.example", "a@d.example"),
        ("no address", "no address"),
    ],
)
def test_what_follows_a_plus_is_no_part_of_a_mailbox(written, meant):
    assert without_plus(written) == meant
