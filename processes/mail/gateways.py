"""Ways out of the house."""

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from processes.config import Settings

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

    def __init__(self, url: str, seconds: float) -> None:
        self._url = urlsplit(url)
        self._patience = seconds / _MOST_ANSWERS

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Mapping[str, str]:
        """Hand the mail to the server. Raises RefusedError for its final no."""
        sender = message["From"].addresses[0].addr_spec
        try:
            server = self._connect()
            try:
                refused = server.send_message(message, sender, list(recipients))
            finally:
                _part(server)
        except smtplib.SMTPRecipientsRefused as nobody:
            codes = [code for code, _ in nobody.recipients.values()]
            told = "; ".join(
                dict.fromkeys(_words(words) for _, words in nobody.recipients.values())
            )
            raise _judged(min(codes, default=0), told or "recipient refused") from nobody
        except smtplib.SMTPResponseException as answer:
            raise _judged(answer.smtp_code, _words(answer.smtp_error)) from answer
        return {name: f"{code} {_words(words)}" for name, (code, words) in refused.items()}

    def _connect(self) -> smtplib.SMTP:
        host, url = self._url.hostname or "localhost", self._url
        server: smtplib.SMTP
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(
                host, url.port or 465, timeout=self._patience, context=context
            )
        else:
            server = smtplib.SMTP(host, url.port or 25, timeout=self._patience)
        if url.username:
            if url.scheme != "smtps":
                server.starttls(context=ssl.create_default_context())
            server.login(unquote(url.username), unquote(url.password or ""))
        return server


def gateway_for(settings: Settings) -> Gateway | None:
    """Return the configured way out; None keeps mails in the outbox, marked as not sent."""
    if settings.smtp_url is None:
        return None
    return Smtp(settings.smtp_url.get_secret_value(), settings.mail_lease_seconds)


def _part(server: smtplib.SMTP) -> None:
    """Take leave; however the server answers, a mail it has taken is taken."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _judged(code: int, words: str) -> Exception:
    text = f"{code} {words}"
    return RefusedError(text) if code >= _PERMANENT else OSError(text)


def _words(error: bytes | str) -> str:
    return error.decode(errors="replace") if isinstance(error, bytes) else error
