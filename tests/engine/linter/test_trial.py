"""Processes are started on trial in a child that is stopped in time; the parent never fails."""

import subprocess
import sys
import time

import pytest

from engine.linter import trial
from engine.linter.diagram import Diagram
from engine.spiff.sources import Sources
from tests.engine import diagrams as d
from tests.engine.linter.checking import around, check


def tried(*parts, process="p"):
    """Start a process on trial, whatever the other rules say of it."""
    sources = Sources({"p/p.bpmn": d.diagram(process, *parts)})
    return list(trial.check(sources, [Diagram("p/p.bpmn", sources.root("p/p.bpmn"))]))


def repeated(count):
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="false">'
        f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    return around(("m", d.node("task", "m", loop)))


def forks(blocks):
    parts, last = [], "start"
    for n in range(blocks):
        parts += [
            d.parallel(f"s{n}"),
            d.parallel(f"j{n}"),
            d.service(f"a{n}", "test.note"),
            d.service(f"b{n}", "test.note"),
            d.flow(last, f"s{n}"),
            d.chain(f"s{n}", f"a{n}", f"j{n}"),
            d.chain(f"s{n}", f"b{n}", f"j{n}"),
        ]
        last = f"j{n}"
    return (d.start(), *parts, d.end(), d.flow(last, "end"))


def script(*lines):
    inner = "<bpmn:script>" + "\n".join(lines) + "</bpmn:script>"
    return around(("s", d.node("scriptTask", "s", inner)))


FINE = {
    "one that ends at once": around(),
    "one that waits": around(("u", d.user("u"))),
    "one that waits for time": around(("t", d.timer("t", "P8D"))),
    "one that wants data": (
        d.start(),
        d.exclusive("x", "dflt"),
        d.end("a"),
        d.end("b"),
        d.chain("start", "x"),
        d.flow("x", "a", "kind == 'k'"),
        d.flow("x", "b", id_="dflt"),
    ),
    "one that calls an operation": around(("s", d.service("s", "test.note", {"n": "a.b"}))),
}


@pytest.mark.parametrize("name", FINE)
def test_an_honest_process_comes_to_rest(name):
    assert tried(*FINE[name]) == []


HARMFUL = {
    "an endless loop": (
        (d.start(), d.exclusive("m"), d.service("s", "x.y"), d.chain("start", "m", "s", "m")),
        "500 automatic steps",
    ),
    "far too many at once": (repeated(3_000), "2000 tasks"),
    "a number of times without end": (repeated(10**9), "more than 5 seconds"),
    "exponential forks": (forks(18), "more than 5 seconds"),
    "a bomb of lists": (script("x = [1, 2, 3]", *["x = [x, x, x, x]"] * 20), "larger"),
    "a way that nothing opens": (
        (d.start(), d.exclusive("x"), d.end(), d.chain("start", "x"), d.flow("x", "end", "1 == 2")),
        "failed",
    ),
    "a process nobody can parse": (around(("g", d.node("complexGateway", "g"))), "failed"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_process_becomes_a_finding_on_it(name):
    parts, words = HARMFUL[name]
    (finding,) = tried(*parts)
    assert (finding.rule, finding.severity, finding.file) == ("trial", "error", "p/p.bpmn")
    assert finding.line > 0
    assert words in finding.text


def test_what_wants_too_much_memory_is_stopped_by_the_system():
    """The limit holds for the process itself, whoever asks."""
    code = (
        "from engine.spiff import trial\n"
        "trial._limit()\n"
        "try:\n  bytearray(600 * 1024 * 1024)\nexcept MemoryError: print('refused')\n"
        "bytearray(64 * 1024 * 1024); print('granted')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.stdout.split() == ["refused", "granted"], ended.stderr


def test_the_trial_is_part_of_the_rules_only_when_asked_for():
    loop = around(("a", d.node("scriptTask", "a", "<bpmn:script>x = 1 / 0</bpmn:script>")))
    assert check(*loop) == []
    (finding,) = check(*loop, trial=True)
    assert (finding.rule, finding.element_id) == ("trial", "a")


def test_what_other_rules_refuse_is_not_started():
    bad = around(("s", d.service("s", "gone.away")), ("m", repeated(10**9)[1]))
    before = time.monotonic()
    assert "trial" not in {each.rule for each in check(*bad, trial=True)}
    assert time.monotonic() - before < 2


def test_the_child_knows_no_secret_and_no_folder_of_ours(monkeypatch, tmp_path):
    """It runs with an empty environment, from anywhere."""
    monkeypatch.setenv("SECRET_KEY", "not for diagrams")
    monkeypatch.chdir(tmp_path)
    assert tried(*around(("elsewhere", d.user("elsewhere")))) == []


def test_a_child_that_cannot_start_is_a_finding_too(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    (finding,) = tried(*around(("nobody", d.user("nobody"))))
    assert (finding.rule, finding.severity) == ("trial", "error")
