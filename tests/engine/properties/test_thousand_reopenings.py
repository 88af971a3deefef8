"""A case that was reopened a thousand times, by another process each time, is like a fresh one."""

import pytest

from tests.engine import diagrams as d
from tests.engine.properties.reopener import Worker

TURNS, NEWCOMER = 1_000, 50
CHILD = d.diagram(
    "child",
    d.start(),
    d.throw("tell", "told"),
    d.end(),
    d.chain("start", "tell", "end"),
    messages=["told"],
)
MAIN = d.diagram(
    "main",
    d.start(),
    d.parallel("fork"),
    d.exclusive("m"),
    d.user("answer"),
    d.boundary("late", "answer", d.duration("PT4H")),
    d.exclusive("answered"),
    d.call("settle", "child"),
    d.event_gateway("wait"),
    d.catch("reply", "reply"),
    d.timer("week", "P8D"),
    d.parallel("join"),
    d.user("aside"),
    d.end("closed"),
    d.chain("start", "fork", "m", "answer", "answered", "settle", "wait", "reply", "m"),
    d.flow("late", "answered"),
    d.chain("wait", "week", "join", "closed"),
    d.chain("fork", "aside", "join"),
    messages=["reply"],
)
FILES = {
    **{f"{name}/forms/any.form": d.FORM for name in ("main", "child")},
    "main/main.bpmn": MAIN,
    "child/child.bpmn": CHILD,
}


@pytest.fixture
def url(db, database_url):
    return database_url


@pytest.fixture
def workers(url):
    made = [Worker(url), Worker(url)]
    yield made
    for worker in made:
        worker.stop()


@pytest.mark.timeout(300)  # some 10 seconds on a machine of its own
def test_a_case_reopened_a_thousand_times_behaves_as_a_fresh_one(url, workers):
    first, second = workers
    first.ask("deploy", FILES)
    for key in ("old", "fresh"):
        first.ask("start", key)
        second.ask("complete", "answer", key)
    sizes = []
    for number in range(1, TURNS + 1):
        if number % NEWCOMER == 0:
            newcomer = Worker(url)
            newcomer.ask("turn", "old")
            newcomer.stop()
            sizes.append(second.ask("account", "old")["bytes"])
        else:
            workers[number % 2].ask("turn", "old")
    second.ask("turn", "fresh")
    assert max(sizes) - min(sizes) < 64  # digits of times
    assert alike(second) == {"revision": 2 * TURNS + 2}
    for step in (("reply",), ("complete", "aside")):
        for key in ("old", "fresh"):
            first.ask(*step, key)
        alike(second)
    second.ask("pass_time", 0.5)  # both answers are late now
    assert "week" in [element for element, _ in alike(first, "due")]
    first.ask("pass_time", 8)
    alike(second)
    assert first.ask("account", "old")["status"] == "completed"


def alike(worker, part=None):
    """Compare the two cases; return a part of the old one's account."""
    old, fresh = (worker.ask("account", key) for key in ("old", "fresh"))
    revision, count = old.pop("revision"), fresh.pop("revision")
    assert revision - count == 2 * (TURNS - 1)
    assert abs(old.pop("bytes") - fresh.pop("bytes")) < 64
    assert old == fresh
    return old[part] if part else {"revision": revision}
