"""Finds a real Chromium: the environment's, the machine's, else one from npm."""

import fcntl
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from casewright.node import NodeFailedError, NodeMissingError, find_node
from tests.servers.programs import MissingServerError

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_ROOT = Path(__file__).parents[2]
_PACKAGE = Path(__file__).parent / "browser"
_CACHE = _ROOT / ".cache" / "browser"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "msedge")
_UNPACK = """
import { inflate } from "@sparticuz/chromium";
const packed = process.argv[1] + "/node_modules/@sparticuz/chromium/bin/";
for (const name of ["al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br", "chromium.br"])
  await inflate(packed + name);
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir></fontconfig>
"""
"""The package's own file names folders of another system; without any font Chromium dies."""


@dataclass(frozen=True)
class Browser:
    """A Chromium program and what its environment must hold."""

    program: Path
    environment: dict[str, str] = field(default_factory=dict)


def find_chromium() -> Browser:
    """Return a browser; fetches one into `.cache/browser` where the machine has none.

    Raises:
        MissingServerError: There is none, and none could be fetched.
    """
    named = os.environ.get("APP_BROWSER")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return Browser(Path(found))
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _fetched()


def _fetched() -> Browser:
    stamp, wanted = _CACHE / "stamp", (_PACKAGE / "package-lock.json").read_text()
    unpacked = _CACHE / "unpacked"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Fetching a Chromium for the browser tests ...", flush=True)
        try:
            _fetch(unpacked)
        except (NodeMissingError, NodeFailedError, OSError) as error:
            message = (
                "no Chromium: none on the PATH, APP_BROWSER names none, "
                f"and npm could not fetch one ({error})"
            )
            raise MissingServerError(message) from error
        stamp.write_text(wanted)
    libraries, fonts = unpacked / "al2023" / "lib", _CACHE / "fonts.conf"
    fonts.write_text(_FONTS.format(folder=unpacked / "fonts", cache=_CACHE / "fontconfig"))
    return Browser(
        unpacked / "chromium",
        {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_FILE": str(fonts)},
    )


def _fetch(unpacked: Path) -> None:
    node = find_node()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PACKAGE / name, _CACHE / name)
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    node.install("ci", folder=_CACHE)
    unpack = ("--input-type=module", "--eval", _UNPACK, str(_CACHE))
    node.run(*unpack, folder=_CACHE, TMPDIR=str(unpacked))
    shutil.rmtree(_CACHE / "node_modules")
