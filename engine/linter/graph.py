"""Rules on how nodes are connected."""

from collections.abc import Iterator

from lxml import etree

from engine.linter import events
from engine.linter.diagram import Diagram, Flow
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff import links
from engine.spiff.elements import Element
from engine.spiff.workflow import MAX_TASKS
from engine.spiff.xml import NAMESPACES

_SPLITS = {"exclusiveGateway", "inclusiveGateway"}
_GATEWAYS = _SPLITS | {"parallelGateway", "eventBasedGateway"}
_WAITS = {
    *("userTask", "manualTask", "receiveTask", "eventBasedGateway", "intermediateCatchEvent"),
    *("callActivity", "subProcess", "transaction", "task"),
}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on conditions, gateways, reachability and loops; nothing dangles."""
    yield from _conditions(diagram)
    yield from _gateways(diagram)
    yield from _reachability(diagram)
    yield from _endless(diagram)
    yield from _unending(diagram)
    yield from _explosion(diagram)


def dangling(diagram: Diagram) -> Iterator[Finding]:
    """Yield a finding on each flow and boundary event that hangs on nothing."""
    for flow in diagram.flows:
        ends = (
            (flow.source, Sentence("This flow comes from “{id}”, which does not exist.")),
            (flow.target, Sentence("This flow leads to “{id}”, which does not exist.")),
        )
        for end, text in ends:
            if end not in diagram.nodes:
                yield diagram.finding(flow, "dangling-flow", text.filled(id=end))
    for node in diagram.all("boundaryEvent"):
        if node.get("attachedToRef") not in diagram.nodes:
            text = Sentence("This event is attached to an element that does not exist.")
            yield diagram.finding(node, "dangling-boundary", text)


def _conditions(diagram: Diagram) -> Iterator[Finding]:
    for flow in diagram.flows:
        source = diagram.nodes[flow.source]
        if flow.condition is not None and source.kind not in _SPLITS:
            text = Sentence(
                "A condition works only on flows that leave an exclusive or inclusive gateway."
            )
            yield diagram.finding(flow, "condition-ignored", text)


def _gateways(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        leaving = diagram.outgoing.get(node.id, [])
        entering = diagram.incoming.get(node.id, [])
        if node.kind in _SPLITS:
            yield from _default(diagram, node, leaving)
        if node.kind == "eventBasedGateway":
            yield from _event_gateway(diagram, node, leaving)
        if node.kind not in _GATEWAYS and len(entering) > 1:
            text = Sentence("Two flows enter this step; put an exclusive gateway in front of it.")
            yield diagram.finding(node, "merge-gateway", text, "warning")
        if node.kind not in _GATEWAYS and len(leaving) > 1:
            text = Sentence(
                "Two flows leave this step at once; draw a parallel gateway if that is meant."
            )
            yield diagram.finding(node, "implicit-split", text, "warning")


def _default(diagram: Diagram, node: Element, leaving: list[Flow]) -> Iterator[Finding]:
    default = diagram.xml_of(node).get("default")
    if default is None and (len(leaving) > 1 or any(flow.condition for flow in leaving)):
        text = Sentence(
            "No flow is marked as default: when no condition holds, the case stops with an error."
        )
        yield diagram.finding(node, "no-default", text, "warning")
    for flow in leaving:
        if flow.condition is not None and flow.id == default:
            text = Sentence(
                "Nobody reads the condition of a default flow: it is taken when no other condition "
                "holds. Take away the condition, or the mark."
            )
            yield diagram.finding(flow, "condition-ignored", text, "warning")
        if flow.condition is None and flow.id != default and len(leaving) > 1:
            text = Sentence("This flow has neither a condition nor the mark of the default flow.")
            yield diagram.finding(flow, "no-condition", text)


def _event_gateway(diagram: Diagram, node: Element, leaving: list[Flow]) -> Iterator[Finding]:
    if not leaving:
        text = Sentence("Nothing follows this gateway: the case would wait for ever.")
        yield diagram.finding(node, "no-way-out", text)
    for flow in leaving:
        behind = diagram.nodes[flow.target]
        catches = behind.kind in {"intermediateCatchEvent", "receiveTask"}
        if not catches or events.kinds(diagram.xml_of(behind)) == ["link"]:
            text = Sentence("Only catching events may follow an event-based gateway.")
            yield diagram.finding(behind, "event-gateway", text)
        elif behind.id in diagram.borders:
            text = Sentence(
                "A receive task behind an event-based gateway may carry no boundary event; lead a "
                "flow from the gateway to an event of its own."
            )
            yield diagram.finding(behind, "event-gateway", text)


def _reachability(diagram: Diagram) -> Iterator[Finding]:
    forward, backward = connections(diagram)
    starts = {node.id for node in diagram.nodes.values() if _is_entry(diagram, node)}
    ends = {node.id for node in diagram.nodes.values() if not forward.get(node.id)}
    from_start, to_end = reached(starts, forward), reached(ends, backward)
    unbegun = _without_start(diagram)
    for node in diagram.nodes.values():
        if node.scope in unbegun:
            continue
        if node.id not in from_start:
            yield diagram.finding(
                node, "unreachable", Sentence("No path leads here from a start event.")
            )
        elif node.id not in to_end:
            text = Sentence("No path leads from here to an end: the case could never finish.")
            yield diagram.finding(node, "no-path-to-end", text)
        elif node.id in ends and node.kind not in {"endEvent", "subProcess"}:
            text = Sentence("Nothing follows this step; draw an end event.")
            yield diagram.finding(node, "no-end-event", text, "warning")


def _without_start(diagram: Diagram) -> set[str]:
    """Return the processes and subprocesses without a start event; the rule on starts says so."""
    told = [*diagram.processes, *diagram.all("subProcess", "transaction")]
    begun = {node.scope for node in diagram.nodes.values() if node.kind == "startEvent"}
    return {scope.get("id", "") for scope in told} - begun


def _is_entry(diagram: Diagram, node: Element) -> bool:
    if node.kind == "startEvent":
        return True
    return node.kind == "subProcess" and (diagram.xml_of(node).get("triggeredByEvent") == "true")


def connections(diagram: Diagram) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return successors and predecessors, boundary events and subprocess contents included."""
    forward: dict[str, set[str]] = {node: set() for node in diagram.nodes}
    pairs = [(flow.source, flow.target) for flow in diagram.flows]
    pairs += [(node.get("attachedToRef", ""), node.get("id", "")) for node in _boundary(diagram)]
    pairs += links.pairs(diagram.root)
    for source, target in pairs:
        forward[source].add(target)
    backward: dict[str, set[str]] = {node: set() for node in diagram.nodes}
    for source, targets in forward.items():
        for target in targets:
            backward[target].add(source)
    return forward, backward


def _boundary(diagram: Diagram) -> Iterator[etree._Element]:
    yield from diagram.all("boundaryEvent")


def reached(seeds: set[str], edges: dict[str, set[str]]) -> set[str]:
    """Return the nodes that can be reached, those it begins with included."""
    seen, stack = set(seeds), list(seeds)
    while stack:
        for neighbour in edges.get(stack.pop(), ()):
            if neighbour not in seen:
                seen.add(neighbour)
                stack.append(neighbour)
    return seen


def _endless(diagram: Diagram) -> Iterator[Finding]:
    """Find loops in which nothing ever waits: they would run until the limit stops them."""
    automatic = {node.id for node in diagram.nodes.values() if not waits(diagram, node)}
    forward, _ = connections(diagram)
    inside = {node: forward[node] & automatic for node in automatic}
    for node in sorted(automatic):
        if node in reached(inside[node], inside):
            element = diagram.nodes[node]
            text = Sentence("This loop contains no step that waits: it would never stop.")
            yield diagram.finding(element, "endless-loop", text)
            return


def _unending(diagram: Diagram) -> Iterator[Finding]:
    """Find loops with steps that wait and without a choice: each round only starts the next."""
    if _is_ended_from_outside(diagram):
        return
    inside: dict[str, set[str]] = {
        node.id: set() for node in diagram.nodes.values() if not _chooses(diagram, node)
    }
    pairs = [(flow.source, flow.target) for flow in diagram.flows]
    for source, target in (*pairs, *links.pairs(diagram.root)):
        if source in inside and target in inside:
            inside[source].add(target)
    _, backward = connections(diagram)
    ends = {node.id for node in diagram.nodes.values() if node.kind == "endEvent"}
    to_end = reached(ends, backward)  # of the others the rule on paths says so
    for node in sorted(inside.keys() & to_end):
        element = diagram.nodes[node]
        if waits(diagram, element) and node in reached(inside[node], inside):
            text = Sentence(
                "Nothing chooses to leave this loop, so each round starts another and the case "
                "could never finish; draw an exclusive gateway."
            )
            yield diagram.finding(element, "no-path-to-end", text)
            return


def _is_ended_from_outside(diagram: Diagram) -> bool:
    """Tell whether anything may end a loop while it goes round: an end or event for all tokens."""
    for node in diagram.all("endEvent"):
        if {"terminate", "error", "cancel"} & set(events.kinds(node)):
            return True
    interrupting = (e.get("cancelActivity", "true") != "false" for e in _boundary(diagram))
    starts = diagram.root.iterfind(".//bpmn:subProcess[@triggeredByEvent='true']", NAMESPACES)
    return any(interrupting) or any(True for _ in starts)


def _chooses(diagram: Diagram, node: Element) -> bool:
    """Tell whether a token may go another way here, or stay: at choices and at joins."""
    several = len(diagram.incoming.get(node.id, [])) > 1
    if node.kind == "parallelGateway":
        return several
    return node.kind in _SPLITS | {"eventBasedGateway"} and (
        len(diagram.outgoing.get(node.id, [])) > 1
    )


def _explosion(diagram: Diagram) -> Iterator[Finding]:
    """Refuse forks one after another: the engine plans ahead every path through them."""
    forward, _ = connections(diagram)
    known: dict[str, int] = {}

    def planned(node: str) -> int:
        if node not in known:
            known[node] = 0  # a loop is planned once
            chooses = diagram.nodes[node].kind in _SPLITS | {"eventBasedGateway"}
            known[node] = 1 + (0 if chooses else sum(map(planned, forward[node])))
        return known[node]

    for node in diagram.nodes.values():
        if node.kind == "startEvent" and planned(node.id) > MAX_TASKS:
            text = Sentence(
                "Parallel forks in a row make more than {most} paths; join them earlier.",
                most=MAX_TASKS,
            )
            yield diagram.finding(node, "too-many-paths", text)


def waits(diagram: Diagram, node: Element) -> bool:
    """Tell whether a token may rest here; calls and subprocesses are taken to."""
    if node.kind == "serviceTask":
        return node.properties.get("async") == "true"
    kinds = set(events.kinds(diagram.xml_of(node)))
    if node.kind == "boundaryEvent":
        return not kinds & {"error", "escalation", "cancel"}
    return node.kind in _WAITS and "link" not in kinds
