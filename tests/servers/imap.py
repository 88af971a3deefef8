"""A real IMAP server for tests: Dovecot where the machine has it, else pymap.

Accounts are made while it runs; whatever is delivered to them comes in by APPEND, as a mail
server's delivery would have it. Other programs reach it by its ports like any mail server.
"""

import secrets
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imap_tools import BaseMailBox, MailBoxUnencrypted

from tests.servers.dovecot import Dovecot
from tests.servers.pymap import Pymap

HOST = "127.0.0.1"
_DOVECOT = shutil.which("dovecot")
PROGRAM = "Dovecot" if _DOVECOT else "pymap"
"""Which server this machine's tests use."""
_PATIENCE = 20


class Program(Protocol):
    """What serves IMAP."""

    port: int
    """Without any protection."""

    def start(self) -> None:
        """Listen; returns when connections are taken."""

    def stop(self) -> None:
        """Cut all connections and end."""

    def add(self, user: str, password: str) -> None:
        """Let a user sign in from now on."""


@dataclass(frozen=True)
class Account:
    """An account with an empty mailbox of its own."""

    address: str
    password: str
    port: int

    def sign_in(self) -> BaseMailBox:
        """Return a connection to look into the account; the caller closes it."""
        return MailBoxUnencrypted(HOST, self.port, 10).login(self.address, self.password)

    def put(self, *contents: bytes, folder: str = "INBOX") -> None:
        """Put raw mails into a folder, unread."""
        with self.sign_in() as box:
            for content in contents:
                box.append(content, folder)

    def subjects(self, folder: str = "INBOX") -> list[str]:
        """Return the subjects in a folder, oldest first."""
        with self.sign_in() as box:
            box.folder.set(folder)
            return [mail.subject for mail in box.fetch(mark_seen=False)]

    def unread(self, folder: str = "INBOX") -> int:
        """Return how many mails of a folder nobody has read."""
        with self.sign_in() as box:
            return box.folder.status(folder, ["UNSEEN"])["UNSEEN"]

    def start_over(self, folder: str) -> None:
        """Make a folder anew, so that its UIDVALIDITY is another; its mails are gone."""
        with self.sign_in() as box:
            if folder in [item.name for item in box.folder.list()]:
                box.folder.delete(folder)
                time.sleep(1.1)  # a UIDVALIDITY may be made of seconds
            box.folder.create(folder)


class ImapServer:
    """An IMAP server with any number of accounts; what the machine has unless told which."""

    def __init__(self, folder: Path, program: Program | None = None) -> None:
        self.program: Program = program or (
            Dovecot(Path(_DOVECOT), folder) if _DOVECOT else Pymap()
        )
        self._accounts: dict[str, Account] = {}
        self.plus_addresses = True
        """Whether `name+anything@` is delivered to `name@`."""

    @property
    def port(self) -> int:
        """Return the port that speaks IMAP without any protection."""
        return self.program.port

    def start(self) -> None:
        """Start the program and wait until it answers."""
        self.program.start()
        last = time.monotonic() + _PATIENCE
        while True:
            try:
                socket.create_connection((HOST, self.port), 1).close()
            except OSError:
                if time.monotonic() > last:
                    raise
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """End the program."""
        self.program.stop()

    def account(self, name: str = "", password: str = "") -> Account:
        """Return a new account; its address is random unless named."""
        address = name or f"box-{secrets.token_hex(4)}@post.example"
        made = Account(address, password or secrets.token_hex(8), self.port)
        self.program.add(made.address, made.password)
        self._accounts[address] = made
        return made

    def deliver(self, address: str, content: bytes) -> bool:
        """Put a mail into the inbox of whoever has the address; False when nobody does."""
        name, _, domain = address.lower().partition("@")
        plain = f"{name.partition('+')[0]}@{domain}" if self.plus_addresses else address.lower()
        found = self._accounts.get(address.lower()) or self._accounts.get(plain)
        if found is None:
            return False
        found.put(content)
        return True
