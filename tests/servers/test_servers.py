"""The servers that tests rely on are real and behave."""

import smtplib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser
from redis import Redis
from sqlalchemy import select, text

from engine import clock
from engine.db import Database
from engine.models import WorkerBeat
from tests.servers.imap import ImapServer
from tests.servers.smtp import MailServer, Mode
from tests.servers.web import served

_FILE = b"a small file"


def _write(db: Database) -> None:
    with db.write() as session:
        now = clock.utc_now()
        session.add(WorkerBeat(name="a worker", started_at=now, seen_at=now, detail={}))


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
def test_each_test_finds_a_clean_database(db: Database, again: bool) -> None:
    with db.read() as session:
        assert session.scalars(select(WorkerBeat)).all() == []
    _write(db)


def test_the_database_is_the_one_it_is_called(db: Database, dialect: str) -> None:
    assert db.dialect == dialect
    with db.read() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_redis_answers(redis_url: str) -> None:
    path = redis_url.removeprefix("redis+socket://")
    with Redis(unix_socket_path=path) as client:
        assert client.ping()


def test_chromium_runs_scripts(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1></h1><script>document.querySelector('h1').textContent = 1 + 1</script>")
    assert page.inner_text("h1") == "2"
    page.close()


def test_mail_arrives_until_the_server_refuses(mail_server: MailServer) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Grüße", "a@example.org", "b@example.org"
    mail.set_content("Hallo")
    host, port = mail_server.url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as client:
        client.send_message(mail)
        mail_server.mode = Mode.REFUSE
        with pytest.raises(smtplib.SMTPDataError, match="550"):
            client.send_message(mail)
    assert [message["Subject"] for message in mail_server.messages] == ["Grüße"]


def test_mail_that_is_sent_lies_in_the_mailbox_and_is_told_of_at_once(
    imap_server: ImapServer, post_office: MailServer
) -> None:
    account = imap_server.account("mila@post.example", "geheim")
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Grüße", "a@post.example", "mila+tag@post.example"
    mail.set_content("Hallo")
    with account.sign_in() as waiting, waiting.idle:
        host, port = post_office.url.removeprefix("smtp://").split(":")
        with smtplib.SMTP(host, int(port)) as client:
            client.send_message(mail)
        assert b"EXISTS" in heard(waiting.client.socket())
    assert account.subjects() == ["Grüße"]
    assert account.unread() == 1


def heard(connection: socket.socket) -> bytes:
    """Return what comes of its own accord, in whole lines; a line may come in two pieces."""
    connection.settimeout(5)
    told = b""
    while not told.endswith(b"\r\n"):
        told += connection.recv(4096)
    return told


def test_a_folder_made_anew_counts_anew(imap_server: ImapServer) -> None:
    account = imap_server.account()
    numbers = []
    for _ in range(2):
        account.start_over("Support")
        with account.sign_in() as box:
            numbers.append(box.folder.status("Support", ["UIDVALIDITY"])["UIDVALIDITY"])
    assert len(set(numbers)) == 2


def test_what_was_sent_to_a_browser_that_went_away_is_closed() -> None:
    gone, closed = threading.Event(), threading.Event()

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            yield _FILE
            gone.wait(5)

        def close(self) -> None:
            closed.set()

    def answer(_environ: object, start_response: Callable[..., object]) -> Body:
        start_response("200 OK", [("Content-Length", str(len(_FILE)))])
        return Body()

    with (
        served(answer) as address,
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as browser,
    ):
        browser.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        received = b""
        while _FILE not in received:
            received += browser.recv(1000)
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        browser.close()  # by a reset, as one closes that has given up
        gone.set()
        assert closed.wait(5)
