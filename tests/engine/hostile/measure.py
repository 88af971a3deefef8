"""Lints hostile files in this process and prints what was found, how long and how large.

`python -m tests.engine.hostile.measure NAME…` prints one JSON object a line.
"""

import json
import resource
import sys
import time

from engine.linter import lint
from tests.engine import diagrams as d
from tests.engine.hostile.files import FILES, HARMLESS
from tests.engine.hostile.words import VOCABULARY


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
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "found": found[:200],
    }


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        print(json.dumps(measured(wanted)), flush=True)  # noqa: T201 - its answer
