"""Small diagrams for tests, written as flows: `diagram("p", user("a"), flow("start", "a"))`."""

from itertools import pairwise

XMLNS = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)
FORM = b"""{"schemaVersion": 16, "type": "default", "components": [
  {"type": "textfield", "key": "text", "label": "Text",
   "properties": {"label.nl": "Tekst", "label.de": "Text"}}]}"""


def diagram(process, *parts, messages=(), name=None, declared=""):
    """Return the bytes of a file with one executable process; `declared` stands before it."""
    declared += "".join(f'<bpmn:message id="m_{m}" name="{m}"/>' for m in messages)
    body = "\n".join(parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions {XMLNS} id="d" '
        f'targetNamespace="urn:test">\n{declared}\n'
        f'<bpmn:process id="{process}" name="{name or process}" isExecutable="true">\n{body}\n'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def node(tag, id_, inner="", **attributes):
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<bpmn:{tag} id="{id_}" name="{id_}"{extra}>{inner}</bpmn:{tag}>'


def extensions(inner):
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def properties(**values):
    rows = "".join(
        f'<spiffworkflow:property name="{key}" value="{value}"/>' for key, value in values.items()
    )
    return f"<spiffworkflow:properties>{rows}</spiffworkflow:properties>"


def start(id_="start"):
    return node("startEvent", id_)


def end(id_="end", **values):
    return node("endEvent", id_, extensions(properties(**values)) if values else "")


def terminate(id_="end"):
    return node("endEvent", id_, "<bpmn:terminateEventDefinition/>")


def user(id_, operation="test.form", form="any", **values):
    return node(
        "userTask", id_, extensions(properties(formKey=form, operation=operation, **values))
    )


def service(id_, operation, parameters=None, **values):
    rows = "".join(
        f'<spiffworkflow:parameter id="{key}" type="any" value="{value}"/>'
        for key, value in (parameters or {}).items()
    )
    operator = (
        f'<spiffworkflow:serviceTaskOperator id="{operation}"><spiffworkflow:parameters>{rows}'
        "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
    )
    return node("serviceTask", id_, extensions(operator + properties(**values)))


def call(id_, process):
    return node("callActivity", id_, calledElement=process)


def exclusive(id_, default=None):
    return node("exclusiveGateway", id_, **({"default": default} if default else {}))


def parallel(id_):
    return node("parallelGateway", id_)


def event_gateway(id_, **values):
    return node("eventBasedGateway", id_, extensions(properties(**values)))


def duration(iso):
    return (
        '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">'
        f'"{iso}"</bpmn:timeDuration></bpmn:timerEventDefinition>'
    )


def message_definition(name, variable=None):
    inner = (
        extensions(f"<spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>")
        if variable
        else ""
    )
    return (
        f'<bpmn:messageEventDefinition messageRef="m_{name}">{inner}</bpmn:messageEventDefinition>'
    )


def timer(id_, iso, **values):
    return node("intermediateCatchEvent", id_, extensions(properties(**values)) + duration(iso))


def catch(id_, message, variable=None):
    return node("intermediateCatchEvent", id_, message_definition(message, variable))


def throw(id_, message):
    return node("intermediateThrowEvent", id_, message_definition(message))


def boundary(id_, on, definition, *, interrupting=True):
    return node(
        "boundaryEvent", id_, definition, attachedToRef=on, cancelActivity=str(interrupting).lower()
    )


def flow(source, target, condition=None, id_=None):
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}'
        "</bpmn:conditionExpression>"
        if condition
        else ""
    )
    return node(
        "sequenceFlow", id_ or f"{source}_{target}", inner, sourceRef=source, targetRef=target
    )


def chain(*ids):
    return "".join(flow(a, b) for a, b in pairwise(ids))
