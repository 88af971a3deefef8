"""The commands of the product's own request process, whole: domain, mail rows, timeline."""

from tests.bench.house import House
from tests.bench.measure import Figure, Watch
from tests.bench.split import split

CASES = 150


def figures(house: House, name: str, floor: float) -> list[Figure]:
    """Time each command of the request process on fresh cases."""
    watches = {key: Watch() for key in ("submit", "classify", "answer", "fire")}
    notes, cases, tasks = {}, [], {}
    with split() as parts:
        for _ in range(CASES):
            watches["submit"](lambda: cases.append(house.submit()))
    notes["submit"] = parts.note(CASES)
    tasks = {case: house.open_task(case, "classify") for case in cases}
    with split() as parts:
        for case in cases:
            watches["classify"](lambda case=case: house.classify(tasks[case]))
    notes["classify"] = parts.note(CASES)
    sizes = _answer(house, cases, watches["answer"], notes)
    house.later(days=8)
    with split() as parts:
        for job in house.claim(limit=CASES):
            watches["fire"](lambda job=job: house.fire(job))
    notes["fire"] = f"{parts.note(CASES)}; {max(sizes)} bytes of state before"
    words = {
        "submit": "submit the form (case, number, process, timeline)",
        "classify": "classify (fork, code, first mail as a row)",
        "answer": "write the final answer (mail, timer)",
        "fire": "the week is over: close and notify",
    }
    return [watch.figure(words[key], name, floor, notes[key]) for key, watch in watches.items()]


def _answer(house: House, cases: list[int], watch: Watch, notes: dict[str, str]) -> list[int]:
    for case in cases:
        house.hand_to_final_answer(case)
    tasks = {case: house.open_task(case, "write_final_answer") for case in cases}
    with split() as parts:
        for case in cases:
            watch(lambda case=case: house.write_final_answer(tasks[case]))  # type: ignore[misc]
    notes["answer"] = parts.note(CASES)
    return [house.state_bytes(case) for case in cases]
