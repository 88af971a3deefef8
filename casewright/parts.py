"""What each command does. Imports what it starts only when it starts it, so that help is quick."""

import argparse
import os
import socket
import subprocess
import sys
from importlib.util import find_spec

from casewright.settings import LaunchSettings
from casewright.supervisor import Part, Supervisor
from processes.demo.post.place import abandon, at, settle


def run(settings: LaunchSettings, chosen: argparse.Namespace) -> int:
    """Prepare the database, then run web and worker in the foreground until Ctrl-C."""
    if not _is_free(settings.host, settings.port):
        print(f"Port {settings.port} is taken; choose another with PORT=...", file=sys.stderr)
        return 1
    env = settings.environment() | post_world(settings)
    logs = settings.folder / "logs"
    logs.mkdir(exist_ok=True)
    print("Preparing the database ...", flush=True)
    prepared = subprocess.run(_command("migrate"), env=env, check=False)
    if prepared.returncode != 0:
        return prepared.returncode
    commands = {
        **({"post": ["post"]} if at(settings.folder) else {}),
        "web": ["web", *(["--reload"] if chosen.reload else [])],
        "worker": ["worker"],
    }
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


def post(settings: LaunchSettings, _chosen: argparse.Namespace) -> int:
    """Serve the demo's own mail world on this machine: SMTP and IMAP."""
    from casewright.post.serve import main  # noqa: PLC0415

    settings.adopt()
    return main()


def migrate(settings: LaunchSettings, _chosen: argparse.Namespace) -> int:
    """Bring the database to this version; fill an empty one with the shipped processes."""
    from casewright.database import prepare  # noqa: PLC0415

    settings.adopt()
    prepare()
    return 0


def lint(chosen: argparse.Namespace) -> int:
    """Say what is wrong with diagrams, decision tables and forms; deploys nothing."""
    from casewright.lint import run as look  # noqa: PLC0415

    return look(chosen.files, as_json=chosen.json, trial=chosen.trial)


def post_world(settings: LaunchSettings) -> dict[str, str]:
    """Give a demo its mail world; return what the parts must know of it.

    Without a demo, or without the packages for it, there is none.
    """
    if not settings.casewright_demo or find_spec("aiosmtpd") is None or find_spec("pymap") is None:
        abandon(settings.folder)
        return {}
    place = settle(settings.folder)
    return {"SMTP_URL": os.environ.get("SMTP_URL") or place.smtp_url}  # noqa: TID251 - an own server wins


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def first_admin(settings: LaunchSettings, _chosen: argparse.Namespace) -> int:
    """Print the one-time link by which the first admin of an empty installation begins."""
    from casewright.staff import RefusedError, first_admin_link  # noqa: PLC0415

    settings.adopt()
    try:
        print(first_admin_link())
    except RefusedError as error:
        print(error)
        return 1
    return 0


def add_staff(settings: LaunchSettings, chosen: argparse.Namespace) -> int:
    """Add a member of staff; prints the password to hand over."""
    from casewright.staff import RefusedError, add  # noqa: PLC0415

    settings.adopt()
    try:
        password = add(chosen.username, chosen.name, chosen.email, chosen.role)
    except RefusedError as error:
        print(error)
        return 1
    print(f"{chosen.username} may sign in with {password}")
    return 0


def mail_in(settings: LaunchSettings, chosen: argparse.Namespace) -> int:
    """Feed raw messages exactly as if they had been fetched from a mailbox."""
    from casewright.mail_in import run as feed  # noqa: PLC0415

    settings.adopt()
    return feed(chosen.files, address=chosen.mailbox, as_json=chosen.json)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "casewright", *words]


def _announce(settings: LaunchSettings) -> None:
    print(f"\nCasewright answers on {settings.address}", flush=True)
    if settings.casewright_demo:
        from processes.demo import users  # noqa: PLC0415

        print(f"Demo users, all with the password {users.PASSWORD}:")
        for user in users.USERS:
            print(f"  {user.username:<13} {user.name}, {user.role.value}")
        if at(settings.folder):
            print(f"Customers' mailboxes on {settings.address}/demo/mail")
        else:
            print("No mail world: it needs the packages of `pip install casewright[demo]`.")
    print(f"Logs in {settings.folder / 'logs'}. Ctrl-C ends everything.\n", flush=True)


def import_diagrams(chosen: argparse.Namespace) -> int:
    """Convert diagrams of Camunda 7, Camunda 8 or a drawing tool; says what became of each step."""
    from casewright.imports import run as convert  # noqa: PLC0415

    return convert(chosen.files, chosen.to, as_json=chosen.json, replace=chosen.replace)
