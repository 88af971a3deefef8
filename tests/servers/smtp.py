"""A real SMTP server in a thread that can be told to misbehave."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mode(Enum):
    """How the server answers."""

    ACCEPT = "250"
    REFUSE = "550 no such user"
    BUSY = "451 try later"
    HANG = "hang"
    DROP_AFTER_DATA = "drop"
    AWAY = "away"
    """Nobody listens, between `stop` and `come_back`."""
    SULK = "421 go away"
    """Takes the mail, but does not answer the farewell as it should."""


class _AnyPort(Controller):
    """Listens on whatever port is free."""

    def _trigger_server(self) -> None:
        self.port = cast("Any", self.server).sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """Collects what was sent to it in `messages`; `mode` switches how it answers.

    `deliver` puts what it takes into mailboxes, such as `ImapServer.deliver`. With `users`
    (passwords by name) it takes mail from them only. `tls` protects each connection from its
    first byte, `starttls` when asked.
    """

    def __init__(
        self,
        *,
        deliver: Callable[[str, bytes], object] | None = None,
        users: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
    ) -> None:
        self._deliver, self._users = deliver, users
        self.own_name_only = False
        """Whether a user may send as the address they sign in with only."""
        self.messages: list[EmailMessage] = []
        self.held = 0
        """How many messages wait for an answer that never comes."""
        self.slow = 0.0
        """Seconds before each message is answered."""
        self.mode = Mode.ACCEPT
        self._protection = {"ssl_context": tls, "tls_context": starttls}
        self.refused: dict[str, str] = {}
        """Addresses no mail is taken for, and the server's answer: `550 no such user`."""
        self.told: list[list[str]] = []
        """Of each message whom it was taken for."""
        self._controller = self._listener(0)

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._controller.port

    @property
    def url(self) -> str:
        """Return the address for SMTP_URL."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    def start(self) -> None:
        """Listen on a free port of this machine."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    def come_back(self) -> None:
        """Listen again on the same port after a stop."""
        self._controller = self._listener(self._controller.port)
        self._controller.start()

    def _listener(self, port: int) -> Controller:
        given = {name: value for name, value in self._protection.items() if value}
        if self._users is not None:
            given |= {"authenticator": self._authenticate, "auth_require_tls": False}
        return _AnyPort(self, hostname="127.0.0.1", port=port, **given)

    def _authenticate(
        self, _server: SMTP, session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        user, password = data.login.decode(), data.password.decode()
        success = (self._users or {}).get(user) == password
        session.peer_user = user if success else ""  # type: ignore[attr-defined]
        return AuthResult(success=success, handled=success)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it by this name
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Refuse strangers where there are users, and other senders when told to."""
        user = getattr(session, "peer_user", "")
        if self._users is not None and not user:
            return "530 5.7.0 authentication required"
        if self.own_name_only and address != user:
            return "553 5.7.1 sender address rejected: not owned by user"
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it by this name
        """Say goodbye as `mode` says."""
        return self.mode.value if self.mode is Mode.SULK else "221 Bye"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient, unless it is among `refused`."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it by this name
        """Answer one message as `mode` says."""
        await asyncio.sleep(self.slow)
        if self.mode is Mode.HANG:
            self.held += 1
            await asyncio.sleep(3600)
        if self.mode in {Mode.REFUSE, Mode.BUSY}:
            return self.mode.value
        content = cast("bytes", envelope.content)
        message = cast("EmailMessage", message_from_bytes(content, policy=policy.default))
        self.messages.append(message)
        if self._deliver is not None:
            for address in envelope.rcpt_tos:
                await asyncio.to_thread(self._deliver, address, content)
        self.told.append(list(envelope.rcpt_tos))
        if self.mode is Mode.DROP_AFTER_DATA and server.transport is not None:
            server.transport.close()
        return "250 taken"
