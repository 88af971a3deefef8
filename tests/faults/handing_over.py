"""Which mails were handed to a server without anybody having been able to note that: only these
may arrive again.

A sender leaves a file before it hands a mail over and takes it away once the mail is marked as
sent. What kills it, cuts its line or takes the database away in between leaves the file.
"""

import smtplib
import time
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from engine.jobs import OutdatedClaimError
from processes.mail import delivery

_NOTE = "handed-over-"
_TAKEN = 250


def unnoted(folder: Path) -> Counter[str]:
    """Count, by message id, how often a sender was kept from noting that it handed a mail over."""
    return Counter(path.read_text() for path in folder.glob(f"{_NOTE}*"))


class _Sender:
    """The one mail a process is sending."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._note: Path | None = None
        self._at = 0.0

    def deliver(self, *arguments: Any, lease_seconds: float) -> None:
        """As the product does. Who finds its claim lost within its lease has no excuse."""
        self._note = None
        try:
            _deliver(*arguments, lease_seconds=lease_seconds)
        except OutdatedClaimError:
            if time.monotonic() < self._at + lease_seconds:
                self._take_back()
            raise
        self._take_back()

    def data(self, client: smtplib.SMTP, content: str | bytes) -> tuple[int, bytes]:
        """Hand a mail over; when the server says no there is nothing to note."""
        raw = content.encode() if isinstance(content, str) else content
        self._note, self._at = self._folder / f"{_NOTE}{uuid4()}", time.monotonic()
        self._note.write_text(str(BytesHeaderParser().parsebytes(raw)["Message-ID"]).strip("<>"))
        code, words = _data(client, content)
        if code != _TAKEN:
            self._take_back()
        return code, words

    def _take_back(self) -> None:
        if self._note is not None:
            self._note.unlink(missing_ok=True)


_deliver, _data = delivery.deliver, smtplib.SMTP.data


def watch(folder: Path) -> None:
    """Keep account in this process and in what it forks."""
    sender = _Sender(folder)

    def data(client: smtplib.SMTP, msg: Any) -> Any:  # a function, so that it becomes a method
        return sender.data(client, msg)

    delivery.deliver = sender.deliver  # type: ignore[assignment]
    smtplib.SMTP.data = data  # type: ignore[assignment, method-assign]
