"""Lints hostile files in this process and prints what was found, how long and how large.

`python -m tests.engine.hostile.measure NAME…` prints one JSON object a line.
"""

import json
import resource
import sys
import time
from pathlib import Path

from engine.linter import lint
from tests.engine import diagrams as d
from tests.engine.hostile.files import FILES, HARMLESS
from tests.engine.hostile.words import VOCABULARY

_STATUS = Path("/proc/self/status")


def measured(name):
    files = FILES[name].files if name in FILES else {**HARMLESS[name], "p/forms/any.form": d.FORM}
    before = time.perf_counter()
    try:
        found = [finding.as_json() for finding in lint(files, VOCABULARY)]
    except BaseException as error:  # noqa: BLE001 - told to the test
        found = [{"rule": repr(error)[:300], "severity": "crash"}]
    return {
        "name": name,
        "seconds": time.perf_counter() - before,
        "megabytes": _peak(),
        "found": found[:200],
    }


def _peak():
    """Return the most this program held; the system's ru_maxrss counts its parent in."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        print(json.dumps(measured(wanted)), flush=True)  # noqa: T201 - its answer
