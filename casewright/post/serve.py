"""Runs the two servers of the demo's mail world in one process until it is told to stop."""

import asyncio
import os
import signal
import tempfile
from contextlib import AsyncExitStack, suppress
from functools import partial

from sqlalchemy import select

from casewright.post import imap, smtp
from processes.bootstrap import build
from processes.config import Settings
from processes.database import HouseDatabase
from processes.demo.post.place import HOST, Place, at
from processes.mail.addresses import without_plus
from processes.mail.models import Mailbox, MailboxAlias


def main() -> int:
    """Serve until SIGTERM or SIGINT. Returns 1 when this data folder has no mail world."""
    settings = Settings()
    place = at(settings.data_dir)
    if place is None:
        print("There is no mail world in this data folder; `casewright run` makes one in a demo.")
        return 1
    scratch = place.folder / "tmp"
    scratch.mkdir(exist_ok=True)
    tempfile.tempdir = str(scratch)  # pymap renames files from there, which needs one file system
    os.environ.setdefault("FQDN", "post.localhost")  # noqa: TID251 - keeps pymap from asking the DNS
    product = build(settings)
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(place, partial(home, product.db)))
    product.db.engine.dispose()
    return 0


async def serve(place: Place, whose: smtp.Home) -> None:
    """Take and show mail until the process is told to stop."""
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    async with AsyncExitStack() as stack:
        await imap.start(place, stack)
        post = smtp.Post(place, whose)
        server = await loop.create_server(partial(smtp.protocol, post), HOST, place.smtp_port)
        stack.callback(server.close)
        await end.wait()


def home(db: HouseDatabase, address: str) -> str:
    """Return whose mailbox an address leads to: that of the mailbox it is an alias of, or its own.

    Raises an error of the database while that is away; the mail then waits with its sender.
    """
    wanted = without_plus(address)
    alias = (
        select(Mailbox.address)
        .join(MailboxAlias, MailboxAlias.mailbox_id == Mailbox.id)
        .where(MailboxAlias.address == wanted)
    )
    with db.read() as session:
        return session.scalars(alias).one_or_none() or wanted
