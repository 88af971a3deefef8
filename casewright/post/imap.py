"""The demo's IMAP server: pymap over Maildirs, with one password an address."""

import asyncio
import shutil
from argparse import Namespace
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from datetime import datetime
from io import BytesIO
from mailbox import MaildirMessage
from pathlib import Path
from typing import Any, cast

from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.maildir import Config, FilterSet, Session
from pymap.backend.maildir import mailbox as stored
from pymap.backend.maildir.layout import DefaultLayout
from pymap.backend.maildir.uidlist import Record, UidList
from pymap.concurrent import Event, Subsystem
from pymap.context import connection_exit
from pymap.exceptions import AuthorizationFailure, InvalidAuth, NotAllowedError
from pymap.imap import IMAPConnection, IMAPServer
from pymap.imap.state import ConnectionState
from pymap.interfaces.login import IdentityInterface, LoginInterface
from pymap.parsing.response import Response
from pymap.parsing.specials import ObjectId
from pymap.selected import SelectedMailbox
from pymap.token import AllTokens
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

from processes.demo.post import maildir
from processes.demo.post.place import HOST, Place


async def start(place: Place, stack: AsyncExitStack) -> None:
    """Listen until the stack is closed. Raises OSError when the port is taken."""
    _unlock(place.folder)
    config = _config(place)
    config.apply_context()
    meet = ProxyProtocolReader(config.proxy_protocol).get_callback(_Server(place, config))
    server = await asyncio.start_server(meet, HOST, place.imap_port)
    stack.callback(server.close)


def _unlock(folder: Path) -> None:
    """Remove the locks that a killed server left; there is one server a folder."""
    for lock in folder.rglob("dovecot-uidlist.lock"):
        lock.unlink(missing_ok=True)


def _config(place: Place) -> Config:
    return Config(
        Namespace(passlib_cfg=None, proxy_protocol=None, inherited_sockets=None),
        base_dir=str(place.folder),
        layout="++",
        colon=None,
        host=HOST,
        port=place.imap_port,
        subsystem=Subsystem.for_asyncio(),
        hash_context=Cleartext(),
        tls_enabled=False,
        invalid_user_sleep=0.0,
        max_append_len=30_000_000,
    )


class _Server(IMAPServer):
    """Speaks with each client over a connection of ours."""

    def __init__(self, place: Place, config: Config) -> None:
        super().__init__(_Login(config, place), config)
        self._login_of, self._config_of = _Login(config, place), config

    async def __call__(
        self, reader: StreamReader, writer: StreamWriter, sock_info: SocketInfo
    ) -> None:
        """Answer one client until it leaves."""
        mine = _Connection(self.commands, self._config_of, reader, writer, sock_info)
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(mine))
            await mine.run(ConnectionState(self._login_of, self._config_of))


class _Connection(IMAPConnection):
    """Sends each answer in one piece: clients that idle read a line at a time."""

    async def write_response(self, resp: Response) -> None:
        whole = BytesIO()
        with suppress(ConnectionError):
            await resp.async_write(whole)
            self.writer.write(whole.getvalue())
            await self.writer.drain()


class _Login(LoginInterface):
    """Lets in who knows the password of an address."""

    def __init__(self, config: Config, place: Place) -> None:
        self._config, self._place = config, place
        self._tokens = AllTokens(config)

    @property
    def tokens(self) -> AllTokens:
        return self._tokens

    async def authenticate(self, credentials: ServerCredentials) -> "_Identity":
        name = credentials.authcid
        known = UserMetadata(self._config, name, password=self._place.password(name))
        if "@" not in name or not credentials.verify(known):
            raise InvalidAuth
        return _Identity(self._config, self._place, name)

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> "_Identity":
        if authenticated.name != authzid:
            raise AuthorizationFailure
        return _Identity(self._config, self._place, authzid)


class _Identity(IdentityInterface):
    """Somebody with a mailbox, made when they first look into it."""

    def __init__(self, config: Config, place: Place, name: str) -> None:
        self._config, self._place, self._name = config, place, name

    @property
    def name(self) -> str:
        return self._name

    @property
    def roles(self) -> frozenset[str]:
        return frozenset()

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator[Session]:
        box = self._place.box(self._name)
        maildir.make(box)
        inbox = _Maildir(str(box), create=False)
        folders = _Folders(inbox, DefaultLayout(str(box), _Maildir))
        yield Session(self._name, self._config, folders, FilterSet(str(box)))

    async def new_token(self, *, expiration: datetime | None = None) -> None:
        del expiration  # there are none

    async def get(self) -> UserMetadata:
        return UserMetadata(self._config, self._name)

    async def set(self, metadata: UserMetadata) -> None:
        del metadata  # accounts come from addresses alone
        raise NotAllowedError

    async def delete(self) -> None:
        raise NotAllowedError


class _Raw(MaildirMessage):
    """A mail as it lies on the disk; the standard library would write its headers anew."""

    raw = b""

    def __bytes__(self) -> bytes:
        return self.raw


class _Maildir(stored.Maildir):
    """A folder of mails whose bytes come back as they went in."""

    def get_message(self, key: str) -> MaildirMessage:
        message = _Raw()
        message.raw = self.get_bytes(key)
        return message

    def duplicate(self, key: str, other: "_Maildir", name: str) -> None:
        """Lay a copy of a mail into another folder."""
        target = other._join(f"cur/{name}")  # noqa: SLF001 - of our own kind
        shutil.copyfile(self._join(self._lookup(key)), target)


class _Folder(stored.MailboxData):
    """A folder that notices what is delivered while somebody looks at it."""

    async def update_selected(
        self, selected: SelectedMailbox, *, wait_on: Event | None = None
    ) -> SelectedMailbox:
        if wait_on is not None:
            await wait_on.wait(timeout=0.5)
        await self.reset()
        return await super().update_selected(selected)

    async def _get_keys(self) -> dict[str, str]:
        """Return names and flags, oldest first: so they are numbered as they came."""
        found = await super()._get_keys()
        came = {key: self._came(key) for key in found}
        return {key: found[key] for key in sorted(found, key=lambda one: (came[one], one))}

    def _came(self, key: str) -> float:
        try:
            return float(self._maildir.get_message_metadata(key).get_date())
        except (KeyError, FileNotFoundError):  # somebody has just moved it
            return 0.0

    async def copy(
        self, uid: int, destination: stored.MailboxData, *, recent: bool = False
    ) -> int | None:
        """Copy a mail with its contents, which pymap 0.36 leaves behind."""
        del recent  # nobody asks
        async with UidList.with_read(self._path) as numbers:
            found = numbers.get_all([uid]).get(uid)
        if found is None:
            return None
        flags = self._maildir.get_message_metadata(found.key).get_info()
        path, target = destination._path, destination._maildir  # noqa: SLF001 - of our own kind
        async with UidList.with_write(path) as numbers:
            name = f"{found.key}.{numbers.next_uid}:{flags}"
            cast("_Maildir", self._maildir).duplicate(found.key, cast("_Maildir", target), name)
            numbers.set(Record(numbers.next_uid, found.fields, name))
            numbers.next_uid += 1
            return numbers.next_uid - 1


class _Folders(stored.MailboxSet):
    """The folders of one mailbox."""

    async def get_mailbox(self, name: str) -> stored.MailboxData:
        if name not in self._cache:
            path = self._layout.get_path(name, self.delimiter)
            source: Any = self._inbox_maildir
            if name != "INBOX":
                try:
                    source = self._layout.get_folder(name, self.delimiter)
                except FileNotFoundError as missing:
                    raise KeyError(name) from missing
            async with UidList.with_init(path) as numbers:
                mark = ObjectId(numbers.global_uid)
            self._cache[name] = _Folder(mark, source, path)
        return await self._cache[name].reset()
