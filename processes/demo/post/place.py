"""Where the demo's mail world lies: a folder, two ports of this machine, passwords."""

import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from pydantic import SecretStr

from processes.mail.addresses import without_plus
from processes.people.secrets import fingerprint

HOST = "127.0.0.1"
"""The only machine the demo's mail ever reaches."""
_PORTS, _KEY, _BOXES = "ports.json", "key", "boxes"
_KEY_BYTES = 32
_LONGEST_NAME = 200
"""Bytes of a folder's name; file systems end at 255."""
_HIGHEST = 65_535


@dataclass(frozen=True)
class Place:
    """The folder of the mail world and the ports its servers listen on."""

    folder: Path
    smtp_port: int
    imap_port: int

    @property
    def smtp_url(self) -> str:
        """Return the address for SMTP_URL."""
        return f"smtp://{HOST}:{self.smtp_port}"

    def password(self, address: str) -> str:
        """Return the password of an address: 64 hexadecimal characters, the same every time."""
        key = SecretStr((self.folder / _KEY).read_text())
        return fingerprint(key, "post", address.lower())

    def box(self, address: str) -> Path:
        """Return the Maildir of an address; `name+anything@` shares that of `name@`."""
        name = quote(without_plus(address), safe="@.+-_")
        if len(name) > _LONGEST_NAME:
            name = f"{name[: _LONGEST_NAME - 65]}-{sha256(name.encode()).hexdigest()}"
        return self.folder / _BOXES / name


def settle(data_dir: Path) -> Place:
    """Return the mail world of a data folder, made when there is none.

    Its ports are chosen once and kept, so that what was set up with them stays right; they are
    chosen anew only when somebody else has taken them.
    """
    folder = data_dir / "post"
    (folder / _BOXES).mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_key(folder / _KEY)
    place = at(data_dir)
    if place is None or not all(_is_free(port) for port in (place.smtp_port, place.imap_port)):
        place = Place(folder, *_free_ports())
        text = json.dumps({"smtp": place.smtp_port, "imap": place.imap_port})
        fresh = folder / f"{_PORTS}.new"
        fresh.write_text(text)
        fresh.replace(folder / _PORTS)
    return place


def at(data_dir: Path) -> Place | None:
    """Return the mail world of a data folder; None when it has none."""
    folder = data_dir / "post"
    try:
        ports = json.loads((folder / _PORTS).read_text())
    except (OSError, ValueError):
        return None
    return _read(folder, ports)


def abandon(data_dir: Path) -> None:
    """Let a data folder have no mail world from now on; the mails in it stay."""
    (data_dir / "post" / _PORTS).unlink(missing_ok=True)


def _read(folder: Path, ports: object) -> Place | None:
    """Return the place with these ports; None when they are no ports."""
    if not isinstance(ports, Mapping):
        return None
    smtp, imap = ports.get("smtp"), ports.get("imap")
    if not isinstance(smtp, int) or not isinstance(imap, int):
        return None
    return Place(folder, smtp, imap) if 0 < min(smtp, imap) <= max(smtp, imap) <= _HIGHEST else None


def _make_key(path: Path) -> None:
    """Write a random key that only this account may read, unless there is one."""
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(_KEY_BYTES))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_ports() -> tuple[int, int]:
    """Return two ports nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return one.getsockname()[1], other.getsockname()[1]
