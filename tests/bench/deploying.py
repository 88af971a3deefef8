"""What deploying a process of twelve nodes costs, its rules included, the trial excluded."""

from pathlib import Path

from casewright.database import upgrade
from engine import deployment
from engine.db import Database
from engine.linter import Vocabulary, lint
from tests.bench import process
from tests.bench.measure import Figure, Watch

_TURNS = 20


def figures(folder: Path) -> list[Figure]:
    """Return a line for the rules alone and one for the whole deployment, on SQLite."""
    url = f"sqlite:///{folder / 'deploying.db'}"
    upgrade(url)
    database, vocabulary = Database(url), Vocabulary(process.operations())
    rules, whole = Watch(), Watch()
    for turn in range(_TURNS):
        files = dict(process.files())
        name = f"{process.PROCESS}/{process.PROCESS}.bpmn"
        files[name] = files[name].replace(b"P8D", f"P{turn + 1}D".encode())
        rules(lambda files=files: lint(files, vocabulary))  # type: ignore[misc]
        whole(lambda files=files: _deploy(database, files, vocabulary))  # type: ignore[misc]
    database.engine.dispose()
    return [
        rules.figure("check a process of 12 nodes", "deploying", None),
        whole.figure("deploy it, check included, no trial", "deploying", None, goal="< 150 ms"),
    ]


def _deploy(database: Database, files: dict[str, bytes], vocabulary: Vocabulary) -> None:
    with database.write() as session:
        deployment.deploy(session, files, vocabulary, actor="bench", trial=False)
