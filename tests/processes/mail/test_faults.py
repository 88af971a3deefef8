"""What goes wrong with servers, told in words; certificates are always checked."""

import socket
from threading import Thread

import pytest

from engine.sentences import Sentence
from processes.mail import smtp
from processes.mail.faults import MailServerError, explained, kept, read
from processes.mail.imap import opened
from processes.mail.models import Security
from processes.mail.servers import Server
from tests.servers.certificates import Authority
from tests.servers.imap import ImapServer
from tests.servers.pymap import Pymap
from tests.servers.smtp import MailServer

HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def imap_server(tmp_path_factory):
    """A server that takes new certificates while it runs, whatever else the machine has."""
    server = ImapServer(tmp_path_factory.mktemp("imap"), Pymap())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def trusted(authority, monkeypatch):
    """This process trusts the test's authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.fixture
def babbler():
    """Something that is no mail server, and says something that is nobody's business."""
    listener = socket.create_server((HERE, 0))

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\ninternal secret\r\n")

    Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def told_by_imap(server):
    with pytest.raises(MailServerError) as fault, opened(server, 3):
        pass
    return str(fault.value)


def told_by_smtp(server):
    try:
        connection = smtp.connect(server, 3)
    except OSError as error:
        return str(explained(error, server))
    smtp.part(connection)
    return "connected"


@pytest.mark.parametrize("at_once", [True, False], ids=["tls", "starttls"])
def test_a_certificate_is_trusted_only_from_whom_this_machine_trusts(
    imap_server, account, authority, at_once, monkeypatch
):
    port = imap_server.program.listen(tls=authority.context(HERE), at_once=at_once)
    how = Security.TLS if at_once else Security.STARTTLS
    server = Server(HERE, port, how, account.address, account.password)
    assert "comes from nobody this machine trusts" in told_by_imap(server)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with opened(server, 3) as connection:
        assert connection.can_idle
        assert connection.enter("INBOX") > 0


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_name_or_time_is_refused_and_named(
    imap_server, account, authority
):
    for context, words in (
        (authority.context("other.example.org"), "made out to another name"),
        (authority.context(HERE, expired=True), "has expired"),
    ):
        port = imap_server.program.listen(tls=context, at_once=True)
        server = Server(HERE, port, Security.TLS, account.address, account.password)
        assert words in told_by_imap(server)


def test_a_wrong_protection_is_said(imap_server, account):
    for how, words in (
        (Security.TLS, "does not speak TLS"),
        (Security.STARTTLS, "offers no STARTTLS"),
    ):
        server = Server(HERE, imap_server.port, how, account.address, account.password)
        assert words in told_by_imap(server)


@pytest.mark.usefixtures("trusted")
def test_sending_checks_certificates_too(authority, monkeypatch):
    good = MailServer(tls=authority.context(HERE), users={"mila": "geheim"})
    later = MailServer(starttls=authority.context(HERE), users={"mila": "geheim"})
    wrong = MailServer(tls=authority.context("other.example.org"))
    for server in (good, later, wrong):
        server.start()
    try:
        tls, starttls = Security.TLS, Security.STARTTLS
        assert told_by_smtp(Server(HERE, good.port, tls, "mila", "geheim")) == "connected"
        assert told_by_smtp(Server(HERE, later.port, starttls, "mila", "geheim")) == "connected"
        assert "another name" in told_by_smtp(Server(HERE, wrong.port, tls, "", ""))
        refused = told_by_smtp(Server(HERE, good.port, tls, "mila", "wrong-word"))
        assert "refuses the user name or the password" in refused
        assert "wrong-word" not in refused
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "nobody this machine trusts" in told_by_smtp(Server(HERE, good.port, tls, "", ""))
    finally:
        for server in (good, later, wrong):
            server.stop()


def test_what_is_no_mail_server_is_said_without_repeating_its_words(babbler):
    for told in (
        told_by_imap(Server(HERE, babbler, Security.NONE, "mila", "geheim")),
        told_by_smtp(Server(HERE, babbler, Security.NONE, "", "")),
    ):
        assert "is not a mail server" in told
        assert "secret" not in told


def test_a_name_nobody_has_and_a_port_nobody_listens_on_are_told_apart():
    assert "no server called" in told_by_imap(Server("no.such.invalid", 993, Security.TLS, "a"))
    assert "takes no connections" in told_by_smtp(Server(HERE, 1, Security.NONE, ""))


def test_a_silent_server_is_not_waited_for_for_ever():
    listener = socket.create_server((HERE, 0))
    port = listener.getsockname()[1]
    with listener:
        silent = opened(Server(HERE, port, Security.NONE, "mila", "geheim"), 0.3)
        with pytest.raises(MailServerError, match="does not answer"):
            silent.__enter__()


def test_passwords_of_any_letters_are_taken(imap_server):
    account = imap_server.account(password='päss"wörd\\ 1')
    server = Server(HERE, account.port, Security.NONE, account.address, account.password)
    with opened(server, 3) as connection:
        assert connection.folder_names() == ["INBOX"]


def test_a_sentence_is_kept_with_what_it_was_made_of():
    made = Sentence("{host} is away.", host="mail.example.org")
    again = read(kept(made))
    assert (again.template, again.params) == (made.template, made.params)
    assert read("just words") == "just words"
    assert read("") == ""
    assert read("7") == "7"
    assert kept(None) == ""
