"""The command `casewright`."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from casewright import parts
from casewright.leash import die_with_parent
from casewright.settings import LaunchSettings, MissingKeyError

_INTERRUPTED = 130
_IMPORT = "import"
_LINT = "lint"
_LINT_HELP = (
    "Files are laid over the processes the product ships with, so that what they call and the "
    "forms they name are found. Exit code 1: there are errors; 0: there are none; 2: a file could "
    "not be read. docs/linter.md explains every rule."
)
_MAIL_IN = "mail-in"
_MAIL_IN_HELP = (
    "Each mail is kept first, then taken in as if it had been fetched. With --json one object a "
    "line and file: file, stored (false: it was here before), outcome (new_case, reply, filed, "
    "quarantined), case, why. Exit code 0: all were kept; 2: a file could not be read. "
    "docs/mail.md explains every why."
)
_COMMANDS = {
    "run": parts.run,
    "web": parts.web,
    "worker": parts.worker,
    "post": parts.post,
    "migrate": parts.migrate,
    "first-admin": parts.first_admin,
    "add-staff": parts.add_staff,
    _MAIL_IN: parts.mail_in,
}

ROLES = ("agent", "superuser", "faq_news", "designer", "admin")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that was asked for."""
    chosen = _parser().parse_args(arguments)
    if chosen.parent:
        die_with_parent(chosen.parent)
    if chosen.command == _IMPORT:  # needs no settings, as it only reads and writes files
        sys.exit(parts.import_diagrams(chosen))
    try:
        if chosen.command == _LINT:  # needs no settings: no key, no database, no data folder
            sys.exit(parts.lint(chosen))
        sys.exit(_COMMANDS[chosen.command](LaunchSettings(), chosen))
    except MissingKeyError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:  # during the preparations; later the supervisor hears it
        sys.exit(_INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="casewright", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, function in _COMMANDS.items():
        text = (function.__doc__ or "").partition("\n")[0]
        if name == _MAIL_IN:
            continue
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--parent", type=int, default=0, help=argparse.SUPPRESS)
        if name in {"run", "web"}:
            command.add_argument(
                "--reload", action="store_true", help="restart the web when code changes"
            )
        if name == "add-staff":
            for word in ("username", "name", "email"):
                command.add_argument(word)
            command.add_argument("--role", choices=ROLES, default="agent")
    _add_mail_in(commands)
    _add_lint(commands)
    _add_import(commands)
    return parser


def _add_mail_in(commands: Any) -> None:
    text = (parts.mail_in.__doc__ or "").partition("\n")[0]
    command = commands.add_parser(_MAIL_IN, help=text, description=text, epilog=_MAIL_IN_HELP)
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="a raw message, a folder of them, or - for one"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object a line")
    command.add_argument(
        "--mailbox", default="", metavar="ADDRESS", help="where it came in, whoever it is to"
    )
    command.set_defaults(parent=0)


def _add_import(commands: Any) -> None:
    text = (parts.import_diagrams.__doc__ or "").partition("\n")[0]
    command = commands.add_parser(_IMPORT, help=text, description=text)
    command.add_argument("files", nargs="+", metavar="FILE", help=".bpmn, .form and .dmn files")
    command.add_argument("--to", required=True, metavar="FOLDER", help="where to write")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument(
        "--replace", action="store_true", help="write over files that have other contents"
    )
    command.set_defaults(parent=0)


def _add_lint(commands: Any) -> None:
    text = (parts.lint.__doc__ or "").partition("\n")[0]
    command = commands.add_parser(_LINT, help=text, description=text, epilog=_LINT_HELP)
    command.add_argument("files", nargs="+", metavar="FILE", help="a file, or a folder of files")
    command.add_argument("--json", action="store_true", help="print a list of JSON objects")
    command.add_argument(
        "--no-trial",
        dest="trial",
        action="store_false",
        help="do not start the processes in a limited child process",
    )
    command.set_defaults(parent=0)


if __name__ == "__main__":
    main()
