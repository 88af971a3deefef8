"""Addresses of styles, scripts and pictures."""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

import orjson
from flask import Flask, request
from whitenoise import WhiteNoise

_STATIC = Path(__file__).parent / "static"
_BUILT = _STATIC / "dist"
_PREFIX = "static/"
_HASHED = re.compile(r"/dist/.+-[A-Z0-9]{8}\.\w+(\.map)?$")


class Manifest:
    """Which file each name of the bundle stands for, read once after each build."""

    def __init__(self, folder: Path, rebuilt: Callable[[], None]) -> None:
        self._path = folder / "manifest.json"
        self._rebuilt = rebuilt
        self._read_at = 0
        self._names: dict[str, str] = {}

    def names(self) -> dict[str, str]:
        """Return file name by entry name; empty when nothing has been built."""
        try:
            changed = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed != self._read_at:
            self._names, self._read_at = orjson.loads(self._path.read_bytes()), changed
            self._rebuilt()
        return self._names


def init(web: Flask) -> None:
    """Serve `webapp/static` and give templates `asset()` and `built()`."""
    files = WhiteNoise(
        web.wsgi_app,
        max_age=3600,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: bool(_HASHED.search(url)),
        add_headers_function=_add_headers,
    )
    files.add_files(_STATIC, _PREFIX)
    web.wsgi_app = files  # type: ignore[method-assign]  # the way Flask documents
    manifest = Manifest(_BUILT, rebuilt=lambda: files.add_files(_STATIC, _PREFIX))

    def asset(name: str) -> str:
        mark = _fingerprint(name)
        if mark:
            return f"{request.script_root}/{_PREFIX}{name}?v={mark}"
        return f"{request.script_root}/{_PREFIX}dist/{manifest.names().get(name, name)}"

    def built() -> bool:
        return "app.css" in manifest.names()

    web.jinja_env.globals.update(asset=asset, built=built)


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


@cache
def _fingerprint(name: str) -> str:
    """Return a few characters that change with the file; empty for a file that is not there."""
    path = _STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8] if path.is_file() else ""
