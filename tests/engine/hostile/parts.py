"""What hostile files are written with."""

import json
from dataclasses import dataclass, field

from tests.engine import diagrams as d

BPMN = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
BODY = f'<definitions {BPMN} id="d"><process id="p" isExecutable="true"/></definitions>'
SOUND = d.diagram("p", d.start(), d.user("u"), d.end(), d.chain("start", "u", "end"))
DMN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dd" name="dd" '
    'namespace="urn:x"><decision id="rate" name="rate"><decisionTable id="t" hitPolicy="FIRST">'
    '<input id="i"><inputExpression id="ie" typeRef="string"><text>kind</text></inputExpression>'
    '</input><output id="o" name="rate" typeRef="string"/><rule id="r"><inputEntry id="c">'
    '<text>{cell}</text></inputEntry><outputEntry id="oc"><text>{gives}</text></outputEntry>'
    "</rule></decisionTable></decision></definitions>"
)


@dataclass(frozen=True)
class Hostile:
    """Files of a deployment, and what must be found: one of the rules, at this element."""

    files: dict[str, bytes] = field(repr=False)
    rules: frozenset[str]
    element: str = ""
    line: bool = True
    """Whether a line is known."""


def at(rule, element, *parts, messages=(), declared="", line=True, **files):
    """A hostile diagram of the process p."""
    return Hostile(
        {
            "p/p.bpmn": d.diagram("p", *parts, messages=messages, declared=declared),
            "p/forms/any.form": d.FORM,
            **files,
        },
        frozenset(rule.split("|")),
        element,
        line,
    )


def between(*parts, first, last=None):
    return (d.start(), *parts, d.end(), d.flow("start", first), d.flow(last or first, "end"))


def xml(raw, rule="xml", *, line=False, element=""):
    raw = raw.encode() if isinstance(raw, str) else raw
    files = {"p/p.bpmn": raw, "p/forms/any.form": d.FORM}
    return Hostile(files, frozenset(rule.split("|")), element, line)


def replaced(old, new, rule, element="", *, line=True):
    raw = SOUND.decode().replace(old, new, 1)
    assert raw != SOUND.decode(), old
    return xml(raw, rule, element=element, line=line)


def form(rule, element, *components, raw=None, **extra):
    source = {"schemaVersion": 16, "type": "default", "components": list(components), **extra}
    content = raw if raw is not None else json.dumps(source).encode()
    files = {"p/p.bpmn": SOUND, "p/forms/any.form": content}
    return Hostile(
        files, frozenset(f"form-{each}" for each in rule.split("|")), element, line=False
    )


def text(key="a", **more):
    words = {"label.nl": "A", "label.de": "A"}
    return {"type": "textfield", "key": key, "label": "A", "properties": words, **more}


def nested(depth):
    part = text()
    for number in range(depth):
        part = {"type": "group", "id": f"g{number}", "label": "G", "components": [part]}
    return part


def dmn(content, rule, element=""):
    files = {"p/p.bpmn": SOUND, "p/forms/any.form": d.FORM}
    return Hostile(
        {**files, "p/rate.dmn": content.encode()}, frozenset(rule.split("|")), element, False
    )


def chain_of(count, make=d.user):
    steps = [f"s{number}" for number in range(count)]
    return (d.start(), *(make(step) for step in steps), d.end(), d.chain("start", *steps, "end"))


def forks(count, tag="parallelGateway"):
    parts, last = [d.start(), d.end()], "start"
    for number in range(count):
        split, join = f"s{number}", f"j{number}"
        marked = {} if tag == "parallelGateway" else {"default": f"{split}_a{number}"}
        parts += [d.node(tag, split, **marked), d.node(tag, join), d.flow(last, split)]
        for name in ("a", "b"):
            parts.append(d.user(f"{name}{number}"))
            asked = "x == 1" if marked and name == "b" else None
            parts += [d.flow(split, f"{name}{number}", asked), d.flow(f"{name}{number}", join)]
        last = join
    return (*parts, d.flow(last, "end"))


def repeated(inner, tag="userTask", name="each"):
    told = d.extensions(d.properties(formKey="any", operation="test.form"))
    loop = f"<bpmn:multiInstanceLoopCharacteristics>{inner}</bpmn:multiInstanceLoopCharacteristics>"
    return between(d.node(tag, name, told + loop), first=name)


def timed(inner):
    return between(
        d.node(
            "intermediateCatchEvent",
            "t",
            f"<bpmn:timerEventDefinition>{inner}</bpmn:timerEventDefinition>",
        ),
        first="t",
    )


def after(expression):
    return timed(f"<bpmn:timeDuration>{expression}</bpmn:timeDuration>")


def scripted(script):
    return between(d.node("scriptTask", "s", f"<bpmn:script>{script}</bpmn:script>"), first="s")


def pre(script, tag="preScript"):
    inner = d.extensions(
        d.properties(formKey="any", operation="test.form")
        + f"<spiffworkflow:{tag}>{script}</spiffworkflow:{tag}>"
    )
    return between(d.node("userTask", "u", inner), first="u")


def calling(process, target):
    return d.diagram(process, d.start(), d.call("c", target), d.end(), d.chain("start", "c", "end"))


def inside(*parts, name="sub"):
    return d.node("subProcess", name, "".join(parts))


LAUGHS = "<!DOCTYPE d [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};'>"
    for n in range(1, 30)
)
BIG = "A" * 50_000


def slips(flows, names):
    """A choice whose conditions read so many names each, all a letter off one that is set."""
    lines = "\n".join(f"{'word' * 4}{n:04}a = 1" for n in range(50))
    parts = [
        d.start(),
        *(d.node("scriptTask", f"s{n}", f"<bpmn:script>{lines}</bpmn:script>") for n in range(2)),
        d.exclusive("x", "default"),
        d.end(),
        d.chain("start", "s0", "s1", "x"),
        d.flow("x", "end", id_="default"),
    ]
    for flow in range(flows):
        read = (f"{'word' * 4}{flow * names + n:06}b" for n in range(names))
        parts.append(d.flow("x", "end", " or ".join(read), id_=f"f{flow}"))
    return parts
