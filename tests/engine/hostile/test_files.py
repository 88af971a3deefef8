"""Every hostile file is refused at its element and line; none takes 5 seconds or 512 MB."""

import json
import subprocess
import sys

import pytest

from tests.engine.hostile.files import FILES, HARMLESS

SECONDS, MEGABYTES, BATCHES = 5, 512, 4


@pytest.fixture(scope="module")
def results():
    """What children find, a quarter of the table each: a bomb cannot hide behind the tests."""
    names, found = [*FILES, *HARMLESS], {}
    for batch in range(BATCHES):
        command = [sys.executable, "-m", "tests.engine.hostile.measure", *names[batch::BATCHES]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
        found |= {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    slowest = max(found.values(), key=lambda row: row["seconds"])
    largest = max(found.values(), key=lambda row: row["megabytes"])
    print(f"slowest {slowest['name']}: {slowest['seconds']:.2f} s; {largest['megabytes']:.0f} MB")  # noqa: T201
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_at_its_element_and_line(results, name):
    hostile, found = FILES[name], results[name]["found"]
    assert {finding["severity"] for finding in found} <= {"error", "warning"}, found
    fitting = [
        finding
        for finding in found
        if finding["severity"] == "error"
        and finding["rule"] in hostile.rules
        and (not hostile.element or finding["element_id"] == hostile.element)
        and (not hostile.line or finding["line"] > 0)
    ]
    assert fitting, found


@pytest.mark.parametrize("name", HARMLESS)
def test_strange_but_sound_files_pass(results, name):
    assert [f for f in results[name]["found"] if f["severity"] != "warning"] == []


@pytest.mark.parametrize("name", [*FILES, *HARMLESS])
def test_no_file_takes_long_or_much(results, name):
    assert results[name]["seconds"] < SECONDS
    assert results[name]["megabytes"] < MEGABYTES
