"""More parts for small diagrams: signals, errors, escalations, subprocesses, repeated steps."""

from tests.engine import diagrams as d


def declared(signals=(), errors=(), escalations=()):
    """Return the declarations that stand before the process."""
    rows = [f'<bpmn:signal id="s_{name}" name="{name}"/>' for name in signals]
    rows += [f'<bpmn:error id="e_{code}" name="{code}" errorCode="{code}"/>' for code in errors]
    rows += [
        f'<bpmn:escalation id="c_{code}" name="{code}" escalationCode="{code}"/>'
        for code in escalations
    ]
    return "".join(rows)


def _definition(kind, reference, variable=None, payload=None):
    inner = ""
    if variable:
        inner += f"<spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>"
    if payload:
        inner += f"<spiffworkflow:messagePayload>{payload}</spiffworkflow:messagePayload>"
    inner = d.extensions(inner) if inner else ""
    return f"<bpmn:{kind}EventDefinition {reference}>{inner}</bpmn:{kind}EventDefinition>"


def message(name, **options):
    return _definition("message", f'messageRef="m_{name}"', **options)


def signal(name, **options):
    return _definition("signal", f'signalRef="s_{name}"', **options)


def error(code="", **options):
    return _definition("error", f'errorRef="e_{code}"' if code else "", **options)


def escalation(code="", **options):
    return _definition("escalation", f'escalationRef="c_{code}"' if code else "", **options)


def cycle(text):
    return (
        '<bpmn:timerEventDefinition><bpmn:timeCycle xsi:type="bpmn:tFormalExpression">'
        f'"{text}"</bpmn:timeCycle></bpmn:timerEventDefinition>'
    )


def catch(id_, definition, **values):
    return d.node("intermediateCatchEvent", id_, d.extensions(d.properties(**values)) + definition)


def throw(id_, definition, **values):
    return d.node("intermediateThrowEvent", id_, d.extensions(d.properties(**values)) + definition)


def end(id_, definition):
    return d.node("endEvent", id_, definition)


def start(id_, definition):
    return d.node("startEvent", id_, definition)


def boundary(id_, on, definition, *, interrupting=True, **values):
    inner = d.extensions(d.properties(**values)) + definition
    return d.boundary(id_, on, inner, interrupting=interrupting)


def sub(id_, *parts, tag="subProcess"):
    return d.node(tag, id_, "".join(parts))


def on_event(id_, definition, *parts, interrupting=False):
    """An event subprocess `id_` with start `id_start`; `parts` lead from there to an end."""
    mark = str(interrupting).lower()
    begin = d.node("startEvent", f"{id_}_start", definition, isInterrupting=mark)
    return d.node("subProcess", id_, begin + "".join(parts), triggeredByEvent="true")


def handler(id_, definition, step, *, interrupting=False):
    """An event subprocess with one user task."""
    return on_event(
        id_,
        definition,
        d.user(step),
        d.end(f"{id_}_end"),
        d.chain(f"{id_}_start", step, f"{id_}_end"),
        interrupting=interrupting,
    )


def each(node, over, *, item=None, result=None, results=None, sequential=False, until=None):
    """Mark a node as repeated over a list."""
    inner = f"<bpmn:loopDataInputRef>{over}</bpmn:loopDataInputRef>"
    if results:
        inner += f"<bpmn:loopDataOutputRef>{results}</bpmn:loopDataOutputRef>"
    if item:
        inner += f'<bpmn:inputDataItem id="{item}" name="{item}"/>'
    if result:
        inner += f'<bpmn:outputDataItem id="{result}" name="{result}"/>'
    if until:
        inner += f"<bpmn:completionCondition>{until}</bpmn:completionCondition>"
    mark = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"{inner}</bpmn:multiInstanceLoopCharacteristics>"
    )
    return _inside(node, mark)


def loop(node, condition=None, maximum=None):
    """Mark a node as repeated while a condition holds."""
    most = f' loopMaximum="{maximum}"' if maximum else ""
    inner = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    mark = f"<bpmn:standardLoopCharacteristics{most}>{inner}</bpmn:standardLoopCharacteristics>"
    return _inside(node, mark)


def _inside(node, inner):
    head, tag, tail = node.rpartition("</bpmn:")
    return head + inner + tag + tail


def link(name):
    return f'<bpmn:linkEventDefinition name="{name}"/>'
