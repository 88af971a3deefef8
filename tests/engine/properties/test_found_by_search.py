"""Counter-examples that long searches found, made small; each was a fault of the engine once."""

import pytest

from tests.engine.properties.blocks import (
    Again,
    Called,
    Each,
    First,
    Guard,
    Guarded,
    Inside,
    Plan,
    Row,
    Split,
    User,
    Work,
)
from tests.engine.properties.events import After, Catch, Signal, Throw
from tests.engine.properties.runs import KEPT, Run, compare

RED = ("send", "red", 1)
GO, STAY = ("complete", 0, {"x": 1}), ("complete", 0, {"x": 3})
FOUND = {
    "a repeated step forgot what it had counted when it was frozen": (
        Plan(Row((User(), Each(sequential=False, body=None)))),
        [GO, GO, GO, GO],
    ),
    "a repeated step behind an event that interrupts nothing could not begin": (
        Plan(
            Guarded(User(), (Guard(After(1), False, Each(sequential=True, body=None)),)),
        ),
        [("later", 2), ("fire",), ("complete", 0, {"x": 1}), GO, GO],
    ),
    "a subprocess inside an interrupted one was kept without its owner": (
        Plan(
            Row((Guarded(Called("child0"), (Guard(Catch("red"), True, None),)), User())),
            (Inside(Inside(User())),),
        ),
        [("send", "red", 1), GO],
    ),
    "a timer that was due in another branch's command was left half fired": (
        Plan(
            Split(
                "parallelGateway",
                (
                    Inside(Row((User(), User()))),
                    First(((After(2), Work(later=True)), (After(24), None))),
                ),
            )
        ),
        [("later", 3), GO, ("job", 0), GO],
    ),
    "a join in the second turn of a loop counted the tokens of the first": (
        Plan(Again(Split("parallelGateway", (Catch("red"), Row((User(), Throw("green")))), True))),
        [GO, ("send", "red", 2), GO, STAY, STAY, ("send", "red", 2)],
    ),
    "a process called in a cancelled turn of a repeated subprocess was left behind": (
        Plan(
            Row((Each(False, Called("child0")), User())),
            (User(),),
            beside=(Guard(Signal("dusk"), True, User()),),
        ),
        [("signal", "dusk", 0), GO],
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_stays_mended(name):
    plan, commands = FOUND[name]
    runs = {keep.__name__: Run(plan.files(), {"x": 0, "items": [1, 2]}, keep) for keep in KEPT}
    compare(runs, "start")
    for command in commands:
        assert len({run.do(command) for run in runs.values()}) == 1
        compare(runs, command)


def test_a_join_in_a_loop_waits_for_all_its_branches_beside_a_branch_that_is_still_open():
    aside = Guard(After(1), interrupting=False, body=Catch("blue"))
    body = Row((Guarded(User(), (aside,)), Split("parallelGateway", (User(), Catch("red")))))
    for keep in KEPT:
        run = Run(Plan(Again(body)).files(), {"x": 1, "items": []}, keep)
        for order in ((GO, RED), (RED, GO), (GO, RED)):
            for command in (GO, ("later", 2), ("fire",), GO, order[0]):
                run.do(command)
            kinds = [wait[1].rstrip("0123456789") for wait in run.view["waiting"]]
            assert kinds.count("main_user") == (order[0] is RED), (keep.__name__, kinds)
            run.do(order[1])
            kinds = [wait[1].rstrip("0123456789") for wait in run.view["waiting"]]
            assert kinds.count("main_user") == 1, (keep.__name__, kinds)
