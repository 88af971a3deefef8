"""The child process in which diagrams are started on trial: `python -m engine.spiff.trial`.

Files come in over stdin as JSON, faults go out over stdout, one JSON object a line. What it reads
is hostile until proved otherwise: memory, processor time and files are limited before a diagram is
looked at, operations do nothing, and the environment holds no secret. `engine.linter.trial` is
the parent.
"""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from SpiffWorkflow import TaskState

from engine.expressions.errors import ExpressionError
from engine.sentences import Sentence, as_json
from engine.spiff.events import Occurrence, UncaughtError
from engine.spiff.machine import Machine
from engine.spiff.parser import Bundle, parse
from engine.spiff.repeats import RepeatError
from engine.spiff.script import ScriptEngine
from engine.spiff.sources import Sources
from engine.spiff.workflow import MAX_TASKS, LimitError, Workflow

MEMORY: Final = 512 * 1024 * 1024
"""Bytes of address space beyond what the loaded program needs."""
SECONDS: Final = 5
"""Seconds of processor time beyond what loading took."""
STEPS: Final = 500
"""Automatic steps a process may take on trial."""
_ALWAYS_WRONG: Final = frozenset({"too_large", "zero"})
"""What is wrong with an expression whatever the data; all else is for want of data."""
_SOME_DAY: Final = datetime(2026, 1, 5, tzinfo=UTC)

Fault = dict[str, Any]
"""`code`, `reason`, and file, line and element as far as known."""


def main() -> None:
    """Try every process that stdin names; say which one begins before it does."""
    asked = json.load(sys.stdin.buffer)
    _limit()
    files = {name: text.encode("latin-1") for name, text in asked["files"].items()}
    sources = Sources(files)
    for process in asked["processes"]:
        _tell({"begins": process})
        for fault in faults(sources, process):
            _tell({"fault": fault})
    _tell({"done": True})


def faults(files: Sources, process: str) -> Iterator[Fault]:
    """Yield what goes wrong when a process is parsed, started, frozen and thawed.

    Operations return nothing and there is no data: where an expression wants some, the trial
    of that process ends without a fault.
    """
    trial = None
    try:
        bundle = parse(files.bundle(process), process)
        for entry in bundle.spec.entries:
            trial = _Trial.of(bundle, entry)
            trial.run()
    except LimitError as error:
        crowded = trial is not None and trial.crowded
        code = "tasks" if crowded else "steps" if "automatic steps" in str(error) else "failed"
        yield {"code": code, "reason": str(error), **_place(trial)}
    except MemoryError:
        yield {"code": "memory", "reason": "", **_place(trial)}
    except Exception as error:  # noqa: BLE001 - whatever a diagram can raise is a finding on it
        if not _wants_data(error):
            yield {"code": "failed", "reason": _reason(error), **_place(trial)}


class _Trial(Machine):
    """An instance that nobody will miss."""

    def __init__(self, bundle: Bundle, workflow: Workflow) -> None:
        super().__init__(bundle, workflow)
        self.engine = workflow.script_engine

    @classmethod
    def of(cls, bundle: Bundle, entry: str | None) -> "_Trial":
        engine = ScriptEngine(_SOME_DAY, lambda *_: {})
        workflow = Workflow(bundle.spec, bundle.subprocesses, engine, entry=entry)
        workflow.max_steps = STEPS
        return cls(bundle, workflow)

    @property
    def crowded(self) -> bool:
        """Tell whether it holds more tasks than an instance may."""
        return sum(1 for _ in self._tasks()) > MAX_TASKS

    def run(self) -> None:
        """Run to the first wait states; freeze, thaw, and look whether it waits for the same."""
        if self._workflow.entry is not None:
            self._workflow.begin(Occurrence("message", self._workflow.entry, {}))
        with suppress(UncaughtError):  # whoever calls this process may catch it
            self._advance()
        if self.crowded:
            raise LimitError
        raw = self.frozen()
        if raw:
            thawed = Machine.thawed(self.bundle, self.engine, raw)
            if (thawed.waiting(), thawed.timers()) != (self.waiting(), self.timers()):
                message = "what was stored and read back waits for something else"
                raise ValueError(message)

    def stuck(self) -> Any:
        """Return the task that failed, if one did."""
        return next((task for task in self._tasks() if task.state == TaskState.ERROR), None)


def _place(trial: "_Trial | None") -> dict[str, Any]:
    task = trial.stuck() if trial is not None else None
    element = trial.bundle.element(task) if trial is not None and task is not None else None
    if element is None:
        return {"file": "", "line": 0, "element": ""}
    return {"file": element.file, "line": element.line, "element": element.id}


def _reason(error: Exception) -> Any:
    """Return what went wrong as JSON data, to be translated where it can be."""
    if isinstance(error, ExpressionError):
        return as_json(error.located)
    first = error.args[0] if error.args else ""
    return as_json(first) if isinstance(first, Sentence) else str(error)[:300] or repr(error)


def _wants_data(error: BaseException | None) -> bool:
    """Tell whether an expression failed because nobody has given data yet."""
    seen = 0
    while error is not None and seen < 20:  # noqa: PLR2004 - no chain of causes is longer
        if isinstance(error, RepeatError):
            return True  # the list comes with the data
        if isinstance(error, ExpressionError):
            return error.code not in _ALWAYS_WRONG
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def _limit() -> None:
    """Take from this process what a hostile diagram could misuse."""
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    limits = {
        resource.RLIMIT_AS: _address_space() + MEMORY,
        resource.RLIMIT_CPU: used + SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for kind, most in limits.items():
        hard = most + 1 if kind == resource.RLIMIT_CPU else most  # SIGXCPU tells it from a kill
        with suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(kind, (most, hard))


def _address_space() -> int:
    """Return the bytes of address space in use; a generous guess where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return MEMORY


def _tell(fact: dict[str, Any]) -> None:
    print(json.dumps(fact), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main()
