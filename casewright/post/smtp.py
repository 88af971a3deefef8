"""The demo's SMTP server: takes mail for anybody and keeps it here; nothing is ever passed on."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from email.utils import format_datetime
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy.exc import SQLAlchemyError

from engine.clock import utc_now
from processes.demo.post import maildir
from processes.demo.post.place import HOST, Place
from processes.people.secrets import same

LARGEST_MAIL = 30_000_000
"""Bytes; a larger mail is refused (RFC 1870)."""
_MOST_RECIPIENTS = 100
_NOBODY = frozenset({"nobody", "unknown"})
"""Names no mailbox has, so that a demo can show what a refused address looks like."""
_ADDRESS = re.compile(r"[^\s@<>\x00-\x1f\x7f]{1,128}@[A-Za-z0-9.-]{1,190}")
_READY = "250 OK"

_log = logging.getLogger("post")

Home = Callable[[str], str]
"""Says whose mailbox an address leads to: itself, or the one it is an alias of."""


class Post:
    """Answers a conversation; a mail is answered with 250 only once it lies on the disk."""

    def __init__(self, place: Place, home: Home) -> None:
        self._place, self._home = place, home

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Take a recipient, wherever the address seems to lead: all mail stays here."""
        if _ADDRESS.fullmatch(address) is None:
            return "553 5.1.3 this is no address"
        if address.partition("@")[0].lower() in _NOBODY:
            return "550 5.1.1 nobody of this name has a mailbox here"
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return _READY

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it by this name
        """Put the mail into the mailbox of each recipient."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, self._deliver, session, envelope)
        except (OSError, SQLAlchemyError) as error:  # disk or database: the sender keeps it
            _log.warning("mail_not_kept error=%r", error)
            return "451 4.3.0 cannot be kept just now, try again later"
        return "250 2.0.0 delivered"

    def knows(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, proof: Any
    ) -> AuthResult:
        """Check a name and its password; who gives none may send all the same."""
        if not isinstance(proof, LoginPassword):
            return AuthResult(success=False, handled=False)
        name = proof.login.decode(errors="replace")
        good = same(self._place.password(name), proof.password.decode(errors="replace"))
        return AuthResult(success=good, handled=False)

    def _deliver(self, session: Session, envelope: Envelope) -> None:
        boxes = {self._place.box(self._home(name)): name for name in reversed(envelope.rcpt_tos)}
        content = envelope.content or b""
        body = content if isinstance(content, bytes) else content.encode()
        for box, recipient in boxes.items():
            maildir.deliver(box, _head(session, envelope, recipient) + body)


def protocol(post: Post) -> SMTP:
    """Return what speaks with one client."""
    return SMTP(
        post,
        data_size_limit=LARGEST_MAIL,
        enable_SMTPUTF8=True,
        hostname="post.localhost",
        ident="Casewright demo",
        auth_require_tls=False,
        authenticator=post.knows,
    )


def _head(session: Session, envelope: Envelope, recipient: str) -> bytes:
    """Return the lines a server writes above a mail it delivers (RFC 5321 4.4)."""
    lines: Iterable[str] = (
        f"Return-Path: <{(envelope.mail_from or '').strip('<>')}>",
        f"Delivered-To: {recipient}",
        f"Received: from {_word(session.host_name)} ([{HOST}])",
        "\tby post.localhost with ESMTP;",
        f"\t{format_datetime(utc_now())}",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def _word(name: str | None) -> str:
    """Return the name a client gave itself, in signs a header may hold."""
    return re.sub(r"[^A-Za-z0-9.\[\]:-]", "", name or "")[:200] or "unknown"
