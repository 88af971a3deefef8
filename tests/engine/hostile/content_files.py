"""Hostile in what is repeated, timed, called, asked and decided."""

from tests.engine import diagrams as d
from tests.engine.hostile.parts import (
    DMN,
    LAUGHS,
    SOUND,
    Hostile,
    after,
    at,
    between,
    dmn,
    form,
    nested,
    pre,
    repeated,
    scripted,
    text,
    timed,
)

CONTENT_FILES = {
    # repetition and time
    "a billion times": at(
        "not-supported",
        "each",
        *repeated("<bpmn:loopCardinality>1000000000</bpmn:loopCardinality>"),
    ),
    "times by a data value": at(
        "not-supported", "each", *repeated("<bpmn:loopCardinality>n</bpmn:loopCardinality>")
    ),
    "repeated over nothing": at("repeat", "each", *repeated("")),
    "repeated until a hostile condition": at(
        "expression",
        "each",
        *repeated(
            "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef><bpmn:completionCondition>__import__('os')</bpmn:completionCondition>"
        ),
    ),
    "a loop without an end": at(
        "repeat",
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
                + '<bpmn:standardLoopCharacteristics loopMaximum="3"><bpmn:loopCondition>().__class__</bpmn:loopCondition></bpmn:standardLoopCharacteristics>',  # noqa: E501 - one line of XML
            ),
            first="u",
        ),
    ),
    "a loop a billion times": at(
        "repeat",
        "s",
        *between(
            d.node(
                "scriptTask",
                "s",
                '<bpmn:standardLoopCharacteristics loopMaximum="999999999"/><bpmn:script>a = 1</bpmn:script>',  # noqa: E501 - one line of XML
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
