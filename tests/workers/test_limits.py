"""What one job may cost, seen in a process of its own as the pool makes one."""

import subprocess
import sys

_CHILD = """
from workers import limits
limits.guard_child()
try:
    with limits.at_most({seconds}):
        {work}
except (MemoryError, limits.TookTooLongError) as error:
    print(type(error).__name__)
with limits.at_most(5):
    print("goes on")
"""


def _told(work: str, seconds: float = 30, **env: str) -> list[str]:
    child = _CHILD.format(work=work, seconds=seconds)
    command = [sys.executable, "-c", child]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return told.stdout.split("\n")[:-1]


def test_a_job_that_never_ends_is_interrupted_and_the_child_goes_on() -> None:
    assert _told("while True: pass", 0.2) == ["TookTooLongError", "goes on"]


def test_a_job_that_wants_more_memory_than_there_is_fails_and_the_child_goes_on() -> None:
    wish = "bytearray(500 * 1024**2)"
    assert _told(wish, WORKER_MEMORY_MB="300") == ["MemoryError", "goes on"]
    assert _told(wish, WORKER_MEMORY_MB="0") == ["goes on"]
