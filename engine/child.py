"""Work that may go wrong in any way, done by a process of its own that knows nothing of ours."""

import subprocess
import sys
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[1]


def answer(module: str, asked: bytes, seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run one of our modules, give it `asked`, and return what it wrote and how it ended.

    No secret goes along: its environment is empty but for where Python finds us. Its own limits of
    memory and processor time the module sets itself. Raises subprocess.TimeoutExpired after so many
    seconds of real time, OSError when no process can be had.
    """
    return subprocess.run(  # noqa: S603 - a module of ours, named by us
        [sys.executable, "-P", "-m", module],
        input=asked,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
        timeout=max(seconds, 0.0),
        check=False,
    )
