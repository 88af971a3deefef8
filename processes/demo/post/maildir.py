"""Putting a mail into a Maildir, whole or not at all (cr.yp.to/proto/maildir.html)."""

import hashlib
import os
import secrets
from pathlib import Path

from engine.clock import utc_now
from processes.files.folder import bring_to_disk

_PARTS = ("tmp", "new", "cur")


def deliver(
    box: Path, content: bytes, *, name: str = "", read: bool = False, lasting: bool = True
) -> None:
    """Put a mail into a Maildir, made when there is none.

    `name` tells mails apart: the same name is delivered once, however often it is asked for;
    without it every call delivers. One that is `read` is no news to its owner. Once this returns
    the mail survives a crash of the machine; `lasting=False` leaves that to the operating system,
    for mails that can be made again.

    Raises OSError when it cannot be written; then nothing was delivered.
    """
    make(box)
    unique = hashlib.sha256(name.encode()).hexdigest() if name else secrets.token_hex(16)
    key = f"{unique}.post" if name else f"{utc_now().timestamp():.6f}.{unique}.post"
    if name and _is_there(box, key):
        return
    waiting = box / "tmp" / key
    with waiting.open("wb") as file:
        file.write(content)
        file.flush()
        if lasting:
            os.fsync(file.fileno())
    target = box / "cur" / f"{key}:2,S" if read else box / "new" / key
    waiting.replace(target)
    if lasting:
        bring_to_disk(target.parent)


def make(box: Path) -> None:
    """Make an empty Maildir, unless there is one."""
    for part in _PARTS:
        (box / part).mkdir(mode=0o700, parents=True, exist_ok=True)


def _is_there(box: Path, key: str) -> bool:
    return (box / "new" / key).exists() or any((box / "cur").glob(f"{key}*"))
