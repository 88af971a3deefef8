"""One instance in memory that is frozen and thawed between any two commands."""

from datetime import UTC, datetime, timedelta

from engine.spiff.codec import plain
from engine.spiff.machine import Machine
from engine.spiff.parser import parse
from engine.spiff.script import ScriptEngine
from tests.engine import diagrams as d

MONDAY = datetime(2026, 1, 5, 10, tzinfo=UTC)


class World:
    def __init__(
        self, *parts, messages=(), declared="", files=None, data=None, message=None, payload=None
    ):
        raw = d.diagram("p", *parts, messages=messages)
        raw = raw.replace(b"<bpmn:process ", f"{declared}<bpmn:process ".encode(), 1)
        self.files = {"p/p.bpmn": raw, **(files or {})}
        self.bundle = parse(self.files, "p")
        self.now, self.called, self.sizes, self.thrown = MONDAY, [], [], []
        self.failing = {}
        self.machine = Machine.new(
            self.bundle, self._script(), data or {}, message=message, payload=payload
        )
        self.thrown += self.machine.thrown

    def _script(self):
        return ScriptEngine(self.now, self._call)

    def _call(self, _task, name, parameters):
        self.called.append((name, parameters))
        if name in self.failing:
            raise self.failing[name]
        return {"facts_of": name}

    def again(self):
        """Freeze, forget everything in memory that another process would not have, and thaw."""
        raw = self.machine.frozen()
        self.sizes.append(len(plain(raw[1:])))  # compressed, ids make noise
        self.bundle = parse(self.files, "p") if len(self.sizes) < 40 else self.bundle
        self.machine = Machine.thawed(self.bundle, self._script(), raw)
        return self.machine

    def at(self):
        """Return where people have something to do, and what jobs wait."""
        waits = (w for w in self.machine.waiting() if w.kind != "event")
        return sorted(wait.element_id for wait in waits)

    def listening(self):
        return sorted(wait.element_id for wait in self.machine.messages())

    def due(self):
        return [(timer.element_id, timer.due_at - MONDAY) for timer in self.machine.timers()]

    def done(self):
        events = self.machine.events
        return [event.element_id for event in events if event.state == "completed"]

    def data(self, element):
        (wait,) = (w for w in self.machine.waiting() if w.element_id == element)
        return self.machine.task_data(wait.task_id)

    def complete(self, element, **facts):
        machine = self.again()
        wait = next(w for w in machine.waiting() if w.element_id == element)
        machine.complete(wait.task_id, facts)
        self.thrown += machine.thrown

    def fail(self, element, error):
        machine = self.again()
        (wait,) = (w for w in machine.waiting() if w.element_id == element)
        machine.fail(wait.task_id, error)

    def send(self, name, *, kind="message", key="", **payload):
        machine = self.again()
        machine.send(name, payload, kind=kind, key=key)
        self.thrown += machine.thrown

    def signal(self, name, **payload):
        self.send(name, kind="signal", **payload)

    def later(self, **delta):
        self.now += timedelta(**delta)
        self.again().fire_due()
