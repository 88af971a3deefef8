"""A real SMTP server in a thread that can be told to misbehave."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


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
    """Collects what was sent to it in `messages`; `mode` switches how it answers."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.held = 0
        """How many messages wait for an answer that never comes."""
        self.dropped = 0
        """How many messages were taken without an answer."""
        self.slow = 0.0
        """Seconds before each message is answered."""
        self.mode = Mode.ACCEPT
        self.refused: dict[str, str] = {}
        """Addresses no mail is taken for, and the server's answer: `550 no such user`."""
        self.told: list[list[str]] = []
        """Of each message whom it was taken for."""
        self._controller = _AnyPort(self, hostname="127.0.0.1", port=0)

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
        self._controller = _AnyPort(self, hostname="127.0.0.1", port=self._controller.port)
        self._controller.start()

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
        self.told.append(list(envelope.rcpt_tos))
        if self.mode is Mode.DROP_AFTER_DATA and server.transport is not None:
            self.dropped += 1
            server.transport.close()
        return "250 taken"
