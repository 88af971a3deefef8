"""What agents write on a case: notes, contacts, to-dos."""

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import AppError, InvalidInputError, NotWaitingError
from processes.cases import services, submissions
from processes.cases.models import Case, Direction
from processes.cases.timeline import Author
from processes.request import services as requests
from webapp.auth import requires, staff
from webapp.context import app, tx
from webapp.desk.answers import done, refused
from webapp.desk.blueprint import bp
from webapp.desk.page import visible_case
from webapp.desk.steps import Draft
from webapp.files.uploads import KEYS
from webapp.sentences import sentence

KEY = "_key"
"""Hidden field: makes a form that is sent twice count once."""


@bp.post("/cases/<number>/notes")
@requires("requests", "write")
def note(number: str) -> ResponseReturnValue:
    """Add a note that only colleagues see."""

    def add(case: Case, text: str) -> None:
        services.add_note(tx(), case, text, staff())

    return write_once(number, "note", gettext("The note is on the case."), add)


@bp.post("/cases/<number>/contacts")
@requires("requests", "write")
def contact(number: str) -> ResponseReturnValue:
    """Add what was said outside the product; if it is the customer's reply, the process goes on."""

    def add(case: Case, text: str) -> None:
        medium = request.form.get("medium", "")
        if medium not in services.MEDIA:
            raise InvalidInputError({"medium": ["choose"]})
        if request.form.get("is_reply"):
            name = case.contact.name if case.contact else gettext("Customer")
            author = Author(staff().actor, name)
            requests.receive_reply(app(), tx(), case, text, author=author, medium=medium)
            return
        direction = Direction.OUT if request.form.get("direction") == "out" else Direction.IN
        services.add_contact(tx(), case, text, staff(), medium=medium, direction=direction)

    return write_once(number, "contact", gettext("The contact is on the case."), add)


@bp.post("/cases/<number>/todos")
@requires("requests", "write")
def todo(number: str) -> ResponseReturnValue:
    """Add something to do."""

    def add(case: Case, text: str) -> None:
        services.add_todo(tx(), case, text, staff())

    return write_once(number, "todo", gettext("The to-do is on the case."), add)


@bp.post("/cases/<number>/todos/<int:activity_id>")
@requires("requests", "write")
def tick(number: str, activity_id: int) -> ResponseReturnValue:
    """Tick a to-do off, or open it again."""
    is_done = request.form.get("done") == "1"
    services.tick_todo(tx(), visible_case(number), activity_id, staff(), done=is_done)
    words = gettext("The to-do is done.") if is_done else gettext("The to-do is open again.")
    return done(number, words)


def write_once(
    number: str, panel: str, words: str, write: Callable[[Case, str], None]
) -> ResponseReturnValue:
    """Write once, however often the form is sent; keep what was typed when it cannot be taken."""
    case, text = visible_case(number), request.form.get("text", "")
    key = request.form.get(KEY, "")
    more = (request.form.get(name, "") for name in ("html", "subject", "language", "cc", "bcc"))
    content = (text, *more, *request.form.getlist(KEYS))
    if submissions.accept(tx(), key, panel, number, *content) is None:
        return done(number, words, used=panel)
    try:
        write(case, text)
    except InvalidInputError as error:
        return refused(number, Draft(panel, request.form, problems=error.fields), error.status)
    except NotWaitingError as error:
        draft = Draft(panel, request.form, words=_why_not(case, error), tone="warn")
        return refused(number, draft, error.status)
    return done(number, words, used=panel)


def _why_not(case: Case, error: AppError) -> str:
    if case.is_closed:
        return gettext("The case is closed. A reply of the customer opens it again.")
    if case.assignee_id is None:
        return gettext("The request must be classified before anybody writes to the customer.")
    return sentence(error)
