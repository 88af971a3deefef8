"""D8: what was stored by every format so far still loads, and every instance comes to its end."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from engine import clock
from engine.models import Incident, ProcessInstance
from processes.bootstrap import App
from tests.faults import golden
from tests.faults.invariants import Findings
from tests.faults.site import MIGRATING, Ground
from workers import look
from workers.config import WorkerSettings

_TURNS = 12
_LONG = timedelta(days=15)


def kept_files() -> list[Path]:
    """Return every golden file of every format."""
    return sorted(golden.FOLDER.glob("format-*/*.json"))


def run(ground: Ground, dialect: str) -> Findings:
    """Replay every file."""
    found = Findings()
    for path in kept_files():
        replay(path, ground.empty(dialect), ground.folder, found)
    return found


def replay(path: Path, url: str, folder: Path, found: Findings) -> None:
    """Restore a kept database and finish all its instances."""
    with MIGRATING:
        golden.restore(json.loads(path.read_text()), url)
    app = golden.product(url, folder)
    name = f"{path.parent.name}/{path.stem}"
    before = _status(app)
    for _ in range(_TURNS):
        look.work(app, WorkerSettings())
        for key in before:
            while golden.complete(app, key):
                pass
        with app.db.write() as session:
            clock.advance(session, _LONG)
    after = _status(app)
    found.lost += [f"{name}: {key} is {after[key]}" for key in before if after[key] != "completed"]
    found.wrong += [f"{name}: {message}" for message in _incidents(app)]
    found.figures[name] = f"{len(before)} instances"
    app.db.engine.dispose()


def _status(app: App) -> dict[str, str]:
    with app.db.read() as session:
        query = select(ProcessInstance.key, ProcessInstance.status)
        return dict(map(tuple, session.execute(query)))


def _incidents(app: App) -> list[str]:
    with app.db.read() as session:
        return list(session.scalars(select(Incident.message)))
