"""What each command does. Imports what it starts only when it starts it, so that help is quick."""

import argparse
import os
import subprocess
import sys

from casewright.settings import LaunchSettings
from casewright.supervisor import Part, Supervisor


def run(settings: LaunchSettings, chosen: argparse.Namespace) -> int:
    """Prepare the database, then run web and worker in the foreground until Ctrl-C."""
    env = settings.environment()
    logs = settings.folder / "logs"
    logs.mkdir(exist_ok=True)
    print("Preparing the database ...", flush=True)
    prepared = subprocess.run(_command("migrate"), env=env, check=False)
    if prepared.returncode != 0:
        return prepared.returncode
    commands = {"web": ["web", *(["--reload"] if chosen.reload else [])], "worker": ["worker"]}
    return Supervisor(
        [
            Part(name, _command(*words, "--parent", str(os.getpid())), env, logs / f"{name}.log")
            for name, words in commands.items()
        ],
        health=f"http://{settings.near}:{settings.port}/health",
        ready=lambda: _announce(settings),
    ).run()


def web(settings: LaunchSettings, chosen: argparse.Namespace) -> int:
    """Answer requests."""
    from casewright.web import serve  # noqa: PLC0415

    settings.adopt()
    serve(settings, reload=chosen.reload)
    return 0


def worker(settings: LaunchSettings, _chosen: argparse.Namespace) -> int:
    """Run jobs: timers, service calls, mail."""
    from workers.main import main  # noqa: PLC0415

    settings.adopt()
    return main()


def migrate(settings: LaunchSettings, _chosen: argparse.Namespace) -> int:
    """Bring the database to this version; fill an empty one with the shipped processes."""
    from casewright.database import prepare  # noqa: PLC0415

    settings.adopt()
    prepare()
    return 0


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "casewright", *words]


def _announce(settings: LaunchSettings) -> None:
    print(f"\nCasewright answers on {settings.address}", flush=True)
    if settings.casewright_demo:
        from processes.demo import users  # noqa: PLC0415

        print(f"Demo users, all with the password {users.PASSWORD}:")
        for user in users.USERS:
            print(f"  {user.username:<13} {user.name}, {user.role.value}")
    print(f"Logs in {settings.folder / 'logs'}. Ctrl-C ends everything.\n", flush=True)
