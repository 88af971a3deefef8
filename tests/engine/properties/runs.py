"""One instance, kept in different ways between two commands: alive, pruned, frozen, cold."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import reject

from engine.errors import NotWaitingError
from engine.spiff.codec import freeze
from engine.spiff.machine import Machine
from engine.spiff.parser import parse
from engine.spiff.script import ScriptEngine
from engine.spiff.workflow import LimitError

MONDAY = datetime(2026, 1, 5, 10, tzinfo=UTC)


class CrashError(Exception):
    """The process died in the middle of a command."""


@contextmanager
def in_time() -> Iterator[None]:
    """Give up an example that answers itself for ever; the engine stops it, as it should."""
    try:
        yield
    except LimitError:
        reject()


class Run:
    """An instance that lives through commands.

    `keep` says what happens to it after each command; it returns the machine to go on with.
    """

    def __init__(
        self, files: Mapping[str, bytes], data: Mapping[str, Any], keep: Callable[["Run"], Machine]
    ) -> None:
        self.files, self.bundle, self._keep = files, parse(files, "main"), keep
        self.now, self.called, self.crash_at = MONDAY, [], None
        self.script = self.engine()
        with in_time():
            self.machine = Machine.new(self.bundle, self.script, data)
        self._look_and_keep()

    def engine(self) -> ScriptEngine:
        self.script = ScriptEngine(self.now, self._call)
        return self.script

    def _call(self, _task: Any, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.called.append((name, dict(parameters)))
        if self.crash_at is not None and len(self.called) > self.crash_at:
            raise CrashError
        return {"worked": len(json.dumps(parameters))}

    def do(self, command: tuple[Any, ...]) -> str:
        """Carry out one command and return how it went."""
        self.called.clear()
        self.machine.thrown.clear()
        self.machine.events.clear()
        self.machine._workflow.armed_now.clear()  # noqa: SLF001 - a new command begins
        try:
            with in_time():
                outcome = self._apply(self.machine, command)
        except NotWaitingError:
            outcome = "nobody waits"
        self._look_and_keep()
        return outcome

    def _look_and_keep(self) -> None:
        self.view = self._view()
        if not self.machine.completed:
            self.machine = self._keep(self)

    def crash(self, command: tuple[Any, ...], after: int) -> None:
        """Begin a command on a copy, die in it after so many calls, and forget the copy."""
        raw, now, real = self.machine.frozen(), self.now, self.script
        copy = Machine.thawed(self.bundle, self.engine(), raw)
        self.crash_at = after
        self.called.clear()
        with suppress(CrashError, NotWaitingError), in_time():
            self._apply(copy, command)
        self.crash_at, self.now, self.script = None, now, real
        self.machine = Machine.thawed(self.bundle, self.engine(), raw)

    def _apply(self, machine: Machine, command: tuple[Any, ...]) -> str:
        verb, *details = command
        if verb == "later":
            self.now += timedelta(hours=details[0])
            self.script.now = self.now
            return "time went by"
        if machine.completed:
            return "over"
        if verb == "send":
            name, value, *key = details
            machine.send(name, {"x": value}, key=key[0] if key else "")
        elif verb == "signal":
            machine.send(details[0], {"x": details[1]}, kind="signal")
        elif verb == "fire":
            machine.fire_due()
        else:
            return self._work(machine, verb, *details)
        return "done"

    def _work(self, machine: Machine, verb: str, pick: int | str, facts: Any = None) -> str:
        kind = "user_task" if verb == "complete" else "service"
        open_ones = [wait for wait in machine.waiting() if wait.kind == kind]
        if not open_ones:
            return "nothing to do"
        open_ones.sort(key=lambda wait: (wait.element_id, _text(machine.task_data(wait.task_id))))
        if isinstance(pick, str):
            pick = [wait.element_id for wait in open_ones].index(pick)
        wait = open_ones[pick % len(open_ones)]
        if verb == "job":
            self._call(None, *machine.service(wait.task_id))
        machine.complete(wait.task_id, facts or {"worked": 0})
        return f"done {wait.element_id}"

    def _view(self) -> dict[str, Any]:
        machine = self.machine
        return {
            "completed": machine.completed,
            "waiting": sorted(
                (wait.process, wait.element_id, wait.kind, _text(machine.task_data(wait.task_id)))
                for wait in ([] if machine.completed else machine.waiting())
            ),
            "timers": sorted((timer.element_id, timer.due_at) for timer in machine.timers()),
            "messages": sorted(
                (wait.element_id, wait.kind, wait.message, wait.key) for wait in machine.messages()
            ),
            "thrown": [(t.kind, t.name, t.key, _text(t.payload)) for t in machine.thrown],
            "called": [(name, _text(given)) for name, given in self.called],
            "passed": sorted(
                (event.process, event.element_id)
                for event in machine.events
                if event.state == "completed"
            ),
        }


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, sort_keys=True)


def alive(run: Run) -> Machine:
    """Keep it in memory, untouched."""
    return run.machine


def pruned(run: Run) -> Machine:
    """Keep it in memory, pruned."""
    run.machine.frozen()
    return run.machine


def thawed(run: Run) -> Machine:
    """Freeze and thaw it on the same parsed bundle; freezing again must give the same state."""
    raw = run.machine.frozen()
    again = Machine.thawed(run.bundle, run.engine(), raw)
    assert again.frozen() == raw
    return Machine.thawed(run.bundle, run.engine(), raw)


def cold(run: Run) -> Machine:
    """Freeze it, and thaw it on a bundle parsed anew, as another process would."""
    raw = run.machine.frozen()
    return Machine.thawed(parse(run.files, "main"), run.engine(), raw)


def unpruned(run: Run) -> Machine:
    """Freeze and thaw it with all its past."""
    raw = freeze(run.machine._workflow)  # noqa: SLF001 - what the property is about
    return Machine.thawed(run.bundle, run.engine(), raw)


KEPT = (alive, pruned, thawed, cold, unpruned)
"""Every way of keeping an instance."""


def compare(runs: Mapping[str, Run], command: Any) -> None:
    """Check that no instance is stuck and that all are like the one that stayed in memory."""
    expected = runs["alive"].view
    assert expected["completed"] or expected["waiting"], f"stuck after {command}"
    for name, run in runs.items():
        assert run.view == expected, (name, command)
