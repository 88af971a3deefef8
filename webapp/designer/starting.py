"""Starting an instance of a process by hand: for processes that the product does not start."""

from dataclasses import dataclass, field
from typing import Final

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import incidents
from engine.errors import NotFoundError, StepFailedError
from webapp.auth import may, requires, staff
from webapp.context import app, give_up, tx
from webapp.designer.blueprint import bp
from webapp.designer.processes import process_page
from webapp.shortage import is_shortage

LONGEST_KEY: Final = 60
_MARK: Final = "#"
"""Before keys that read as a number: those belong to cases; an instance started here has none."""


@dataclass(frozen=True)
class StartDraft:
    """What somebody typed to start an instance, and what is wrong with it."""

    key: str = ""
    problems: list[str] = field(default_factory=list)
    words: str = ""


@bp.post("/<process>/start")
@requires("processes", "write")
def start(process: str) -> ResponseReturnValue:
    """Start an instance on the active version and show it; whoever starts it is its first actor."""
    if process in app().own_processes or not process.isprintable():
        raise NotFoundError
    typed = " ".join(request.form.get("key", "").replace("\0", "").split())
    if not 0 < len(typed) <= LONGEST_KEY or not typed.isprintable():
        problem = gettext("Please give a key of at most %(most)s characters.", most=LONGEST_KEY)
        return _refused(process, StartDraft(typed[:LONGEST_KEY], [problem]))
    key = f"{_MARK}{typed}" if _reads_as_number(typed) else typed
    try:
        message = app().engine.definitions.active(tx(), process).first_message
        instance = app().engine.start(
            tx(), process, key=key, data={}, actor=staff().actor, message=message
        )
    except StepFailedError as error:
        give_up()
        if is_shortage(error):
            raise
        with app().db.write() as transaction:
            number = incidents.record(transaction, error)
        words = gettext(
            "The first step failed and nothing was started. Incident %(number)s.", number=number
        )
        return _refused(process, StartDraft(typed, words=words))
    flash(gettext("The instance is started."), "ok")
    if may("instances", "read"):
        return redirect(url_for("admin.instance", instance_id=instance), 303)
    return redirect(url_for("designer.process", process=process), 303)


def _refused(process: str, draft: StartDraft) -> ResponseReturnValue:
    return process_page(process, "", draft), 422


def _reads_as_number(key: str) -> bool:
    """Tell whether anybody could take a key for the number of a case: `42`, `+42`, `4_2`."""
    try:
        int(key)
    except ValueError:
        return False
    return True
