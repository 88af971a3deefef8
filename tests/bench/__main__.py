"""`make bench`: prints a table, writes var/bench.json, passes no judgement."""

import json
import logging
import platform
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.clock import utc_now
from tests.bench import case_lines, commands, deploying, due, space, stock, turns
from tests.bench.cases import prepare
from tests.bench.floor import Floor, per_second
from tests.bench.house import House
from tests.bench.measure import Figure, table
from tests.servers.postgresql import PostgresServer
from tests.servers.process import short_folder

_RESULT = Path("var/bench.json")
_SETTINGS = ("shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=15min")


def main() -> None:
    """Measure both databases with full durability, one after the other."""
    logging.disable(logging.WARNING)
    folder = short_folder()
    server = PostgresServer(folder / "pg", settings=_SETTINGS)
    figures = [*stock.figures(), *deploying.figures(folder)]
    try:
        figures += measured("sqlite", [f"sqlite:///{folder / f'{n}.db'}" for n in range(3)], folder)
        server.start()
        names = [server.create(f"bench_{n}") for n in range(4)]
        figures += measured("postgresql", [server.url(name) for name in names], folder)
        figures += space.figures(server, names[3])
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(table(figures))
    _write(figures)


def measured(name: str, urls: list[str], folder: Path) -> list[Figure]:
    """Measure one kind of database, each part on a database of its own."""
    prepare(urls[0])
    found = case_lines.figures(urls[0], name)
    prepare(urls[1])
    found += due.figures(urls[1], name)
    house = House(urls[2], folder)
    floor = Floor(urls[2])
    floor.create(1)
    floor.close()
    pace = per_second(urls[2], 1)
    found += commands.figures(house, name, pace)
    found += turns.objections(house, name, pace)
    found += turns.reopenings(house, name, pace)
    house.db.engine.dispose()
    return found


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
