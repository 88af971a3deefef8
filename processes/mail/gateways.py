"""Ways out of the house."""

import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from sqlalchemy.orm import Session

from processes.config import Settings
from processes.database import house
from processes.mail.models import Mailbox, OutgoingMail
from processes.mail.passwords import UnreadablePasswordError
from processes.mail.servers import Server, smtp_server
from processes.mail.smtp import connect, part, server_at

_MOST_ANSWERS = 12
"""Waits in the longest conversation: greeting, EHLO, STARTTLS, EHLO, AUTH (2), MAIL to QUIT."""
_PERMANENT = 500


class RefusedError(Exception):
    """The mail server will never take this mail."""


class Gateway(Protocol):
    """Something that takes a finished mail."""

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Mapping[str, str]:
        """Hand the mail over; return whom the server did not take it for, and its words.

        Raises RefusedError when it takes it for nobody, or OSError when trying later may help.
        """


class Smtp:
    """A mail server, spoken to over one connection a mail, in less than `seconds` altogether."""

    def __init__(self, server: Server | str, seconds: float) -> None:
        self._server = server_at(server) if isinstance(server, str) else server
        self._patience = seconds / _MOST_ANSWERS

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Mapping[str, str]:
        """Hand the mail to the server. Raises RefusedError for its final no."""
        sender = message["From"].addresses[0].addr_spec
        try:
            server = connect(self._server, self._patience)
            try:
                refused = server.send_message(message, sender, list(recipients))
            finally:
                part(server)
        except smtplib.SMTPRecipientsRefused as nobody:
            codes = [code for code, _ in nobody.recipients.values()]
            told = "; ".join(
                dict.fromkeys(_words(words) for _, words in nobody.recipients.values())
            )
            raise _judged(min(codes, default=0), told or "recipient refused") from nobody
        except smtplib.SMTPResponseException as answer:
            raise _judged(answer.smtp_code, _words(answer.smtp_error)) from answer
        return {name: f"{code} {_words(words)}" for name, (code, words) in refused.items()}


@dataclass(frozen=True)
class Closed:
    """A way out that somebody must open first: it refuses every mail, with the reason."""

    why: str

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Mapping[str, str]:
        """Raise RefusedError."""
        del message, recipients
        raise RefusedError(self.why)


def gateway_for(settings: Settings) -> Gateway | None:
    """Return the configured way out; None keeps mails in the outbox, marked as not sent."""
    if settings.smtp_url is None:
        return None
    return Smtp(settings.smtp_url.get_secret_value(), settings.mail_lease_seconds)


def gateway_of(session: Session, mail: OutgoingMail, otherwise: Gateway | None) -> Gateway | None:
    """Return the way out for one mail: its mailbox's own server, or `otherwise`, the house's.

    When the mailbox's password can no longer be read, that way refuses every mail and says so.
    """
    mailbox = session.get(Mailbox, mail.mailbox_id) if mail.mailbox_id else None
    if mailbox is None or not mailbox.smtp_host:
        return otherwise
    settings = house(session)
    try:
        server = smtp_server(mailbox, settings.secret_key)
    except UnreadablePasswordError:
        return Closed(f"the SMTP password of {mailbox.address} cannot be read; enter it again")
    return Smtp(server, settings.mail_lease_seconds)


def _judged(code: int, words: str) -> Exception:
    text = f"{code} {words}"
    return RefusedError(text) if code >= _PERMANENT else OSError(text)


def _words(error: bytes | str) -> str:
    return error.decode(errors="replace") if isinstance(error, bytes) else error
