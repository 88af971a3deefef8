"""`make bench`: prints a table, writes var/bench.json, passes no judgement."""

import json
import logging
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.clock import utc_now
from tests.bench import case_lines, commands, deploying, due, mails, pages, space, stock, turns
from tests.bench.cases import prepare
from tests.bench.floor import Floor, per_second
from tests.bench.house import House
from tests.bench.measure import Figure, head
from tests.servers.postgresql import PostgresServer
from tests.servers.process import short_folder

_RESULT = Path("var/bench.json")
_SETTINGS = ("shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=15min")


def main() -> None:
    """Measure both databases with full durability, one after the other."""
    logging.disable(logging.WARNING)
    folder = short_folder()
    server = PostgresServer(folder / "pg", settings=_SETTINGS)
    figures: list[Figure] = []
    print(head())
    try:
        for figure in _all(server, folder):
            print(figure, flush=True)
            figures.append(figure)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
        _write(figures)


def _all(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    yield from stock.figures()
    yield from deploying.figures(folder)
    yield from _measured("sqlite", [f"sqlite:///{folder / f'{n}.db'}" for n in range(3)], folder)
    server.start()
    names = [server.create(f"bench_{n}") for n in range(4)]
    yield from space.figures(server, names[3])
    yield from _measured("postgresql", [server.url(name) for name in names], folder)


def _measured(name: str, urls: list[str], folder: Path) -> Iterator[Figure]:
    """Measure one kind of database, each part on a database of its own."""
    prepare(urls[0])
    yield from case_lines.figures(urls[0], name)
    prepare(urls[1])
    yield from due.figures(urls[1], name)
    house = House(urls[2], folder)
    floor = Floor(urls[2])
    floor.create(1)
    floor.close()
    pace = per_second(urls[2], 1)
    yield from commands.figures(house, name, pace)
    yield from mails.figures(house, name, pace)
    yield from turns.objections(house, name, pace)
    yield from turns.reopenings(house, name, pace)
    yield from pages.figures(house, name)
    house.db.engine.dispose()


def _write(figures: list[Figure]) -> None:
    _RESULT.parent.mkdir(exist_ok=True)
    machine: dict[str, Any] = {
        "at": utc_now().isoformat(),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    machine["figures"] = [asdict(figure) for figure in figures]
    _RESULT.write_text(json.dumps(machine, indent=1))
    print(f"written to {_RESULT}")


if __name__ == "__main__":
    main()
