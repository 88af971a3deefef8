"""The closing lines of a test run: what ran where, and which requirements are proved.

A pytest plugin. What fails is named at once, for whoever watches, and for a run that is cut off.
Under CI nothing may be skipped: a skipped test is a failed one there.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Generator
from typing import Any

import pytest

from tests.requirements import REQUIREMENTS
from tests.servers.imap import PROGRAM

_PLACES = {
    "sqlite": "on SQLite",
    "postgresql": "on PostgreSQL",
    "redis": "through Redis",
    "celery": "through a Celery worker",
    "imap": f"through {PROGRAM}",
    "chromium": "in Chromium",
}
_BY_FIXTURE = {
    "redis_url": "redis",
    "celery_worker": "celery",
    "imap_server": "imap",
    "installation": "celery",
    "make_site": "celery",
    "browser": "chromium",
}
_PLACE, _PROVES, _PART = "place", "proves", "part"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--requirements", action="store_true", help="list the requirements proved by this run"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Closing(config), "closing")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for place in _places(item):
            item.add_marker(place)
            item.user_properties.append((_PLACE, place))
        for mark in item.iter_markers("requirement"):
            item.user_properties.append((_PROVES, _known(mark.args[0], item)))
        for mark in item.iter_markers("requirement_part"):
            part = [_known(mark.args[0], item), mark.kwargs["missing"]]
            item.user_properties.append((_PART, part))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


class Closing:
    """Collects results and prints the closing lines."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._ran: Counter[str] = Counter()
        self._proves: dict[str, set[str]] = defaultdict(set)
        self._parts: dict[str, set[str]] = defaultdict(set)
        self._missing: dict[str, str] = {}
        self._absent: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self._absent.add(report.longrepr[2].removeprefix("Skipped: "))
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            terminal.write_line(f"\n{report.nodeid} failed ({report.when})", red=True)
        if report.when != "call" and report.passed:
            return
        for kind, value in report.user_properties:
            self._note(kind, value, report)

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if config.getoption("requirements"):
            self._list_requirements(terminalreporter)
        if self._ran or self._absent:
            terminalreporter.section("what ran where")
            counts = (f"{self._ran[place]} {words}" for place, words in _PLACES.items())
            terminalreporter.write_line(", ".join(counts))
            for reason in sorted(self._absent):
                terminalreporter.write_line(f"NOT RUN: {reason}", yellow=True)

    def _note(self, kind: str, value: Any, report: pytest.TestReport) -> None:
        if kind == _PLACE and report.when == "call" and not report.skipped:
            self._ran[value] += 1
        elif kind == _PROVES:
            self._proves[value].add(report.outcome)
        elif kind == _PART:
            self._parts[value[0]].add(report.outcome)
            self._missing[value[0]] = value[1]

    def _list_requirements(self, terminal: Any) -> None:
        good = {"passed"}
        proved = [name for name in REQUIREMENTS if self._proves.get(name) == good]
        part = [n for n in REQUIREMENTS if n not in proved and self._parts.get(n) == good]
        rest = [n for n in REQUIREMENTS if n not in proved and n not in part]
        terminal.section("requirements")
        terminal.write_line(f"proved ({len(proved)}): {' '.join(proved) or '-'}")
        terminal.write_line(f"in part ({len(part)}):{'' if part else ' -'}")
        for name in part:
            terminal.write_line(f"  {name}: missing {self._missing[name]}")
        terminal.write_line(f"not yet ({len(rest)}): {' '.join(rest) or '-'}")


def _places(item: pytest.Item) -> set[str]:
    """Return where the test runs, read from the fixtures it uses."""
    names = getattr(item, "fixturenames", ())
    places = {place for fixture, place in _BY_FIXTURE.items() if fixture in names}
    call = getattr(item, "callspec", None)
    chosen = call.params if call else {}
    return places | {chosen[name] for name in ("dialect", "broker") if chosen.get(name) in _PLACES}


def _known(name: str, item: pytest.Item) -> str:
    if name not in REQUIREMENTS:
        message = f"{item.nodeid} marks {name}, which is no requirement"
        raise pytest.UsageError(message)
    return name
