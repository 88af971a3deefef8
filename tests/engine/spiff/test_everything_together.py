"""Random stories on one diagram with nearly every element.

An instance that is pruned and thawed between any two commands, one that is only thawed, and one
that stays in memory behave the same.
"""

import random

import pytest

from engine.errors import NotWaitingError
from engine.spiff.events import UncaughtError
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World

NAMES = e.declared(signals=["storm"], errors=["broke"], escalations=["late"])
CHILD = d.diagram(
    "child",
    d.start(),
    d.parallel("f"),
    d.user("c1"),
    d.exclusive("x", "x_e1"),
    e.end("broken", e.error("broke")),
    d.end("e1"),
    d.user("c2"),
    e.throw("up", e.escalation("late", payload="{'n': 1}")),
    d.end("e2"),
    d.chain("start", "f", "c1", "x"),
    d.flow("x", "broken", "n > 8"),
    d.flow("x", "e1", id_="x_e1"),
    d.chain("f", "c2", "up", "e2"),
    e.handler("ch", e.message("ping", variable="pinged"), "c_look"),
    e.handler("ct", e.cycle("R/PT5H"), "c_hurry"),
    messages=["ping"],
).replace(b"<bpmn:process ", NAMES.encode() + b"<bpmn:process ", 1)
PARTS = (
    d.start(),
    d.exclusive("m"),
    d.parallel("f"),
    d.call("call", "child"),
    e.boundary("b_err", "call", e.error("broke")),
    e.boundary("b_late", "call", e.escalation("late", variable="how"), interrupting=False),
    e.boundary("b_storm", "call", e.signal("storm"), interrupting=False),
    d.user("repair"),
    d.user("boss"),
    d.user("wind"),
    d.exclusive("after_call"),
    e.each(d.user("each"), "items", item="it", result="out", results="outs", sequential=True),
    d.user("slow"),
    e.boundary("b_time", "slow", e.cycle("R2/PT3H"), interrupting=False),
    e.boundary("b_stop", "slow", e.message("stop")),
    d.service("remind", "x.remind"),
    d.exclusive("after_slow"),
    d.parallel("j"),
    d.event_gateway("g"),
    e.catch("g_ping", e.message("ping")),
    d.timer("g_time", "P1D"),
    d.exclusive("g_out"),
    d.user("check"),
    d.exclusive("again", "again_end"),
    d.end(),
    d.end("side"),
    d.chain("start", "m", "f", "call", "after_call", "each", "j"),
    d.chain("b_err", "repair", "after_call"),
    d.chain("b_late", "boss", "side"),
    d.chain("b_storm", "wind", "side"),
    d.chain("f", "slow", "after_slow", "j", "g", "g_ping", "g_out"),
    d.chain("b_stop", "after_slow"),
    d.chain("b_time", "remind", "side"),
    d.chain("g", "g_time", "g_out", "check", "again"),
    d.flow("again", "m", "n != 5"),
    d.flow("again", "end", id_="again_end"),
    e.handler("h", e.signal("storm"), "look"),
    e.handler("h_stop", e.message("quit"), "quitting", interrupting=True),
)


class Story(World):
    """Records what can be seen after each step; `prunes` and `thaws` say what happens between."""

    def __init__(self, seed, *, thaws):
        self.thaws = thaws
        super().__init__(
            *PARTS,
            messages=["ping", "stop", "quit"],
            declared=NAMES,
            files={"child/child.bpmn": CHILD},
            data={"items": [1, 2], "n": 0},
        )
        self.chance = random.Random(seed)  # noqa: S311 - a story that can be told again
        self.trace = []

    def again(self):
        if self.thaws:
            return super().again()
        workflow = self.machine._workflow  # noqa: SLF001 - what a new command begins with
        workflow.script_engine.now = self.now
        workflow.armed_now.clear()
        return self.machine

    def tell(self, steps):
        for _ in range(steps):
            if self.machine.completed:
                break
            self.step()
            data = [
                (w.element_id, sorted(self.machine.task_data(w.task_id).items(), key=str))
                for w in self.machine.waiting()
                if w.kind == "user_task"
            ]
            seen = (sorted(data, key=str), sorted(self.due()), self.listening(), len(self.called))
            self.trace.append(seen)
        return [*self.trace, self.machine.completed]

    def step(self):
        what = self.chance.choices(
            ["task", "ping", "storm", "time", "stop", "quit"], [60, 8, 8, 12, 4, 0.4]
        )[0]
        number = self.chance.randrange(10)
        try:
            if what == "task" and self.at():
                element = self.chance.choice(sorted(set(self.at())))
                self.complete(element, n=number, out=number)
            elif what == "time":
                self.later(hours=1 + number)
            elif what == "storm":
                self.signal("storm", n=number)
            else:
                self.send(what, n=number)
        except (NotWaitingError, UncaughtError) as error:
            self.trace.append(type(error).__name__)


@pytest.mark.parametrize("seed", range(12))
def test_pruned_thawed_and_untouched_instances_behave_the_same(monkeypatch, seed):
    pruned = Story(seed, thaws=True)
    seen = pruned.tell(150)
    monkeypatch.setattr("engine.spiff.machine.prune", lambda _workflow: None)
    untouched = Story(seed, thaws=False).tell(150)
    for step, (one, two) in enumerate(zip(seen, untouched, strict=True)):
        assert one == two, step
    if seed % 4 == 0:
        assert Story(seed, thaws=True).tell(150) == seen
