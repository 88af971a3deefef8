"""Blocks that diagrams are built of: each draws itself and says where it begins and ends.

A process made of blocks is valid by construction. To teach the generator a new element, write
one more dataclass with a `draw` here and name it in `strategies`. Blocks print as the code that
makes them, so that a counter-example can be pasted into a test.
"""

from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.properties.events import CODES, MESSAGES, SIGNALS, TOLD, Event

Ends = tuple[str, str]
"""Ids of the node a block begins with and of the node it ends with."""


class Paper:
    """Where blocks draw: nodes and flows of one process or subprocess."""

    def __init__(self, process: str, numbers: Any = None) -> None:
        self.process, self.parts = process, []
        self._numbers = numbers if numbers is not None else count(1)

    def id(self, kind: str) -> str:
        return f"{self.process}_{kind}{next(self._numbers)}"

    def add(self, kind: str, make: Any, *arguments: Any, **attributes: Any) -> str:
        """Draw a node with an id of its own and return the id."""
        name = self.id(kind)
        self.parts.append(make(name, *arguments, **attributes))
        return name

    def flow(self, source: str, target: str, condition: str | None = None) -> str:
        name = self.id("f")
        self.parts.append(d.flow(source, target, condition, id_=name))
        return name

    def inside(self) -> "Paper":
        return Paper(self.process, self._numbers)


def _node(kind: str, make: Any, *arguments: Any, **attributes: Any) -> Any:
    def draw(paper: Paper) -> Ends:
        name = paper.add(kind, make, *arguments, **attributes)
        return name, name

    return draw


@dataclass(frozen=True)
class User:
    """A user task."""

    def draw(self, paper: Paper) -> Ends:
        return _node("user", d.user)(paper)


@dataclass(frozen=True)
class Work:
    """A service task inside the command, or one that waits for a job."""

    later: bool = False

    def draw(self, paper: Paper) -> Ends:
        kind = "job" if self.later else "work"
        later = {"async": "true"} if self.later else {}
        return _node(kind, d.service, "test.work", {"x": "x"}, **later)(paper)


@dataclass(frozen=True)
class Row:
    """Blocks one after the other."""

    parts: tuple[Any, ...]

    def draw(self, paper: Paper) -> Ends:
        drawn = [part.draw(paper) for part in self.parts]
        for (_, before), (after, _) in pairwise(drawn):
            paper.flow(before, after)
        return drawn[0][0], drawn[-1][1]


@dataclass(frozen=True)
class Split:
    """Some of several branches, or all of them: one kind of gateway opens and closes it."""

    kind: str
    """exclusiveGateway, inclusiveGateway or parallelGateway."""
    branches: tuple[Any, ...]
    empty: bool = False
    """Whether there is a branch with nothing on it, too."""

    def draw(self, paper: Paper) -> Ends:
        opening, closing = paper.id("split"), paper.id("join")
        default = None
        for number, branch in enumerate(self.branches):
            first, last = branch.draw(paper)
            last_one = number == len(self.branches) - 1
            asked = self.kind != "parallelGateway" and (not last_one or self.empty)
            flow = paper.flow(opening, first, f"x == {number}" if asked else None)
            default = None if asked else flow
            paper.flow(last, closing)
        if self.empty:
            default = paper.flow(opening, closing)
        marked = {"default": default} if default and self.kind != "parallelGateway" else {}
        paper.parts += [d.node(self.kind, opening, **marked), d.node(self.kind, closing)]
        return opening, closing


@dataclass(frozen=True)
class Again:
    """A loop that a user task begins; it goes round while `x` is 1."""

    body: Any
    """None when the user task stands alone in it."""
    asked: str = "x == 1"

    def draw(self, paper: Paper) -> Ends:
        enter, leave = paper.id("enter"), paper.id("leave")
        first, last = Row((User(), self.body) if self.body else (User(),)).draw(paper)
        paper.flow(enter, first)
        paper.flow(last, leave)
        paper.flow(leave, enter, self.asked)
        after = paper.add("after_loop", d.exclusive)
        out = paper.flow(leave, after)
        paper.parts += [d.exclusive(enter), d.exclusive(leave, out)]
        return enter, after


@dataclass(frozen=True)
class First:
    """An event-based gateway: of several events the first decides."""

    branches: tuple[tuple[Event, Any], ...]

    def draw(self, paper: Paper) -> Ends:
        gate, closing = paper.add("first", d.event_gateway), paper.add("met", d.exclusive)
        for event, body in self.branches:
            first, last = Row((event, body) if body else (event,)).draw(paper)
            paper.flow(gate, first)
            paper.flow(last, closing)
        return gate, closing


@dataclass(frozen=True)
class Guard:
    """A boundary event and what follows it."""

    event: Event
    interrupting: bool
    body: Any

    def beside(self, paper: Paper) -> None:
        """Draw it as an event subprocess of the scope on the paper."""
        inner, name = paper.inside(), paper.id("beside")
        first, last = (self.body or Work()).draw(inner)
        inner.flow(f"{name}_start", first)
        inner.flow(last, inner.add("end", d.end))
        drawn = e.on_event(name, self.event.told(), *inner.parts, interrupting=self.interrupting)
        paper.parts.append(drawn)


@dataclass(frozen=True)
class Guarded:
    """An activity with boundary events; after an interruption the flows meet again."""

    host: Any
    guards: tuple[Guard, ...]

    def draw(self, paper: Paper) -> Ends:
        host, _ = self.host.draw(paper)
        closing = paper.add("met", d.exclusive)
        paper.flow(host, closing)
        for guard in self.guards:
            event = paper.add(
                *("on", d.boundary, host, guard.event.told()), interrupting=guard.interrupting
            )
            last = event
            if guard.body:
                first, last = guard.body.draw(paper)
                paper.flow(event, first)
            paper.flow(last, closing if guard.interrupting else paper.add("aside", d.end))
        return host, closing


@dataclass(frozen=True)
class Inside:
    """An embedded subprocess; it may end all it holds at once when `x` is 3."""

    body: Any
    terminates: bool = False
    repeat: str = field(default="", repr=False)
    beside: tuple[Guard, ...] = ()
    """Its event subprocesses."""
    fails: str = ""
    """Code of the error it ends with when `x` is 2; something around it must catch that."""

    def draw(self, paper: Paper) -> Ends:
        inner = paper.inside()
        whole(inner, self.body, terminates=self.terminates, fails=self.fails)
        for each in self.beside:
            each.beside(inner)
        return _node("inside", _subprocess, self.repeat + "".join(inner.parts))(paper)


@dataclass(frozen=True)
class Called:
    """A call activity to one of the other processes."""

    process: str

    def draw(self, paper: Paper) -> Ends:
        return _node("call", d.call, self.process)(paper)


@dataclass(frozen=True)
class Each:
    """An activity for each of `items`, one after the other or all at once."""

    sequential: bool
    body: Any
    """None repeats a user task, everything else a subprocess that holds it."""
    named: bool = False
    """Whether each instance sees its item under a name."""
    gathers: bool = False
    """Whether what the instances give is gathered in a list."""

    def draw(self, paper: Paper) -> Ends:
        item, given = paper.id("item"), paper.id("given")
        repeat = (
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(self.sequential).lower()}">'
            "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
            + "<bpmn:loopDataOutputRef>gathered</bpmn:loopDataOutputRef>" * self.gathers
            + f'<bpmn:inputDataItem id="{item}" name="item"/>' * self.named
            + f'<bpmn:outputDataItem id="{given}" name="x"/>' * self.gathers
            + "</bpmn:multiInstanceLoopCharacteristics>"
        )
        if self.body is not None:
            return Inside(self.body, repeat=repeat).draw(paper)
        return _node("each", _repeated_user, repeat)(paper)


def _subprocess(name: str, inner: str) -> str:
    return d.node("subProcess", name, inner)


def _repeated_user(name: str, repeat: str) -> str:
    told = d.extensions(d.properties(formKey="any", operation="test.form"))
    return d.node("userTask", name, told + repeat)


def whole(paper: Paper, body: Any, *, terminates: bool = False, fails: str = "") -> None:
    """Draw start, body and end; with ways to a terminate end or an error when asked for."""
    start = paper.add("start", d.start)
    first, last = body.draw(paper)
    paper.flow(start, first)
    end = paper.add("end", d.end)
    if not (terminates or fails):
        paper.flow(last, end)
        return
    ways = paper.id("ways")
    paper.flow(last, ways)
    if terminates:
        paper.flow(ways, paper.add("stop", d.terminate), "x == 3")
    if fails:
        paper.flow(ways, paper.add("failed", e.end, e.error(fails)), "x == 2")
    paper.parts.append(d.exclusive(ways, paper.flow(ways, end)))


@dataclass(frozen=True)
class Plan:
    """A main process and the processes it may call."""

    main: Any
    children: tuple[Any, ...] = ()
    terminates: bool = False
    """Whether the main process may end by a terminate end."""
    beside: tuple[Guard, ...] = ()
    """Event subprocesses of the main process."""

    def files(self) -> dict[str, bytes]:
        """Return the bundle."""
        drawn = {"main": (self.main, self.terminates)}
        drawn |= {f"child{place}": (body, False) for place, body in enumerate(self.children)}
        files = {}
        for process, (body, terminates) in drawn.items():
            paper = Paper(process)
            whole(paper, body, terminates=terminates)
            for each in self.beside if process == "main" else ():
                each.beside(paper)
            names = {"messages": (*MESSAGES, TOLD), "declared": e.declared(SIGNALS, CODES)}
            content = d.diagram(process, *paper.parts, **names)
            files |= {f"{process}/{process}.bpmn": content, f"{process}/forms/any.form": d.FORM}
        return files
