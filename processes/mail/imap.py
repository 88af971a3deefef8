"""Talking to IMAP servers: connected with care, asked little, never believed blindly."""

import imaplib
import re
import select
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import (
    ImapToolsError,
    MailboxFetchError,
    MailboxFolderSelectError,
    MailboxTaggedResponseError,
)

from processes.mail.faults import explained, no_folder
from processes.mail.models import Security
from processes.mail.servers import Server

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
"""As RFC 3501 writes them, whatever the locale."""
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds of silence, seconds between questions, questions without answer (tcp(7))."""


class Connection:
    """A conversation with one IMAP server; whatever goes wrong in it is a MailServerError."""

    def __init__(self, server: Server, seconds: float) -> None:
        """Connect, the certificate checked; each answer may take `seconds`."""
        self._server = server
        with self._told():
            self._client = _client(server, seconds)
        _keep_alive(self._client.client.sock)

    def sign_in(self) -> None:
        """Sign in and learn what the server can."""
        with self._told():
            client, server = self._client, self._server
            login = client.login if server.password.isascii() else client.login_utf8
            login(server.user, server.password, initial_folder=None)
            _, answer = client.client.capability()
            words = (answer[-1] or b"").decode("ascii", errors="replace").upper()
            client.client.capabilities = tuple(words.split())

    def enter(self, folder: str) -> int:
        """Open a folder to read and change it; return its UIDVALIDITY (RFC 3501 2.3.1.1)."""
        with self._told(folder):
            try:
                self._client.folder.set(folder)
            except MailboxFolderSelectError as error:
                names = self.folder_names()
                if folder in names:
                    raise
                raise no_folder(self._server, folder, names) from error
            self._came()  # how many there were is no news
            _, found = self._client.client.response("UIDVALIDITY")
            number = found[0] if found else None
            return int(number) if isinstance(number, bytes) and number.isdigit() else 0

    def folder_names(self) -> list[str]:
        """Return the account's folders; none when the server does not tell."""
        with suppress(ImapToolsError):
            return [folder.name for folder in self._client.folder.list()]
        return []

    def provide(self, folder: str) -> None:
        """Make a folder unless it is there."""
        with self._told(folder):
            if folder in self.folder_names():
                return
            self._client.folder.create(folder)
            with suppress(ImapToolsError):
                self._client.folder.subscribe(folder, value=True)

    def next_uid(self, folder: str) -> int:
        """Return the smallest number a mail that comes from now on can have."""
        with self._told(folder):
            return self._client.folder.status(folder, ["UIDNEXT"])["UIDNEXT"]

    def newer(self, uid: int) -> list[int]:
        """Return the numbers above `uid` in the open folder, ascending.

        `n:*` names the last mail even when its number is smaller (RFC 3501 6.4.8).
        """
        with self._told():
            found = (int(n) for n in self._client.uids(f"UID {uid + 1}:*", charset=None))
            return sorted(number for number in found if number > uid)

    def unread_or_since(self, day: date) -> list[int]:
        """Return the numbers of mails nobody has read and of those that came since a day."""
        since = f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        with self._told():
            found = self._client.uids(f"OR UNSEEN SINCE {since}", charset=None)
            return sorted(int(number) for number in found)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return bytes by number, as the server tells; a mail that has gone is left out."""
        found: dict[int, int] = {}
        for line in self._ask(",".join(map(str, uids)), "(UID RFC822.SIZE)"):
            head = line[0] if isinstance(line, tuple) else line
            uid, size = _UID.search(head), _SIZE.search(head)
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return found

    def raw(self, uid: int, section: str = "") -> bytes | None:
        """Return a whole mail, or its `HEADER`, without marking it; None when it has gone."""
        for line in self._ask(str(uid), f"(UID BODY.PEEK[{section}])"):
            if isinstance(line, tuple) and (found := _UID.search(line[0])) and int(found[1]) == uid:
                return bytes(line[1])
        return None

    def mark_read(self, uids: Sequence[int]) -> None:
        """Mark mails of the open folder as read."""
        with self._told():
            self._client.flag([str(uid) for uid in uids], ["\\Seen"], value=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails of the open folder to another, which is made if need be."""
        self.provide(folder)
        with self._told(folder):
            self._client.move([str(uid) for uid in uids], folder)

    def delete(self, uids: Sequence[int]) -> None:
        """Remove mails of the open folder for good."""
        with self._told():
            self._client.delete([str(uid) for uid in uids])

    def append(self, content: bytes, folder: str) -> None:
        """Put a mail into a folder."""
        with self._told(folder):
            self._client.append(content, folder)

    @property
    def can_idle(self) -> bool:
        """Whether the server says by itself that mail has come (RFC 2177)."""
        return "IDLE" in self._client.client.capabilities

    def begin_idling(self) -> bool:
        """Have the server say by itself what changes; tell whether mail came until then."""
        with self._told():
            try:
                self._client.idle.start()
            except MailboxTaggedResponseError:  # it had something else to say first
                while self._client.client._get_response() is not None:  # noqa: SLF001
                    continue
            return self._came()

    def hears(self, seconds: float) -> bool:
        """Wait up to `seconds`; tell whether the server said something, or hung up.

        What it said is read by `end_idling`, line by whole line.
        """
        with self._told():
            if self._has_heard():
                return True
            waiting = select.poll()
            waiting.register(self._client.client.socket(), select.POLLIN)
            return bool(waiting.poll(seconds * 1000))

    def _has_heard(self) -> bool:
        """Tell whether the server said more than was read: it lies here, the socket is silent.

        A server's answer to IDLE and the news of a mail can come in one piece.
        """
        client = self._client.client
        sock = client.socket()
        patience = sock.gettimeout()
        sock.settimeout(0)
        try:
            return bool(client.file.peek(1))  # type: ignore[union-attr]  # it is buffered
        except ssl.SSLWantReadError:
            return False
        finally:
            sock.settimeout(patience)

    def end_idling(self) -> bool:
        """Take the word again; tell whether mail came since it was given away."""
        with self._told():
            self._client.idle.stop()
            return self._came()

    def _came(self) -> bool:
        """Tell whether the server spoke of a number of mails since it was asked before."""
        _, numbers = self._client.client.response("EXISTS")
        return any(numbers)

    def close(self) -> None:
        """Take leave, however the other side takes it."""
        with suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
            self._client.logout()
        with suppress(OSError):
            self._client.client.shutdown()

    def _ask(self, uids: str, parts: str) -> list[Any]:
        with self._told():
            status, lines = self._client.client.uid("FETCH", uids, parts)
            if status != "OK":
                raise MailboxFetchError((status, lines), "OK")
            return [line for line in lines if line is not None]

    @contextmanager
    def _told(self, folder: str = "") -> Iterator[None]:
        try:
            yield
        except (OSError, ImapToolsError, ValueError, imaplib.IMAP4.error) as error:
            raise explained(error, self._server, folder=folder) from error


@contextmanager
def opened(server: Server, seconds: float) -> Iterator[Connection]:
    """Give a signed-in connection, closed at the end. Raises MailServerError."""
    connection = Connection(server, seconds)
    try:
        connection.sign_in()
        yield connection
    finally:
        connection.close()


class _StartTls(MailBoxStartTls):
    """The library's own, but a connection that cannot be protected is closed at once."""

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4(self._host, self._port, self._timeout)
        try:
            client.starttls(self._ssl_context)
        except BaseException:
            with suppress(OSError):
                client.shutdown()
            raise
        return client


def _client(server: Server, seconds: float) -> BaseMailBox:
    context = ssl.create_default_context()
    match server.security:
        case Security.TLS:
            return MailBox(server.host, server.port, timeout=seconds, ssl_context=context)
        case Security.STARTTLS:
            return _StartTls(server.host, server.port, timeout=seconds, ssl_context=context)
        case Security.NONE:
            return MailBoxUnencrypted(server.host, server.port, timeout=seconds)


def _keep_alive(sock: socket.socket) -> None:
    """Have the system notice a peer that has gone without a word."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
