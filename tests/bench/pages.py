"""Pages of desk and portal in a house with 100,000 cases: server time, statements, script."""

import re
from collections.abc import Mapping
from pathlib import Path

import structlog
from flask.testing import FlaskClient

import webapp
from processes.cases.models import Case
from processes.people.models import Role
from tests.bench.crowd import CASES, fill
from tests.bench.house import House, hire
from tests.bench.measure import Figure, Watch
from tests.webapp.clients import counted, enter, sign_in
from webapp.app import create_app
from webapp.config import WebSettings

_CALLS, _WARM = 60, 3
_GOALS: Mapping[str, str] = {"postgresql": "p95 < 50 ms", "sqlite": "p95 < 100 ms"}
_MOST_STATEMENTS, _MOST_SCRIPT = 12, 60_000
_SCRIPT = re.compile(r'(?:src|href)="/static/(dist/[^"?]+\.js)')
_STATIC = Path(webapp.__file__).parent / "static"


def figures(house: House, name: str) -> list[Figure]:
    """Return a line for each page, and one for the script the heaviest of them loads."""
    waiting, closed = _two(house)
    fill(house.db, waiting, closed)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # said to nobody
    app = create_app(house.app, WebSettings())
    desk, admin, portal = app.test_client(), app.test_client(), app.test_client()
    with house.db.write() as session:
        case = session.get_one(Case, waiting)
        sign_in(session, desk, house.agent.id)
        sign_in(session, admin, hire(session, "chief", Role.ADMIN).id)
        enter(session, portal, case.contact_id)
    pages = (
        (desk, "desk: my cases", "/desk/"),
        (desk, "desk: all open cases", "/desk/?view=all"),
        (desk, "desk: the archive", "/desk/?view=archive"),
        (desk, "desk: search in the archive", "/desk/?view=archive&q=smells+x1099"),
        (desk, "desk: a case", f"/desk/cases/{case.number}"),
        (admin, "admin: instances", "/admin/"),
        (admin, "admin: an instance", f"/admin/instances/{case.instance_id}"),
        (portal, "portal: my requests", "/portal/"),
        (portal, "portal: a request", f"/portal/cases/{case.number}"),
    )
    found = [_page(house, client, what, path, name) for client, what, path in pages]
    if name == "sqlite":  # the same files everywhere
        script = max(_script(client.get(path).text) for client, _, path in pages)
        goal = f"≤ {_MOST_SCRIPT:,}"
        found.append(
            Figure(
                "script of the heaviest page, as sent",
                "pages",
                value=script,
                unit="bytes",
                goal=goal,
            )
        )
    return found


def _two(house: House) -> tuple[int, int]:
    """Return a case that waits at a step and one that is closed."""
    waiting, closed = house.submit(), house.submit()
    for case in (waiting, closed):
        house.classify(house.open_task(case, "classify"))
    house.complete(house.open_task(closed, "handle"), next="close_now", message="It is mended.")
    return waiting, closed


def _page(house: House, client: FlaskClient, what: str, path: str, place: str) -> Figure:
    watch = Watch()
    for _ in range(_WARM):
        answer = client.get(path)
    if answer.status_code != 200:
        message = f"{path} answers {answer.status_code}"
        raise RuntimeError(message)
    with counted(house.db) as statements:
        client.get(path)
    for _ in range(_CALLS):
        watch(lambda: client.get(path))
    goal = f"{_GOALS[place]}, ≤ {_MOST_STATEMENTS} statements"
    note = f"{len(statements)} statements, {len(answer.data):,} bytes"
    return watch.figure(f"{what}, {CASES:,} cases", place, None, note, goal)


def _script(page: str) -> int:
    """Return the bytes of script a page names, compressed as they are sent."""
    names = set(_SCRIPT.findall(page))
    return sum((_STATIC / f"{name}.gz").stat().st_size for name in names)
