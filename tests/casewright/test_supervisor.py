"""Parts come back when they die, and nothing is left when the supervisor ends, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_FAMILY = """
import os, subprocess, sys, time
from casewright.leash import die_with_parent
die_with_parent({parent})
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("pids", os.getpid(), child.pid, flush=True)
time.sleep(60)
"""
_SUPERVISOR = """
import os, sys
from pathlib import Path
from casewright.supervisor import Part, Supervisor
log, code = Path(sys.argv[1]), sys.argv[2].replace("{parent}", str(os.getpid()))
part = Part("part", [sys.executable, "-c", code], dict(os.environ), log)
sys.exit(Supervisor([part], sys.argv[3], lambda: print("ready", flush=True)).run())
"""
_NOBODY = "http://127.0.0.1:9/health"


class Running:
    """A supervisor with one part that has a child."""

    def __init__(self, folder: Path, code: str = _FAMILY, health: str = _NOBODY) -> None:
        self.log = folder / "part.log"
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SUPERVISOR, str(self.log), code, health],
            stdout=subprocess.PIPE,
            text=True,
        )

    def family(self, generation: int = 1) -> list[int]:
        """Wait until the part was started so often; return its own and its child's id."""
        _until(lambda: self.log.exists() and self.log.read_text().count("pids") >= generation)
        line = [words for words in self.log.read_text().splitlines() if "pids" in words][-1]
        return [int(word) for word in line.split()[1:]]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    started = Running(tmp_path)
    yield started
    started.process.kill()
    started.process.communicate()


def _until(condition: Callable[[], bool], seconds: float = 30) -> float:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - started


def _gone(*processes: int) -> bool:
    """Tell whether none of the processes runs; one that only waits to be buried counts as gone."""
    for process in processes:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            continue
        if state != "Z":
            return False
    return True


def test_a_killed_part_is_back_within_two_seconds(running: Running) -> None:
    part, child = running.family()
    a_start = time.monotonic() - running.began  # what it takes on this machine, as busy as it is
    os.kill(part, signal.SIGKILL)
    started = time.monotonic()
    fresh = running.family(generation=2)
    assert time.monotonic() - started < 2 + a_start
    assert part not in fresh
    assert _gone(child)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_stop_ends_everything_within_five_seconds(
    running: Running, number: signal.Signals
) -> None:
    family = running.family()
    started = time.monotonic()
    running.process.send_signal(number)
    assert running.process.wait(10) == 0
    assert time.monotonic() - started < 5
    assert _gone(*family)


def test_a_killed_supervisor_leaves_no_part_behind(running: Running) -> None:
    part, _ = running.family()
    running.process.kill()
    assert _until(lambda: _gone(part)) < 3


def test_parts_that_cannot_start_end_the_supervisor_with_their_last_words(tmp_path: Path) -> None:
    broken = Running(tmp_path, "import sys; sys.exit('the port is taken')")
    output, _ = broken.process.communicate(timeout=20)
    assert broken.process.returncode == 1
    assert "part: the port is taken" in output
