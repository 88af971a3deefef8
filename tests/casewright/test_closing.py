"""The closing lines of a test run tell the truth."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_TESTS = """
import pytest

@pytest.mark.requirement("COV-46")
def test_good(): pass

@pytest.mark.requirement("COV-47")
def test_bad(): assert False

@pytest.mark.requirement_part("COV-48", missing="the rest")
def test_half(): pass

@pytest.fixture
def browser(): pytest.skip("no Chromium")

def test_browser(browser): pass
"""


def _run(folder: Path, **more: str) -> str:
    (folder / "test_them.py").write_text(_TESTS)
    marks = "requirement(id)\nrequirement_part(id)\nchromium"
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = " + marks.replace("\n", "\n  "))
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.closing", "--requirements", str(folder)],
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2]), **more},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("run"))


def test_what_fails_is_named_at_once(told):
    assert "test_them.py::test_bad failed (call)" in told.partition("FAILURES")[0]


def test_a_requirement_is_proved_only_by_tests_that_pass(told):
    assert "proved (1): COV-46\n" in told
    assert "in part (1):\n  COV-48: missing the rest" in told
    assert "not yet (195): COV-01" in told


def test_what_could_not_be_had_is_named(told):
    assert "NOT RUN: no Chromium" in told
    assert "1 skipped" in told


def test_under_ci_nothing_is_skipped(tmp_path):
    told = _run(tmp_path, CI="true")
    assert "skipped, which CI does not allow" in told
    assert told.splitlines()[-1].strip("= ").startswith("1 failed, 2 passed, 1 error")
