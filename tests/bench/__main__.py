"""`make bench`: prints a table, writes var/bench.json, passes no judgement."""

import json
import logging
import platform
import shutil
from pathlib import Path

from engine.clock import utc_now
from engine.db import Database
from tests.bench.floor import Floor
from tests.bench.house import House
from tests.bench.measure import Figure, Watch, table
from tests.servers.postgresql import PostgresServer
from tests.servers.process import short_folder

TURNS = 1_000
CASES = 150
_FLOOR_STEPS = 600
_RESULT = Path("var/bench.json")


def main() -> None:
    """Measure both databases with full durability, one after the other."""
    logging.disable(logging.WARNING)
    folder = short_folder()
    figures: list[Figure] = []
    server = PostgresServer(folder / "pg", durable=True)
    try:
        figures += run("sqlite", f"sqlite:///{folder / 'bench.db'}", folder)
        server.start()
        figures += run("postgresql", server.url(), folder)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(table(figures))
    _RESULT.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    lines = [figure.as_json() for figure in figures]
    _RESULT.write_text(
        json.dumps({"at": utc_now().isoformat(), **machine, "figures": lines}, indent=1)
    )
    print(f"written to {_RESULT}")


def run(name: str, url: str, folder: Path) -> list[Figure]:
    """Measure one database: the floor first, then the product on the same files."""
    house = House(url, folder)
    floor = floor_of(house.db)
    figures = [floor.figure("floor: 5 statements, 4 KB", name, None)]
    per_second = figures[0].per_second
    figures += commands(house, name, per_second)
    figures += objections(house, name, per_second)
    figures += reopenings(house, name, per_second)
    return figures


def floor_of(database: Database) -> Watch:
    """Time the plain step on the product's own database."""
    floor, watch = Floor(database), Watch()
    for _ in range(50):
        floor.step()
    for _ in range(_FLOOR_STEPS):
        watch(floor.step)
    floor.drop()
    return watch


def commands(house: House, name: str, floor: float) -> list[Figure]:
    """Time each command of the request process on fresh cases."""
    submit, classify, answer, fire = Watch(), Watch(), Watch(), Watch()
    sizes = []
    for _ in range(CASES):
        made: list[int] = []
        submit(lambda made=made: made.append(house.submit()))  # type: ignore[misc]
        (case,) = made
        classify(lambda case=case: house.classify(case))  # type: ignore[misc]
        answer(lambda case=case: house.answer_finally(case))  # type: ignore[misc]
        sizes.append(house.state_bytes(case))
    house.later(days=8)
    for job in house.claim(limit=CASES):
        fire(lambda job=job: house.fire(job))  # type: ignore[misc]
    note = f"{max(sizes)} bytes of state while it waits"
    return [
        submit.figure("submit the form (case, number, process, timeline)", name, floor),
        classify.figure("classify (fork, code, first mail as a row)", name, floor),
        answer.figure("final answer (two user tasks, mail, timer)", name, floor, note),
        fire.figure("the week is over: close and notify", name, floor),
    ]


def objections(house: House, name: str, floor: float) -> list[Figure]:
    """Object and answer a thousand times inside one instance."""
    case = house.submit()
    house.classify(case)
    turn, sizes = Watch(), []
    for _ in range(TURNS):
        turn(lambda: objection(house, case))
        sizes.append(house.state_bytes(case))
    return first_and_last("objected and answered, one instance", name, floor, turn, sizes)


def objection(house: House, case: int) -> None:
    """One turn: final answer, reply, the handler reads that the customer objects."""
    house.answer_finally(case)
    house.reply(case)
    house.complete(case, "read_reply", outcome="objects", note="It still leaks.")


def reopenings(house: House, name: str, floor: float) -> list[Figure]:
    """Close and reopen one case a thousand times."""
    case = house.submit()
    house.classify(case)
    turn, sizes = Watch(), []
    for _ in range(TURNS):
        turn(lambda: reopening(house, case))
        sizes.append(house.state_bytes(case))
    return first_and_last("closed and reopened, one case", name, floor, turn, sizes)


def reopening(house: House, case: int) -> None:
    """One turn: close with an answer, then the customer replies."""
    house.complete(case, "handle", next="close_now", message="Done.")
    house.reply(case)


def first_and_last(
    what: str, name: str, floor: float, turn: Watch, sizes: list[int]
) -> list[Figure]:
    """Return the first and the last hundred turns as two lines."""
    first, last = Watch(), Watch()
    first.seconds, last.seconds = turn.seconds[:100], turn.seconds[-100:]
    return [
        first.figure(f"{what}: first 100", name, floor, f"{max(sizes[:100])} bytes of state"),
        last.figure(f"{what}: last 100", name, floor, f"{max(sizes[-100:])} bytes of state"),
    ]


if __name__ == "__main__":
    main()
