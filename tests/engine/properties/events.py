"""Events of random diagrams: in the flow, behind gateways, on borders, beside the flow."""

from dataclasses import dataclass
from typing import Any, Protocol

from tests.engine import diagrams as d
from tests.engine import elements as e

MESSAGES, SIGNALS, CODES = ("red", "green", "blue"), ("dawn", "dusk"), ("broken", "lost")
TOLD = "told"
"""What processes throw without anybody inside waiting for it."""
KEY = "x"
"""Expression of correlation keys."""


class Event(Protocol):
    def told(self) -> str:
        """Return what stands inside the element."""


def _keyed(keyed: bool) -> str:
    return d.extensions(d.properties(correlation_key=KEY)) if keyed else ""


def _caught(paper: Any, event: Event) -> tuple[str, str]:
    name = paper.add("caught", _catch, event.told())
    return name, name


def _catch(name: str, told: str) -> str:
    return d.node("intermediateCatchEvent", name, told)


@dataclass(frozen=True)
class Catch:
    """A message waited for; with a key of its own when asked for."""

    name: str
    keyed: bool = False

    def told(self) -> str:
        return _keyed(self.keyed) + e.message(self.name, variable="note")

    def draw(self, paper: Any) -> tuple[str, str]:
        return _caught(paper, self)


@dataclass(frozen=True)
class Signal:
    """A signal waited for."""

    name: str

    def told(self) -> str:
        return e.signal(self.name, variable="note")

    def draw(self, paper: Any) -> tuple[str, str]:
        return _caught(paper, self)


@dataclass(frozen=True)
class After:
    """Some hours waited for."""

    hours: int

    def told(self) -> str:
        return d.duration(f"PT{self.hours}H")

    def draw(self, paper: Any) -> tuple[str, str]:
        return _caught(paper, self)


@dataclass(frozen=True)
class Every:
    """A reminder, so many times or without end; only where it does not interrupt."""

    hours: int
    times: int = 0

    def told(self) -> str:
        return e.cycle(f"R{self.times or ''}/PT{self.hours}H")


@dataclass(frozen=True)
class Failed:
    """An error caught; every error when no code is given."""

    code: str = ""

    def told(self) -> str:
        return e.error(self.code, variable="note")


@dataclass(frozen=True)
class Throw:
    """A message or signal thrown; what waits for it in the instance may catch it."""

    name: str = TOLD
    keyed: bool = False

    def draw(self, paper: Any) -> tuple[str, str]:
        kind = e.signal if self.name in SIGNALS else e.message
        told = _keyed(self.keyed and self.name not in SIGNALS) + kind(self.name)
        name = paper.add("throw", _throw, told)
        return name, name


def _throw(name: str, told: str) -> str:
    return d.node("intermediateThrowEvent", name, told)
