"""What an IMAP server says at an odd moment is heard all the same."""

import socket
import time
from contextlib import contextmanager
from threading import Thread

import pytest

from processes.mail.imap import opened
from processes.mail.models import Security
from processes.mail.servers import Server
from tests.servers.certificates import Authority

ANSWERS = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n%s OK done\r\n",
    b"SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n%s OK [READ-WRITE]\r\n",
}


@pytest.fixture(params=["plain", "tls"])
def tls(request, tmp_path, monkeypatch):
    """The server's side of TLS, by an authority the client trusts; None without TLS."""
    if request.param == "plain":
        return None
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority.context("127.0.0.1")


@contextmanager
def server(when_idling: bytes, tls):
    """Serve one client, with these words in one piece as the answer to IDLE."""

    def serve():
        client, _ = listening.accept()
        client = tls.wrap_socket(client, server_side=True) if tls else client
        with client, client.makefile("rb") as lines:
            client.sendall(b"* OK ready\r\n")
            tag = b""
            for line in lines:
                if line.strip() == b"DONE":
                    client.sendall(tag + b" OK done\r\n")
                    continue
                tag, word = line.split()[:2]
                answer = ANSWERS.get(word.upper(), b"%s OK done\r\n")
                client.sendall(when_idling if word == b"IDLE" else answer % tag)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=serve, daemon=True).start()
        security = Security.TLS if tls else Security.NONE
        yield Server("127.0.0.1", listening.getsockname()[1], security, "sanne", "secret")


@pytest.mark.parametrize(
    ("said", "came"),
    [
        (b"+ idling\r\n* 4 EXISTS\r\n", True),
        (b"+ idling\r\n* 3 FETCH (FLAGS (\\Seen))\r\n", False),
    ],
)
def test_what_comes_in_one_piece_with_the_beginning_of_idle_is_heard(tls, said, came):
    with server(said, tls) as at, opened(at, 5) as connection:
        connection.enter("INBOX")
        assert not connection.begin_idling()
        begun = time.monotonic()
        assert connection.hears(4)
        assert time.monotonic() - begun < 2
        assert connection.end_idling() is came


def test_silence_is_silence(tls):
    with server(b"+ idling\r\n", tls) as at, opened(at, 5) as connection:
        connection.enter("INBOX")
        assert not connection.begin_idling()
        assert not connection.hears(0.2)
        assert not connection.end_idling()
        assert not connection.begin_idling()
        assert not connection.hears(0.1)
