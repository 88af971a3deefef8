"""The thousandth turn of a case beside the first."""

from tests.bench.house import House
from tests.bench.measure import Figure, Watch

TURNS = 1_000


def objections(house: House, name: str, floor: float) -> list[Figure]:
    """Object and answer a thousand times inside one instance."""
    case = house.submit()
    house.classify(house.open_task(case, "classify"))
    turn, sizes = Watch(), []
    for _ in range(TURNS):
        turn(lambda: _objection(house, case))
        sizes.append(house.state_bytes(case))
    return _first_and_last("objected and answered, one instance", name, floor, turn, sizes)


def reopenings(house: House, name: str, floor: float) -> list[Figure]:
    """Close and reopen one case a thousand times."""
    case = house.submit()
    house.classify(house.open_task(case, "classify"))
    turn, sizes = Watch(), []
    for _ in range(TURNS):
        turn(lambda: _reopening(house, case))
        sizes.append(house.state_bytes(case))
    return _first_and_last("closed and reopened, one case", name, floor, turn, sizes)


def _objection(house: House, case: int) -> None:
    """One turn: final answer, reply, the handler reads that the customer objects."""
    house.hand_to_final_answer(case)
    house.write_final_answer(house.open_task(case, "write_final_answer"))
    house.reply(case)
    task = house.open_task(case, "read_reply")
    house.complete(task, outcome="objects", note="It still leaks.")


def _reopening(house: House, case: int) -> None:
    """One turn: close with an answer, then the customer replies."""
    house.complete(house.open_task(case, "handle"), next="close_now", message="Done.")
    house.reply(case)


def _first_and_last(
    what: str, name: str, floor: float, turn: Watch, sizes: list[int]
) -> list[Figure]:
    """Return the first and the last hundred turns as two lines."""
    first, last = Watch(), Watch()
    first.seconds, last.seconds = turn.seconds[:100], turn.seconds[-100:]
    return [
        first.figure(f"{what}: first 100", name, floor, f"{max(sizes[:100])} bytes of state"),
        last.figure(f"{what}: last 100", name, floor, f"{max(sizes[-100:])} bytes of state"),
    ]
