"""pymap as the IMAP server of tests: in a thread of its own, mails in memory."""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import BuiltinHash

_HOST = "127.0.0.1"
_HASH = BuiltinHash(rounds=1)


class Pymap:
    """IMAP4rev1 with IDLE, MOVE and UIDPLUS."""

    def __init__(self) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = Event()
        self._thread = Thread(target=self._serve, name="pymap", daemon=True)
        self._config = _config()
        self._login = Login(self._config)
        self._servers: list[asyncio.Server] = []

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()
        self.port = self._call(self._listen(self._config, None))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def add(self, user: str, password: str) -> None:
        self._login.users_dict[user] = UserMetadata(
            self._config, user, password=_HASH.hash(password)
        )

    def listen(self, *, tls: ssl.SSLContext, at_once: bool) -> int:
        """Listen on one more port with TLS, from the first byte or by STARTTLS; return it."""
        config = self._config if at_once else _config(ssl_context=tls)
        return self._call(self._listen(config, tls if at_once else None))

    def _call(self, work: Awaitable[int]) -> int:
        done: Future[int] = asyncio.run_coroutine_threadsafe(work, self._loop)  # type: ignore[arg-type]
        return done.result(10)

    async def _listen(self, config: Config, tls: ssl.SSLContext | None) -> int:
        answer: Callable[..., Any] = ProxyProtocolReader(config.proxy_protocol).get_callback(
            IMAPServer(self._login, config)
        )
        server = await asyncio.start_server(answer, _HOST, 0, ssl=tls)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._live())
        self._loop.close()

    async def _live(self) -> None:
        self._config.apply_context()
        self._ready.set()
        await self._stop.wait()
        for server in self._servers:
            server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _config(**changed: Any) -> Config:
    """Return settings for fast tests: passwords hashed once, no pause after a wrong one."""
    arguments = Namespace(
        host=_HOST,
        port=0,
        debug=False,
        cert=None,
        key=None,
        tls="ssl_context" in changed,
        demo_data=False,
        demo_user="",
        demo_password="",
        passlib_cfg=None,
        proxy_protocol=None,
        inherited_sockets=None,
    )
    return Config.from_args(arguments, hash_context=_HASH, invalid_user_sleep=0.0, **changed)
