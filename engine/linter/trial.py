"""Starting every process on trial, in a child that may use little and can harm nothing.

One child for a whole deployment: about 0.1 s of processor time to start it, then some milliseconds
a process. At worst 5 s and 512 MB, whatever the diagrams are like. The result for the same files
is remembered, so that checking, showing and deploying a draft starts one child.
"""

import json
import subprocess
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any, Final

from engine import child
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence, from_json
from engine.spiff.sources import Sources
from engine.spiff.trial import MEMORY, SECONDS, STEPS
from engine.spiff.workflow import MAX_TASKS

_PATIENCE: Final = 25.0
"""Seconds of real time, for its turn and a busy machine: PostgreSQL ends who rests for 30."""
_REMEMBERED: Final = 100
"""Sets of files whose result is kept."""
AT_ONCE: Final = BoundedSemaphore(2)
"""Children one program may have: each may take 512 MB."""
_SENTENCES: Final = {
    "steps": Sentence(
        "Started on trial, the process took more than {most} automatic steps and did not rest.",
        most=STEPS,
    ),
    "tasks": Sentence(
        "Started on trial, the process made more than {most} tasks at once.", most=MAX_TASKS
    ),
    "memory": Sentence(
        "Started on trial, the process wanted more than {most} MB of memory.",
        most=MEMORY // 1024 // 1024,
    ),
    "time": Sentence("Started on trial, the process took more than {most} seconds.", most=SECONDS),
}
_FAILED: Final = Sentence("Started on trial, the process failed: {reason}")
_OUT_OF_TIME: Final = -24
"""Return code of a child that has used its processor time up: SIGXCPU."""
_KILLED: Final = -9
"""Return code of a child that somebody else stopped, as a machine that runs out of memory."""
_OUT_OF_MEMORY: Final = frozenset({1, -6})
"""Return codes of a child that could not even say so: an exception in the end, SIGABRT."""


class _NoChildError(Exception):
    """The child could not be started, or said nothing that makes sense."""


def check(sources: Sources, diagrams: Sequence[Diagram]) -> Iterator[Finding]:
    """Yield what goes wrong when the processes are started; nothing when all come to rest.

    The diagrams have passed every other rule. Whatever happens in the child becomes a finding.
    """
    files = {name: raw.decode("latin-1") for name, raw in sources.items() if name[-5:] != ".form"}
    asked = {"files": files, "processes": [diagram.folder for diagram in diagrams]}
    try:
        faults = MEMORY_OF_TRIALS.faults(json.dumps(asked).encode())
    except _NoChildError as error:
        text = _FAILED.filled(reason=str(error))
        yield from (diagram.finding(None, "trial", text) for diagram in diagrams[:1])
        return
    for fault in faults:
        text = _SENTENCES.get(fault["code"]) or _FAILED.filled(reason=from_json(fault["reason"]))
        if fault["file"]:
            yield Finding(fault["file"], fault["line"], fault["element"], "trial", text)
            continue
        diagram = next(each for each in diagrams if each.folder == fault["process"])
        yield diagram.finding(next(iter(diagram.processes), None), "trial", text)


class _Memory:
    """What was found for the last sets of files, by their hash."""

    def __init__(self) -> None:
        self.children = 0
        self._found: OrderedDict[bytes, list[dict[str, Any]]] = OrderedDict()
        self._lock = Lock()

    def faults(self, asked: bytes) -> list[dict[str, Any]]:
        """Return the faults, found by a child unless they are known. Raises _NoChildError."""
        key = sha256(asked).digest()
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        last = monotonic() + _PATIENCE
        if not AT_ONCE.acquire(timeout=_PATIENCE):
            raise _too_late()
        try:
            self.children += 1
            found = _faults(asked, last)
        finally:
            AT_ONCE.release()
        with self._lock:
            self._found[key] = found
            while len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        return found

    def forget(self) -> None:
        """Forget everything, so that the next trial starts a child."""
        with self._lock:
            self._found.clear()


MEMORY_OF_TRIALS: Final = _Memory()


def _faults(asked: bytes, last: float) -> list[dict[str, Any]]:
    code, answer = _child(asked, last - monotonic())
    faults: list[dict[str, Any]] = []
    process, done = "", False
    for fact in answer:
        process = fact.get("begins", process)
        done = done or "done" in fact
        if "fault" in fact:
            faults.append({**fact["fault"], "process": process})
    if not done:
        if not process or code == _KILLED:  # says nothing about the process: not remembered
            message = f"the trial ended early ({code})"
            raise _NoChildError(message)
        faults.append(_killed(code, process))
    return faults


def _killed(code: int, process: str) -> dict[str, Any]:
    """Return the fault of the process during which the child was stopped."""
    kind = "time" if code == _OUT_OF_TIME else "memory" if code in _OUT_OF_MEMORY else "failed"
    reason = f"it ended with code {code}"
    return {
        "code": kind,
        "reason": reason,
        "file": "",
        "line": 0,
        "element": "",
        "process": process,
    }


def _too_late() -> _NoChildError:
    return _NoChildError(f"no answer within {_PATIENCE:.0f} seconds; try again")


def _child(asked: bytes, seconds: float) -> tuple[int, list[dict[str, Any]]]:
    """Run the child and return its exit code and what it said."""
    try:
        ended = child.answer("engine.spiff.trial", asked, seconds)
    except subprocess.TimeoutExpired:  # it was not even given its seconds: not remembered
        raise _too_late() from None
    except OSError as error:
        raise _NoChildError(str(error)) from None
    return ended.returncode, _read(ended.stdout)


def _read(said: bytes) -> list[dict[str, Any]]:
    found = []
    for line in said.splitlines():
        try:
            fact = json.loads(line)
        except ValueError:
            break  # it was stopped in the middle of a line
        found.append(fact)
    return found
