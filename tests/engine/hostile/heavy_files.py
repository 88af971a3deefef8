"""Hostile by number, and where the engine and the rules could read two different diagrams."""

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.hostile.parts import (
    DMN,
    SOUND,
    Hostile,
    after,
    at,
    between,
    calling,
    inside,
    repeated,
    scripted,
    timed,
    xml,
)

_FOREIGN = "xmlns:x='urn:x'"
_DMN = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dd"><decision id="r">'
_LIST = "[" + "1," * 900


def table(inner):
    raw = f'{_DMN}<decisionTable hitPolicy="FIRST">{inner}</decisionTable></decision></definitions>'
    return raw.encode()


def decided(raw, rule, element):
    files = {"p/p.bpmn": SOUND, "p/forms/any.form": d.FORM, "p/decisions/r.dmn": raw}
    return Hostile(files, frozenset({rule}), element)


def operators(*names):
    rows = "".join(f'<spiffworkflow:serviceTaskOperator id="{name}"/>' for name in names)
    return d.node("serviceTask", "s", d.extensions(rows))


def calls(count):
    """So many processes, each calling the next one three hundred times."""
    files = {"p/p.bpmn": calling("p", "q0"), "p/forms/any.form": d.FORM}
    steps = [f"c{number}" for number in range(300)]
    for number in range(count):
        drawn = [d.call(step, f"q{number + 1}") for step in steps]
        if number == count - 1:
            drawn = [d.node("task", step) for step in steps]
        parts = (d.start(), *drawn, d.end(), d.chain("start", *steps, "end"))
        files[f"q{number}/q{number}.bpmn"] = d.diagram(f"q{number}", *parts)
    return Hostile(files, frozenset({"too-large"}), "", False)


def chosen(inner):
    """A choice whose one flow holds this."""
    flow = d.flow("x", "u").replace("></bpmn:sequenceFlow>", f">{inner}</bpmn:sequenceFlow>")
    return (
        *(d.start(), d.exclusive("x", "o"), d.user("u"), d.end()),
        *(d.flow("start", "x"), flow, d.flow("x", "end", id_="o"), d.flow("u", "end")),
    )


def thrown(code):
    ends = [f"e{number}" for number in range(390)]
    return (
        *(d.start(), d.parallel("g"), d.flow("start", "g")),
        *(d.node("endEvent", end, '<bpmn:errorEventDefinition errorRef="er"/>') for end in ends),
        *(d.flow("g", end) for end in ends),
    ), f'<bpmn:error id="er" errorCode="{code}"/>'


def condition(text):
    return f"<bpmn:conditionExpression>{text}</bpmn:conditionExpression>"


_THROWN, _DECLARED = thrown("C" * 1_500_000)

HEAVY_FILES = {
    # by number
    **{
        f"40,000 {kind}s that refer to nothing": at(
            f"no-{kind}",
            "c",
            *between(
                d.node("intermediateCatchEvent", "c", f"<bpmn:{kind}EventDefinition/>" * 40_000),
                first="c",
            ),
        )
        for kind in ("message", "signal")
    },
    "50,000 processes": xml(
        SOUND.replace(
            b"</bpmn:definitions>",
            b"".join(b'<bpmn:process id="q%d"/>' % n for n in range(50_000))
            + b"</bpmn:definitions>",
        ),
        "one-process",
    ),
    "a date of 200,000 digits": at(
        "expression", "t", *timed(f"<bpmn:timeDate>2026-01-01T{'1' * 200_000} x</bpmn:timeDate>")
    ),
    "an error code of 1.5 MB thrown 390 times": at("long-name", "er", *_THROWN, declared=_DECLARED),
    "a choice with 1,500 ways back to itself": at(
        "endless-loop",
        "x",
        *(d.start(), d.parallel("g"), d.exclusive("x", "o"), d.end()),
        *(d.flow("start", "g"), d.flow("g", "x"), d.flow("x", "end", id_="o")),
        *(d.parallel(f"j{n}") + d.flow("g", f"j{n}") + d.flow(f"j{n}", "end") for n in range(100)),
        *(d.flow("x", f"j{n}", "a") for n in range(100)),
        *(d.flow("x", "x", "a", id_=f"l{n}") for n in range(1_500)),
    ),
    "1,000 parameters of 1,800 signs": at(
        "too-large",
        "",
        *between(
            d.service("s", "test.form", {f"x{n}": f"{_LIST}{n}]" for n in range(1_000)}), first="s"
        ),
        line=False,
    ),
    "forty processes that call each other 300 times": calls(40),
    "70,000 outputs": decided(
        table("".join(f'<output name="a{n}"/>' for n in range(70_000))), "too-large", "r"
    ),
    "1,000 inputs of 1,800 signs": decided(
        table(
            "".join(
                f"<input><inputExpression><text>{_LIST}{n}]</text></inputExpression></input>"
                for n in range(1_000)
            )
        ),
        "too-large",
        "dd",
    ),
    "a cell of 400,000 quotation marks": decided(
        DMN.format(cell='\\"' * 400_000, gives="'1'").encode(), "expression", "c"
    ),
    "a form in UTF-16 that reads as quotation marks": Hostile(
        {
            "p/p.bpmn": SOUND,
            "p/forms/any.form": (
                '{"components":[{"type":"bad"}],"x":"' + "\u225c" * 120_000 + '\u5c41"}'
            ).encode("utf-16-le"),
        },
        frozenset({"form-type"}),
    ),
    # read in two ways
    "a flow outside its subprocess": at(
        "crossing-flow",
        "s_u",
        *between(inside(d.start("s"), d.user("u"), d.end("e")), first="sub"),
        d.chain("s", "u", "e"),
    ),
    "flows outside the process": at(
        "crossing-flow",
        "start_u",
        *(d.start(), d.user("u"), d.end()),
        declared=d.chain("start", "u", "end"),
    ),
    "a start called as the engine's own": at(
        "bad-id", "Start", *(d.start("Start"), d.user("u"), d.end(), d.chain("Start", "u", "end"))
    ),
    "a step called as the engine's end": at("bad-id", "End", *between(d.user("End"), first="End")),
    "a step called as the engine's join": at(
        "bad-id", "p.EndJoin", *between(d.user("p.EndJoin"), first="p.EndJoin")
    ),
    "a step called as the helper of another": at(
        "bad-id",
        "u.BoundaryEventSplit",
        *between(d.user("u"), d.user("u.BoundaryEventSplit"), first="u"),
    ),
    "an operator behind another": at(
        "unknown-operation", "s", *between(operators("test.form", "no.such"), first="s")
    ),
    "an operator that stands for another by its id": at(
        "unknown-operation",
        "s",
        d.extensions(
            f"<x:y {_FOREIGN} id='s'>{d.extensions(operators('test.form'))}</x:y>".replace(
                '<bpmn:serviceTask id="s" name="s">', ""
            ).replace("</bpmn:serviceTask>", "")
        ),
        *between(operators("no.such"), first="s"),
    ),
    "a message of another language": at(
        "no-message",
        "c",
        *between(d.catch("c", "told"), first="c"),
        declared=d.extensions(f"<x:message {_FOREIGN} id='m_told' name='told'/>"),
    ),
    "a message within the process": at(
        "no-message",
        "c",
        *between(d.catch("c", "told"), first="c"),
        "<bpmn:message id='m_told' name='told'/>",
    ),
    "a mark that is neither on nor off": at(
        "not-supported",
        "b",
        *between(d.user("u"), first="u"),
        d.boundary("b", "u", d.duration("P1D")).replace('Activity="true"', 'Activity="1"'),
        d.flow("b", "end"),
    ),
    "a hidden condition": at(
        "condition-ignored",
        "start_u",
        *(d.start(), d.user("u"), d.end(), d.flow("u", "end")),
        d.flow("start", "u").replace(
            "></bpmn:sequenceFlow>", f">{d.extensions(condition('no'))}</bpmn:sequenceFlow>"
        ),
    ),
    "a condition with an element in it": at(
        "expression", "x_u", *chosen(condition("a == 1 <b/> and b == 2"))
    ),
    "a condition that goes on behind a remark": at(
        "expression", "x_u", *chosen(condition("a == 1 <!-- x --> and open('b')"))
    ),
    "a script that goes on behind a remark": at(
        "no-script", "s", *scripted("a = 1<!-- x -->\nimport os")
    ),
    "a duration with an instruction in it": at("timer", "t", *after('"P1<?x y?>Q"')),
    "two scripts in one task": at(
        "no-script",
        "s",
        *between(d.node("scriptTask", "s", "<bpmn:script>a = 1</bpmn:script>" * 2), first="s"),
    ),
    "a flow without an id": at(
        "missing-id",
        "",
        *(d.start(), d.user("u"), d.end(), d.flow("u", "end")),
        d.flow("start", "u").replace(' id="start_u"', ""),
    ),
    "a repeated start": at(
        "repeat",
        "start",
        d.node("startEvent", "start", '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'),
        *(d.user("u"), d.end(), d.chain("start", "u", "end")),
    ),
    "a step repeated in two ways": at(
        "repeat",
        "each",
        *(
            part.replace(
                "<bpmn:multi", '<bpmn:standardLoopCharacteristics loopMaximum="2"/><bpmn:multi', 1
            )
            for part in repeated("<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>")
        ),
    ),
    "data that no parent scope has": at(
        "engine",
        "t",
        *between(
            inside(
                d.start("s"),
                d.node(
                    "task",
                    "t",
                    "<bpmn:dataInputAssociation><bpmn:sourceRef>r</bpmn:sourceRef>"
                    "</bpmn:dataInputAssociation>",
                ),
                d.end("e"),
                d.chain("s", "t", "e"),
                f"<x:dataObjectReference {_FOREIGN} id='r' dataObjectRef='gone'/>",
            ),
            first="sub",
        ),
    ),
}

LOOKS_HEAVY = {
    "a catch of all errors beside 80,000 elements without id": {
        "p/p.bpmn": d.diagram(
            "p",
            *between(
                inside(
                    d.start("s"),
                    d.parallel("g"),
                    d.flow("s", "g"),
                    *(d.node("endEvent", f"e{n}", e.error("X")) for n in range(180)),
                    *(d.flow("g", f"e{n}") for n in range(180)),
                ),
                first="sub",
            ),
            *(d.boundary(f"b{n}", "sub", "<bpmn:errorEventDefinition/>") for n in range(100)),
            *(d.flow(f"b{n}", "end") for n in range(100)),
            d.extensions("<x xmlns='u'/>" * 80_000),
            declared=e.declared(errors=["X"]),
        )
    },
}
