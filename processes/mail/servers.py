"""Mail servers to talk to: where they are, how they are protected, who we are to them."""

from dataclasses import dataclass, field
from ipaddress import ip_address

from pydantic import SecretStr

from processes.mail.models import Mailbox, Security
from processes.mail.passwords import unseal

MAIL_PORTS = frozenset({25, 143, 465, 587, 993})
"""IANA's ports of SMTP, IMAP and submission (RFC 6409, RFC 8314)."""
FIRST_FREE_PORT = 1024
LAST_PORT = 65535


@dataclass(frozen=True)
class Server:
    """One server and our account there."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(default="", repr=False)


def imap_server(mailbox: Mailbox, key: SecretStr) -> Server:
    """Return where a mailbox is fetched from.

    Raises UnreadablePasswordError when its password was stored under another key.
    """
    return Server(
        mailbox.imap_host,
        mailbox.imap_port,
        mailbox.imap_security,
        mailbox.imap_user,
        unseal(key, mailbox.imap_password),
    )


def smtp_server(mailbox: Mailbox, key: SecretStr) -> Server:
    """Return by which server a mailbox sends.

    Raises UnreadablePasswordError when its password was stored under another key.
    """
    return Server(
        mailbox.smtp_host,
        mailbox.smtp_port,
        mailbox.smtp_security,
        mailbox.smtp_user,
        unseal(key, mailbox.smtp_password),
    )


def is_mail_port(port: int) -> bool:
    """Tell whether a mail server may listen there: a port of mail, or one of no fixed use.

    Internal servers on odd ports are normal; web, shell and name servers are not to be probed.
    """
    return port in MAIL_PORTS or FIRST_FREE_PORT <= port <= LAST_PORT


def is_this_machine(host: str) -> bool:
    """Tell whether a host is the machine we run on, so that nobody can listen on the way."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
