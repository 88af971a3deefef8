"""Talking to SMTP servers: connected, protected, signed in."""

import smtplib
import ssl
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from processes.mail.models import Security
from processes.mail.servers import Server

_SMTPS_PORT, _SMTP_PORT = 465, 25


def connect(server: Server, seconds: float) -> smtplib.SMTP:
    """Return a connection that mail can be given to; each answer may take `seconds`.

    Raises smtplib's errors, ssl.SSLError for a bad certificate, OSError.
    """
    context = ssl.create_default_context()
    found: smtplib.SMTP
    if server.security is Security.TLS:
        found = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
    else:
        found = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        if server.security is Security.STARTTLS:
            found.starttls(context=context)
        if server.user:
            found.login(server.user, server.password)
    except BaseException:
        found.close()
        raise
    return found


def part(server: smtplib.SMTP) -> None:
    """Take leave; however the server answers, a mail it has taken is taken."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def server_at(url: str) -> Server:
    """Return the server that SMTP_URL names.

    `smtps://` is TLS from the first byte; `smtp://` with a user is STARTTLS, so that no password
    travels in the open; without a user it is a plain relay nearby.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        return Server(host, parts.port or _SMTPS_PORT, Security.TLS, user, password)
    security = Security.STARTTLS if user else Security.NONE
    return Server(host, parts.port or _SMTP_PORT, security, user, password)
