"""Processes are started on trial in a child that is stopped in time; the parent never fails."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from engine.linter import trial
from engine.linter.diagram import Diagram
from engine.spiff.sources import Sources
from tests.engine import diagrams as d
from tests.engine.linter.checking import around, check, told


def tried(*parts, process="p"):
    """Start a process on trial, whatever the other rules say of it."""
    sources = Sources({"p/p.bpmn": d.diagram(process, *parts)})
    return list(trial.check(sources, [Diagram("p/p.bpmn", sources.root("p/p.bpmn"))]))


def over_a_list(items):
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="false">'
        "<bpmn:loopDataInputRef>x</bpmn:loopDataInputRef></bpmn:multiInstanceLoopCharacteristics>"
    )
    lines = ["x = [1]", *["x = x + x"] * items]
    made = "<bpmn:script>" + "\n".join(lines) + "</bpmn:script>"
    return around(("s", d.node("scriptTask", "s", made)), ("m", d.node("task", "m", loop)))


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


FINE_OF_MORE_KINDS = {
    "one that a message starts": (
        '<bpmn:message id="m_begin" name="begin"/>',
        (d.node("startEvent", "start", d.message_definition("begin")), d.end()),
        [],
    ),
    "one that fails on purpose": (
        '<bpmn:error id="e" errorCode="NO"/>',
        (d.start(), d.node("endEvent", "end", '<bpmn:errorEventDefinition errorRef="e"/>')),
        [("uncaught-error", "end", "warning")],
    ),
}


@pytest.mark.parametrize("name", FINE_OF_MORE_KINDS)
def test_messages_that_start_and_errors_for_whoever_calls_are_no_fault(name):
    declared, parts, warned = FINE_OF_MORE_KINDS[name]
    assert told(check(*parts, d.chain("start", "end"), root=declared, trial=True)) == warned


def test_a_message_start_is_tried_too():
    declared = '<bpmn:message id="m_begin" name="begin"/>'
    parts = (
        d.node("startEvent", "start", d.message_definition("begin")),
        d.node("scriptTask", "s", "<bpmn:script>x = 1 / 0</bpmn:script>"),
        d.end(),
        d.chain("start", "s", "end"),
    )
    assert told(check(*parts, root=declared, trial=True)) == [("trial", "s", "error")]


@pytest.mark.parametrize("name", FINE)
def test_an_honest_process_comes_to_rest(name):
    assert tried(*FINE[name]) == []


HARMFUL = {
    "an endless loop": (
        (d.start(), d.exclusive("m"), d.service("s", "x.y"), d.chain("start", "m", "s", "m")),
        "500 automatic steps",
    ),
    "far too many at once": (forks(9), "2000 tasks"),
    "a list of a thousand": (over_a_list(10), "1024"),
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
    bad = around(("s", d.service("s", "gone.away")), ("u", d.user("u")))
    before = trial.MEMORY_OF_TRIALS.children
    assert told(check(*bad, trial=True)) == [("unknown-operation", "s", "error")]
    assert trial.MEMORY_OF_TRIALS.children == before


def test_the_child_knows_no_secret_and_no_folder_of_ours(monkeypatch, tmp_path):
    """It runs with an empty environment, from anywhere."""
    monkeypatch.setenv("SECRET_KEY", "not for diagrams")
    monkeypatch.chdir(tmp_path)
    assert tried(*around(("elsewhere", d.user("elsewhere")))) == []


def test_a_child_that_cannot_start_is_a_finding_too(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    (finding,) = tried(*around(("nobody", d.user("nobody"))))
    assert (finding.rule, finding.severity) == ("trial", "error")


def test_when_others_take_all_the_time_there_is_the_trial_gives_up_in_words(monkeypatch):
    """Nobody waits for ever, and nothing is remembered that was not seen."""
    waiting = around(("queue", d.user("queue")))
    with monkeypatch.context() as busy, ExitStack() as others:
        busy.setattr(trial, "_PATIENCE", 0.2)
        for _ in range(2):
            others.enter_context(trial.AT_ONCE)
        (finding,) = tried(*waiting)
    assert (finding.rule, "try again" in finding.text) == ("trial", True)
    assert tried(*waiting) == []


def children():
    """Return the ids of the trials that run below this process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if (
                int(parent) == os.getpid()
                and b"engine.spiff.trial" in (folder / "cmdline").read_bytes()
            ):
                found.append(int(folder.name))
    return found


def test_a_trial_that_the_machine_killed_says_nothing_of_the_process_and_is_not_remembered():
    parts = forks(19)
    for _ in range(2):
        before = trial.MEMORY_OF_TRIALS.children
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(tried, *parts)
            while not (seen := children()):
                time.sleep(0.05)
            time.sleep(1)  # by now it has said that it begins
            os.kill(seen[0], signal.SIGKILL)
            (finding,) = asked.result()
        assert "ended early" in finding.text
        assert trial.MEMORY_OF_TRIALS.children == before + 1
