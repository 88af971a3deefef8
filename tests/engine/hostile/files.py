"""The table of hostile files: what a stranger may upload, and at which element it is refused."""

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


def at(rule, element, *parts, messages=(), line=True, **files):
    """A hostile diagram of the process p."""
    return Hostile(
        {
            "p/p.bpmn": d.diagram("p", *parts, messages=messages),
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

FILES: dict[str, Hostile] = {
    # the XML itself
    "doctype": xml("<!DOCTYPE definitions>" + BODY, line=True),
    "internal entity": xml(
        "<!DOCTYPE d [<!ENTITY x 'u'>]>" + BODY.replace('id="d"', 'id="&x;"'), line=True
    ),
    "billion laughs": xml(
        LAUGHS + "]>" + BODY.replace("<process", "<documentation>&a29;</documentation><process")
    ),
    "quadratic blow-up": xml(f"<!DOCTYPE d [<!ENTITY a '{BIG}'>]><d>{'&a;' * 20_000}</d>"),
    "external entity": xml("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><d>&x;</d>"),
    "external entity over the network": xml(
        "<!DOCTYPE d [<!ENTITY x SYSTEM 'http://127.0.0.1:9/'>]><d>&x;</d>"
    ),
    "parameter entity": xml("<!DOCTYPE d [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]>" + BODY),
    "external DTD": xml("<!DOCTYPE d SYSTEM 'file:///etc/passwd'>" + BODY, line=True),
    "doctype in UTF-16": xml(("<!DOCTYPE d [<!ENTITY x 'u'>]>" + BODY).encode("utf-16"), line=True),
    "doctype in UTF-7": xml(
        b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE d+AD4-' + BODY.encode()
    ),
    "claims EBCDIC": xml(
        '<?xml version="1.0" encoding="IBM037"?>' + BODY, "xml|one-process|process-id"
    ),
    "is EBCDIC": xml(('<?xml version="1.0" encoding="cp037"?><!DOCTYPE d>' + BODY).encode("cp037")),
    "two byte order marks": xml(b"\xef\xbb\xbf\xff\xfe" + BODY.encode()),
    "UTF-16 that claims UTF-8": xml(
        '<?xml version="1.0" encoding="UTF-8"?>'.encode("utf-16") + BODY.encode("utf-16-le")[1:]
    ),
    "an encoding nobody knows": xml('<?xml version="1.0" encoding="x-evil"?>' + BODY),
    "NUL in a name": xml(SOUND.replace(b'name="u"', b'name="u\x00"')),
    "NUL as a reference": replaced('name="u"', 'name="&#0;"', "xml", line=True),
    "nested 150 deep": xml("<a>" * 150 + "</a>" * 150),
    "nested 100,000 deep": xml("<a>" * 100_000, line=True),
    "two megabytes of comments": xml(BODY + "<!--" + "x" * 2_000_000 + "-->"),
    "100,000 comments and nothing else": xml("<!---->" * 100_000),
    "100,000 processing instructions": xml(
        BODY.replace("<process", "<?a b?>" * 100_000 + "<process"),
        "no-start|unreachable|one-process|engine|empty",
    ),
    "100,000 namespaces": xml(
        BODY.replace('id="d"', " ".join(f'xmlns:n{n}="u"' for n in range(100_000))),
        "xml|engine|no-start|one-process|empty",
    ),
    "100,000 attributes": xml(
        BODY.replace('id="d"', " ".join(f'a{n}=""' for n in range(100_000))),
        "xml|engine|no-start|one-process|empty",
    ),
    "an attribute of 1.9 MB as id": replaced(
        'id="u"', f'id="{"u" * 1_900_000}"', "bad-id|dangling-flow", line=False
    ),
    "not closed": xml(SOUND[:-40], line=True),
    "gzip": xml(b"\x1f\x8b\x08\x00" + bytes(200)),
    "a web page": xml("<html><body onload='alert(1)'/></html>", "one-process"),
    "another BPMN": xml(BODY.replace("20100524", "29990101"), "one-process"),
    "an external schema": xml(
        BODY.replace(
            'id="d"',
            'id="d" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="http://127.0.0.1:9/ http://127.0.0.1:9/x"',
        ),
        "engine|no-start|empty",
    ),
    "XInclude": replaced(
        "<bpmn:process",
        '<bpmn:documentation><x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></bpmn:documentation><bpmn:task id="q"/><bpmn:process',
        "one-process|unreachable|engine",
        line=False,
    ),
    "imports another file": replaced(
        "<bpmn:process",
        '<bpmn:import id="i" importType="u" location="file:///etc/passwd" namespace="u"/><bpmn:process',
        "not-supported",
        "i",
    ),
    "no process": xml(BODY.replace("process", "category"), "one-process"),
    "two processes": replaced(
        "</bpmn:definitions>",
        '<bpmn:process id="q" isExecutable="true"/></bpmn:definitions>',
        "one-process",
        line=False,
    ),
    "a process named otherwise": replaced(
        '<bpmn:process id="p"', '<bpmn:process id="other"', "process-id", "other"
    ),
    # ids and names
    "an id twice": at("duplicate-id", "u", *between(d.user("u"), d.user("u"), first="u")),
    "a subprocess with the id of its process": at(
        "duplicate-id",
        "p",
        *between(inside(d.start("s"), d.end("e"), d.flow("s", "e"), name="p"), first="p"),
    ),
    "a subprocess in a subprocess of the same id": at(
        "duplicate-id",
        "sub",
        *between(
            inside(
                d.start("s"),
                inside(d.start("s2"), d.end("e2"), d.flow("s2", "e2")),
                d.end("e"),
                d.chain("s", "sub", "e"),
            ),
            first="sub",
        ),
    ),
    "an id that is an XPath": at(
        "bad-id", "u' or '1'='1", *between(d.user("u' or '1'='1"), first="u' or '1'='1")
    ),
    "an id that is a selector": at(
        "bad-id", "a] , *[x", *between(d.user("a] , *[x"), first="a] , *[x")
    ),
    "an id that is a script": at(
        "bad-id", "<script>", *between(d.user("&lt;script&gt;"), first="&lt;script&gt;")
    ),
    "an id with a path": at("bad-id", "../../u", *between(d.user("../../u"), first="../../u")),
    "an id longer than a column": at(
        "bad-id", "u" * 101, *between(d.user("u" * 101), first="u" * 101)
    ),
    "an empty id": at("missing-id", "", *between(d.user("u"), first="u"), d.user("")),
    "a message longer than a column": at(
        "message-name",
        "m_" + "m" * 101,
        *between(d.catch("c", "m" * 101), first="c"),
        messages=["m" * 101],
    ),
    "a message that shadows what the engine keeps": at(
        "message-name", "m_due", *between(d.catch("c", "due"), first="c"), messages=["due"]
    ),
    "another message that shadows": at(
        "message-name",
        "m_seen_events",
        *between(d.catch("c", "seen_events"), first="c"),
        messages=["seen_events"],
    ),
    "a lane longer than a column": replaced(
        "<bpmn:startEvent",
        f'<bpmn:laneSet id="ls"><bpmn:lane id="l" name="{"x" * 101}"><bpmn:flowNodeRef>u</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet><bpmn:startEvent',
        "lane",
        "l",
    ),
    "a lane that names nothing": replaced(
        "<bpmn:startEvent",
        '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="x"><bpmn:flowNodeRef>gone</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet><bpmn:startEvent',
        "lane",
        "l",
    ),
    # how things are connected
    "a flow to nowhere": at(
        "dangling-flow", "u_gone", *between(d.user("u"), first="u"), d.flow("u", "gone")
    ),
    "a flow into a subprocess": at(
        "crossing-flow",
        "u_in",
        *between(
            d.user("u"),
            inside(d.start("s"), d.user("in"), d.end("e"), d.chain("s", "in", "e")),
            first="u",
            last="sub",
        ),
        d.flow("u", "in"),
    ),
    "a flow out of a subprocess": at(
        "crossing-flow",
        "in_u",
        *between(
            d.user("u"),
            inside(d.start("s"), d.user("in"), d.end("e"), d.chain("s", "in", "e")),
            first="sub",
            last="u",
        ),
        d.flow("in", "u"),
    ),
    "a boundary event on itself": at(
        "boundary-host|dangling-boundary",
        "b",
        *between(d.user("u"), first="u"),
        d.boundary("b", "b", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "boundary events on each other": at(
        "boundary-host|dangling-boundary",
        "b",
        *between(d.user("u"), first="u"),
        d.boundary("b", "c", d.duration("PT1H")),
        d.boundary("c", "b", d.duration("PT1H")),
        d.flow("b", "end"),
        d.flow("c", "end"),
    ),
    "a boundary event on a gateway": at(
        "boundary-host",
        "b",
        *between(d.exclusive("x"), first="x"),
        d.boundary("b", "x", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "a boundary event on nothing": at(
        "dangling-boundary",
        "b",
        *between(d.user("u"), first="u"),
        d.boundary("b", "gone", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "a boundary event on a step elsewhere": at(
        "boundary-host",
        "b",
        *between(
            inside(d.start("s"), d.user("in"), d.end("e"), d.chain("s", "in", "e")), first="sub"
        ),
        d.boundary("b", "in", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "a way into a start": at(
        "start-entered|endless-loop|engine",
        "start",
        *between(d.user("u"), first="u"),
        d.flow("u", "start"),
    ),
    "a way out of an end": at(
        "end-left|engine", "end", *between(d.user("u"), first="u"), d.flow("end", "u")
    ),
    "unreachable": at(
        "unreachable", "v", *between(d.user("u"), first="u"), d.user("v"), d.flow("v", "end")
    ),
    "no way to an end": at(
        "no-path-to-end",
        "u",
        d.start(),
        d.exclusive("m"),
        d.user("u"),
        d.chain("start", "m", "u", "m"),
    ),
    "401 nodes": at("too-large", "p", *chain_of(399)),
    "1,900 nodes in a process that is not run": xml(
        SOUND.decode().replace(
            "</bpmn:definitions>",
            '<bpmn:process id="q" isExecutable="false">'
            + "".join(chain_of(1_900)).replace('"start"', '"qs"').replace('"end"', '"qe"')
            + "</bpmn:process></bpmn:definitions>",
        ),
        "too-large|one-process",
        element="q",
        line=True,
    ),
    "15,000 flows": at(
        "too-large",
        "",
        *between(d.user("u"), first="u"),
        *(d.flow("u", "end", id_=f"f{n}") for n in range(15_000)),
        line=False,
    ),
    "fourteen forks": at("too-many-paths", "start", *forks(14)),
    "forty forks": at("too-many-paths", "start", *forks(40)),
    # loops and calls
    "a loop of gateways": at(
        "endless-loop",
        "m",
        d.start(),
        d.exclusive("m"),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
    ),
    "a loop of parallel forks": at(
        "endless-loop",
        "f",
        d.start(),
        d.parallel("f"),
        d.end(),
        d.chain("start", "f", "end"),
        d.flow("f", "f"),
    ),
    "a loop of subprocesses that never wait": at(
        "endless-loop",
        "m",
        d.start(),
        d.exclusive("m"),
        inside(d.start("s"), d.service("w", "test.note"), d.end("e"), d.chain("s", "w", "e")),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "sub", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
    ),
    "a loop of scripts": at(
        "endless-loop",
        "m",
        d.start(),
        d.exclusive("m"),
        d.node("scriptTask", "s", "<bpmn:script>a = 1</bpmn:script>"),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "s", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
    ),
    "a loop of messages thrown": at(
        "endless-loop",
        "m",
        d.start(),
        d.exclusive("m"),
        d.throw("t", "told"),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "t", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
        messages=["told"],
    ),
    "a loop of errors caught": at(
        "endless-loop|engine|not-supported",
        "b",
        d.start(),
        d.exclusive("m"),
        inside(
            d.start("s"),
            d.node("endEvent", "e", '<bpmn:errorEventDefinition errorRef="er"/>'),
            d.flow("s", "e"),
        ),
        d.boundary("b", "sub", '<bpmn:errorEventDefinition errorRef="er"/>'),
        d.end(),
        d.chain("start", "m", "sub", "end"),
        d.flow("b", "m"),
    ),
    "a process that calls itself": at(
        "call-cycle", "p", *between(d.call("c", "p"), first="c"), line=False
    ),
    "three processes that call each other": Hostile(
        {
            "p/p.bpmn": calling("p", "q"),
            "q/q.bpmn": calling("q", "r"),
            "r/r.bpmn": calling("r", "p"),
        },
        frozenset({"call-cycle"}),
        "p",
        False,
    ),
    "a call to a path": at("unknown-process", "c", *between(d.call("c", "../q"), first="c")),
    "a call to nobody": at(
        "unknown-process", "c", *between(d.node("callActivity", "c"), first="c")
    ),
    # repetition and time
    "a billion times": at(
        "not-supported",
        "each",
        *repeated("<bpmn:loopCardinality>1000000000</bpmn:loopCardinality>"),
    ),
    "times by a data value": at(
        "not-supported", "each", *repeated("<bpmn:loopCardinality>n</bpmn:loopCardinality>")
    ),
    "repeated over nothing": at("repetition|engine", "each", *repeated("")),
    "repeated until a hostile condition": at(
        "expression",
        "each",
        *repeated(
            "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef><bpmn:completionCondition>__import__('os')</bpmn:completionCondition>"
        ),
    ),
    "a loop without an end": at(
        "repetition|engine",
        "u",
        *between(
            d.node(
                "userTask",
                "u",
                d.extensions(d.properties(formKey="any", operation="test.form"))
                + "<bpmn:standardLoopCharacteristics/>",
            ),
            first="u",
        ),
    ),
    "a loop with a hostile condition": at(
        "expression",
        "u",
        *between(
            d.node(
                "userTask",
                "u",
                d.extensions(d.properties(formKey="any", operation="test.form"))
                + '<bpmn:standardLoopCharacteristics loopMaximum="3"><bpmn:loopCondition>().__class__</bpmn:loopCondition></bpmn:standardLoopCharacteristics>',
            ),
            first="u",
        ),
    ),
    "a loop a billion times": at(
        "repetition|engine",
        "s",
        *between(
            d.node(
                "scriptTask",
                "s",
                '<bpmn:standardLoopCharacteristics loopMaximum="999999999"/><bpmn:script>a = 1</bpmn:script>',
            ),
            first="s",
        ),
    ),
    "a timer every nothing": at(
        "not-supported|timer", "t", *timed("<bpmn:timeCycle>'R/PT0S'</bpmn:timeCycle>")
    ),
    "a timer every second": at(
        "not-supported|timer", "t", *timed("<bpmn:timeCycle>'R/PT1S'</bpmn:timeCycle>")
    ),
    "a timer that says nothing": at("timer|engine", "t", *timed("")),
    "a negative duration": at("timer", "t", *after('"-PT1H"')),
    "an absurd duration": at("timer", "t", *after('"P999Y"')),
    "a duration of digits": at("timer|expression", "t", *after('"P' + "9" * 1_000 + 'D"')),
    "a date before all calendars": at(
        "timer", "t", *timed("<bpmn:timeDate>'0001-01-01T00:00:00+14:00'</bpmn:timeDate>")
    ),
    "a date after all calendars": at(
        "timer", "t", *timed("<bpmn:timeDate>'9999-12-31T23:59:59-14:00'</bpmn:timeDate>")
    ),
    "a date in no zone": at(
        "timer", "t", *timed("<bpmn:timeDate>'2026-01-05T09:00:00'</bpmn:timeDate>")
    ),
    "a timer of one megabyte": at("expression", "t", *after("'" + "P" * 1_000_000 + "'")),
    # what is called and said
    "a script that imports": at("no-script", "s", *scripted("import os")),
    "a script that walks": at(
        "no-script", "s", *scripted("a = ().__class__.__mro__[1].__subclasses__()")
    ),
    "a script of a megabyte": at("no-script", "s", *scripted("a = 1\n" * 160_000)),
    "a script before a task": at("no-script", "u", *pre("open('/etc/passwd')")),
    "a script after a task": at("no-script", "u", *pre("while True: pass", "postScript")),
    "an operation with a dunder": at(
        "unknown-operation", "s", *between(d.service("s", "__import__"), first="s")
    ),
    "an operation that walks": at(
        "unknown-operation", "s", *between(d.service("s", "test.form.__class__"), first="s")
    ),
    "a task's operation with a dunder": at(
        "unknown-operation", "u", *between(d.user("u", operation="__class__"), first="u")
    ),
    "a hostile parameter": at(
        "expression", "s", *between(d.service("s", "test.note", {"x": "__builtins__"}), first="s")
    ),
    "a form out of the folder": at(
        "no-form", "u", *between(d.user("u", form="../../../etc/passwd"), first="u")
    ),
    "a hostile condition": at(
        "expression",
        "x_end",
        d.start(),
        d.exclusive("x", "d"),
        d.end(),
        d.end("e2"),
        d.flow("start", "x"),
        d.flow("x", "end", "eval('1')"),
        d.flow("x", "e2", id_="d"),
    ),
    "a hostile payload": at(
        "expression",
        "t",
        *between(
            d.node(
                "sendTask",
                "t",
                d.extensions(
                    "<spiffworkflow:messagePayload>__import__('os')</spiffworkflow:messagePayload>"
                ),
                messageRef="m_told",
            ),
            first="t",
        ),
        messages=["told"],
    ),
    "a message without a name": at("no-message", "c", *between(d.catch("c", "gone"), first="c")),
    "a file of another kind": Hostile(
        {"p/p.bpmn": SOUND, "p/forms/any.form": d.FORM, "p/run.py": b"import os"},
        frozenset({"file-type"}),
        "",
        False,
    ),
    "a file with a path": Hostile(
        {"p/p.bpmn": SOUND, "p/forms/any.form": d.FORM, "../q/q.bpmn": SOUND},
        frozenset({"file-name", "process-id"}),
        "",
        False,
    ),
    # forms
    "a form of 10,000 fields": form("size|json", "", *(text(f"a{n}") for n in range(10_000))),
    "a form nested 50 deep": form("size", "", nested(50)),
    "a form nested 100,000 deep": form("json", "", raw=b'{"components":' + b"[" * 100_000),
    "a form of half a megabyte": form("json", "", text(description="x" * 500_000)),
    "a form with a regex bomb": form("pattern", "a", text(validate={"pattern": "(a+)+$" * 60})),
    "a form with a counted bomb": form(
        "pattern", "a", text(validate={"pattern": "((a{1,99}){1,99}){1,99}"})
    ),
    "a form with a reference": form("pattern", "a", text(validate={"pattern": r"(a)\1"})),
    "a form that looks up nothing": form(
        "options",
        "a",
        {"type": "select", "key": "a", "label": "A", "properties": {"options": "gone"}},
    ),
    "a form with a hostile condition": form(
        "condition", "a", text(conditional={"hide": "=__import__('os')"})
    ),
    "a form with a deep condition": form(
        "condition", "a", text(conditional={"hide": "=" + "(" * 500 + "a" + ")" * 500})
    ),
    "a form whose fields hide each other": form(
        "circle",
        "a",
        text("a", conditional={"hide": "=b = 1"}),
        text("b", conditional={"hide": "=a = 1"}),
    ),
    "a form with a key that is a prototype": form("key", "__proto__", text("__proto__")),
    "a form with a computed text": form("template", "a", text(description="{{ ''.__class__ }}")),
    "a form with a number of 5,000 digits": form(
        "json|value",
        "",
        raw=b'{"components":[{"type":"number","key":"a","label":"A","validate":{"max":'
        + b"9" * 5_000
        + b"}}]}",
    ),
    "a form that is not a number": form(
        "json",
        "",
        raw=b'{"components":[{"type":"number","key":"a","label":"A","validate":{"max":NaN}}]}',
    ),
    "a form with half a letter": form(
        "value|label", "a", raw=b'{"components":[{"type":"textfield","key":"a","label":"\\ud800"}]}'
    ),
    "a form that is a list": form("json", "", raw=b"[]"),
    # decisions
    "a decision with a doctype": dmn("<!DOCTYPE d>" + DMN.format(cell="'a'", gives="'b'"), "xml"),
    "a decision of laughs": dmn(LAUGHS + "]>" + DMN.format(cell="&a29;", gives="'b'"), "xml"),
    "a decision nested 150 deep": dmn("<a>" * 150 + "</a>" * 150, "xml"),
    "a decision of two megabytes": dmn(DMN.format(cell="x" * 2_000_000, gives="'b'"), "xml"),
}
"""Each refused with an error by one of its rules, at its element."""

HARMLESS: dict[str, dict[str, bytes]] = {
    "1.9 MB of comments": {
        "p/p.bpmn": SOUND.replace(
            b"</bpmn:process>", b"</bpmn:process><!--" + b"x" * 1_900_000 + b"-->"
        )
    },
    "a name of 1.9 MB": {
        "p/p.bpmn": SOUND.replace(b'name="u"', b'name="' + b"u" * 1_900_000 + b'"')
    },
    "100,000 elements of others": {
        "p/p.bpmn": SOUND.replace(
            b"</bpmn:process>", b"</bpmn:process>" + b'<x xmlns="u"/>' * 100_000
        )
    },
    "a chain of 400 nodes": {"p/p.bpmn": d.diagram("p", *chain_of(398))},
    "twenty choices in a row": {"p/p.bpmn": d.diagram("p", *forks(20, "exclusiveGateway"))},
    "twenty inclusive gateways in a row": {
        "p/p.bpmn": d.diagram("p", *forks(20, "inclusiveGateway"))
    },
}
"""Strange, but nothing is wrong with them: only answered in time."""
