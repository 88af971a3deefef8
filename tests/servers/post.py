"""The demo's own mail world, started as `casewright run` starts it."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from imap_tools import MailBoxUnencrypted, MailMessage

from engine.clock import utc_now
from processes.demo.post.place import HOST, Place, settle

_PATIENCE = 20


class World:
    """`casewright post` as a process of its own, on free ports, in a folder of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.place: Place = settle(folder)
        self._environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "k" * 64,
            "CASEWRIGHT_DEMO": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the servers; returns when both take connections."""
        with (self.folder / "post.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "casewright", "post"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        last = time.monotonic() + _PATIENCE
        while not all(map(_listens, (self.place.imap_port, self.place.smtp_port))):
            assert time.monotonic() < last, (self.folder / "post.log").read_text()
            time.sleep(0.05)

    def stop(self) -> int:
        """Ask the servers to end; returns their exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(10)

    def kill(self) -> None:
        """End the servers as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def send(self, message: EmailMessage | bytes, *to: str, sender: str = "a@b.example") -> None:
        """Hand a mail over by SMTP."""
        content = message if isinstance(message, bytes) else message.as_bytes()
        with smtplib.SMTP(HOST, self.place.smtp_port, timeout=10) as server:
            server.sendmail(sender, list(to), content)

    @contextmanager
    def box(self, address: str) -> Iterator[MailBoxUnencrypted]:
        """Give a mailbox by IMAP."""
        found = MailBoxUnencrypted(HOST, self.place.imap_port, 10)
        with found.login(address, self.place.password(address)) as box:
            yield box  # type: ignore[misc]  # the library names the parent class

    def mails(self, address: str) -> list[MailMessage]:
        """Return what lies in an inbox, oldest first, unread ones staying so."""
        with self.box(address) as box:
            return list(box.fetch(mark_seen=False))


def mail(subject: str = "Hello", text: str = "Good morning.", **headers: str) -> EmailMessage:
    """Return a small mail."""
    message = EmailMessage()
    given = {
        "From": "Ann <ann@b.example>",
        "To": "someone@c.example",
        "Message-ID": "<1@b.example>",
    }
    given["Date"] = format_datetime(utc_now())
    for name, value in {**given, **headers, "Subject": subject}.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True
