"""Starts a part of the product for a fault run: `python -m tests.faults.part web|worker|run|…`.

The ordinary command, with the operations of the fault runs registered, the crash points of
`tests.faults.points` around it when their folder is named, and a guard switched off when a
negative control asks for it.
"""

import os
import sys
from itertools import count
from pathlib import Path

from casewright import __main__ as command
from casewright import parts
from engine import deployment
from processes.bootstrap import build
from processes.config import Settings
from tests.faults import controls, handing_over, points
from tests.faults.operations import files, round_diagram


def main() -> None:
    """Prepare this process, then run the part."""
    role = sys.argv[1]
    if points.FOLDER in os.environ:
        handing_over.watch(Path(os.environ[points.FOLDER]))
        points.install(role, Path(os.environ[points.FOLDER]))
    controls.switch_off(os.environ.get(controls.OFF, ""))
    parts._command = _command  # noqa: SLF001 - the supervisor's parts come through here too
    if role == "deploy":
        deploy(sys.argv[2])
    elif role == "deploy-forever":
        deploy_forever()
    else:
        command.main(sys.argv[1:])


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.faults.part", *words]


def deploy(mark: str) -> None:
    """Deploy the round with a mark in its name, as the designer's button does."""
    product = build(Settings())
    with product.db.write() as session:
        content = files(round=round_diagram(name=mark))
        deployment.deploy(session, content, product.vocabulary, actor="system")


def deploy_forever() -> None:
    """Deploy new versions in a child until that is killed, then in another."""
    for generation in count():
        child = os.fork()
        if child == 0:
            for number in count():
                deploy(f"{generation}-{number}")
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
