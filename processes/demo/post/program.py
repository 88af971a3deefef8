"""A customer's mail program: reads over IMAP and sends over SMTP, on this machine only."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses
from imaplib import IMAP4
from typing import cast

from imap_tools import MailBoxUnencrypted, MailMessage
from imap_tools.errors import ImapToolsError

from engine.errors import NotFoundError, UnavailableError
from processes.demo.post.customer_mail import (
    FOLDERS,
    SENT,
    Enclosure,
    MailLine,
    OpenMail,
    moment,
    words,
)
from processes.demo.post.place import HOST, Place
from processes.mail.addresses import without_plus

_PATIENCE = 8
"""Seconds a server of this machine may take to answer."""
_MOST = 300
"""Mails a folder; older ones are not listed."""
_SHOWN = 50_000
"""Bytes that are shown of a mail nobody can read."""
_ID = re.compile(r"<([^<>\s]{1,500})>")
_AWAY = (OSError, IMAP4.error, ImapToolsError, smtplib.SMTPException)


class MailProgram:
    """A connection to one customer's mailbox."""

    def __init__(self, box: MailBoxUnencrypted) -> None:
        self._box = box

    def mails(self) -> list[MailLine]:
        """Return the newest mails of both folders."""
        found = []
        for folder, name in FOLDERS.items():
            if folder == SENT and not self._box.folder.exists(name):
                continue
            self._box.folder.set(name)
            mails = self._box.fetch(
                mark_seen=False, headers_only=True, bulk=True, limit=_MOST, reverse=True
            )
            found += [_listed(folder, mail) for mail in mails]
        return found

    def open(self, folder: str, uid: int) -> OpenMail:
        """Return a mail and mark it as read. Raises NotFoundError when there is none."""
        name = FOLDERS.get(folder)
        if name is None or (folder == SENT and not self._box.folder.exists(name)):
            raise NotFoundError
        self._box.folder.set(name)
        _, parts = self._box.client.uid("FETCH", str(uid), "(UID FLAGS BODY[])")
        whole = [part for part in parts if isinstance(part, tuple)]
        if not whole:
            raise NotFoundError
        return _opened(_listed(folder, MailMessage(parts)), whole[0][1])

    def keep(self, message: EmailMessage) -> None:
        """Put a mail that was sent into the folder of sent ones."""
        name = FOLDERS[SENT]
        if not self._box.folder.exists(name):
            self._box.folder.create(name)
        self._box.append(message.as_bytes(policy=policy.SMTP), name, flag_set=["\\Seen"])


@contextmanager
def opened(place: Place, address: str) -> Iterator[MailProgram]:
    """Give the mailbox of an address; one nobody wrote to yet is empty.

    Raises UnavailableError when the server does not answer.
    """
    try:
        login = MailBoxUnencrypted(HOST, place.imap_port, _PATIENCE).login
        with login(address, place.password(address)) as box:
            yield MailProgram(box)
    except _AWAY as error:
        raise UnavailableError from error


def send(place: Place, message: Message, *, sender: str, to: list[str]) -> None:
    """Send a mail; `sender` is what the envelope says, empty for reports.

    Raises RefusedError when the server will not take it, UnavailableError when it is away.
    """
    try:
        with smtplib.SMTP(HOST, place.smtp_port, timeout=_PATIENCE) as server:
            server.send_message(message, from_addr=sender, to_addrs=to)
    except smtplib.SMTPResponseException as refused:
        raise RefusedError(_said(refused.smtp_error)) from refused
    except smtplib.SMTPRecipientsRefused as refused:
        _, answer = next(iter(refused.recipients.values()))
        raise RefusedError(_said(answer)) from refused
    except _AWAY as error:
        raise UnavailableError from error


class RefusedError(Exception):
    """The mail server did not take the mail; the text is its own."""


def _said(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


def _listed(folder: str, mail: MailMessage) -> MailLine:
    """Return the line of a mail; one that cannot be read has an empty one, and hides no other."""
    try:
        return _read_line(folder, mail)
    except Exception:  # noqa: BLE001 - ADR 15: odd headers raise IndexError, RecursionError, …
        # This is the customers' own mail program, by the standard library on purpose: read with
        # our reader, a demo would never show a mail that another program reads otherwise.
        uid, unread = int(mail.uid or 0), "\\Seen" not in mail.flags
        return MailLine(folder, uid, "", (), "?", "", "", "", "", moment(None), unread)


def _read_line(folder: str, mail: MailMessage) -> MailLine:
    sender, receivers = mail.from_values, mail.to_values
    return MailLine(
        folder=folder,
        uid=int(mail.uid or 0),
        message_id=next(iter(_ids(mail, "message-id")), ""),
        references=tuple(_ids(mail, "references") + _ids(mail, "in-reply-to")),
        from_name=_line(sender.name or sender.email) if sender else "",
        from_address=_line(sender.email) if sender else "",
        to=_line(", ".join(one.name or without_plus(one.email) for one in receivers)),
        to_addresses=_line(", ".join(one.email for one in receivers)),
        subject=_line(mail.subject),
        sent_at=moment(mail.date),
        unread="\\Seen" not in mail.flags,
    )


def _ids(mail: MailMessage, header: str) -> list[str]:
    return _ID.findall(" ".join(str(value) for value in mail.obj.get_all(header) or ()))


def _opened(line: MailLine, raw: bytes) -> OpenMail:
    """Return a mail taken apart; one that cannot be is shown as it came."""
    try:
        return _taken_apart(line, raw)
    except Exception:  # noqa: BLE001 - as in `_listed`; what is shown instead is the mail itself
        source = raw[:_SHOWN].decode("utf-8", "replace").replace("\x00", "")
        return OpenMail(line, line.from_address, "", (), source, "", (), raw)


def _taken_apart(line: MailLine, raw: bytes) -> OpenMail:
    message = message_from_bytes(raw, policy=policy.default)
    text, html = words(message)
    answered = getaddresses([_header(message, "Reply-To")]) or [("", line.from_address)]
    return OpenMail(
        line=line,
        reply_to=_line(answered[0][1]) or line.from_address,
        returned_to=_header(message, "Return-Path").strip().strip("<>"),
        headers=tuple((name, _header(message, name)) for name in dict.fromkeys(message.keys())),
        text=_clean(text),
        html=_clean(html),
        files=tuple(_enclosures(message)),
        raw=raw,
    )


def _header(message: EmailMessage, name: str) -> str:
    """Return all values of a header, one below the other."""
    return _clean("\n".join(str(value) for value in message.get_all(name, ())))


def _clean(text: str) -> str:
    """Return a text that can be written on a page: no half characters, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _enclosures(message: EmailMessage) -> Iterator[Enclosure]:
    for part in cast("Iterator[EmailMessage]", message.walk()):
        identity = str(part["Content-ID"] or "").strip().strip("<>")
        if part.is_multipart() or not (part.get_filename() or identity):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            name = part.get_filename() or part.get_content_type()
            yield Enclosure(_line(name), part.get_content_type(), content, identity)
