"""`python -m tests.bench.linting`: what checking and deploying cost; passes no judgement."""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from casewright.database import upgrade
from engine import deployment
from engine.db import Database
from engine.linter import Vocabulary, lint
from engine.linter.trial import MEMORY_OF_TRIALS
from processes.bootstrap import read_bundle, vocabulary
from processes.config import SHIPPED
from tests.engine import diagrams as d
from tests.engine.linter.checking import VOCABULARY
from tests.servers.process import short_folder

TURNS = 15


def twelve(turn: int = 0) -> dict[str, bytes]:
    """Return a process of twelve nodes with one form; each turn another version."""
    raw = d.diagram(
        "p",
        d.start(),
        d.exclusive("merge"),
        d.user("ask", turn=turn),
        d.service("set", "test.set", {"count": "2"}),
        d.exclusive("choose", "usual"),
        d.user("extra"),
        d.exclusive("join"),
        d.event_gateway("wait"),
        d.catch("reply", "reply", "message"),
        d.timer("week", "P8D"),
        d.service("close", "test.set", {"kind": "'note'"}),
        d.end(),
        d.chain("start", "merge", "ask", "set", "choose"),
        d.flow("choose", "extra", "kind == 'x'"),
        d.flow("choose", "join", id_="usual"),
        d.chain("extra", "join", "wait", "reply", "merge"),
        d.chain("wait", "week", "close", "end"),
        messages=["reply"],
    )
    return {"p/p.bpmn": raw, "p/forms/any.form": d.FORM}


def main() -> None:
    """Print median and worst of each figure and the processor time without children."""
    folder = short_folder()
    try:
        url = f"sqlite:///{folder / 'lint.db'}"
        upgrade(url)
        database = Database(url)
        _print("lint, 12 nodes", lambda turn: lint(twelve(turn), VOCABULARY))
        _print(
            "deploy, 12 nodes, SQLite, no trial", lambda turn: _deploy(database, turn, trial=False)
        )
        _print("the same with its trial", lambda turn: _deploy(database, 100 + turn, trial=True))
        shipped, words = read_bundle(SHIPPED), vocabulary()
        _print("lint, all shipped processes", lambda _: lint(shipped, words))
        _print("the same with its trial", lambda _: _afresh(shipped, words))
        _print("casewright lint bpmn", _command)
        database.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _deploy(database: Database, turn: int, *, trial: bool) -> None:
    with database.write() as session:
        made = deployment.deploy(session, twelve(turn), VOCABULARY, actor="bench", trial=trial)
        assert len(made) == 1


def _afresh(files: dict[str, bytes], words: Vocabulary) -> None:
    MEMORY_OF_TRIALS.forget()
    lint(files, words, trial=True)


def _command(_turn: int) -> None:
    words = [sys.executable, "-m", "casewright", "lint", str(SHIPPED)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])


def _print(name: str, work: Callable[[int], object]) -> None:
    taken, worked = [], []
    for turn in range(TURNS):
        before, spent = time.perf_counter(), time.process_time()
        work(turn)
        taken.append((time.perf_counter() - before) * 1000)
        worked.append((time.process_time() - spent) * 1000)
    real, own = statistics.median(taken), statistics.median(worked)
    print(f"{name:<36} median {real:7.1f} ms   worst {max(taken):7.1f} ms   own CPU {own:6.1f} ms")


if __name__ == "__main__":
    main()
