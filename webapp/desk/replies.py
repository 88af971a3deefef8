"""Replies to the customer: written, taken back, sent once more; ready texts for them."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import AppError, InvalidInputError, NotFoundError
from processes.cases import changes
from processes.cases.models import Activity, Case
from processes.cases.taking_back import TooLateError, take_back
from processes.cases.writing_aids import ready_text
from processes.files.errors import TooManyFilesError, UploadGoneError
from processes.mail.resending import NotStrandedError, send_again
from processes.people.models import LANGUAGES
from processes.request import services as requests
from webapp.auth import requires, staff
from webapp.context import app, tx
from webapp.desk.answers import done, offered, refused
from webapp.desk.blueprint import bp
from webapp.desk.composer import PANEL
from webapp.desk.composing import composed, has_begun, typed_again
from webapp.desk.page import visible_case
from webapp.desk.steps import Draft
from webapp.desk.writing import write_once
from webapp.files import uploads
from webapp.numbers import whole_number
from webapp.sentences import sentence

INSERT = "insert"
"""The field of the button that puts a ready text into the reply."""
FILES = "files"


@bp.post("/cases/<number>/reply")
@requires("requests", "write")
def reply(number: str) -> ResponseReturnValue:
    """Write to the customer; the process stays where it is."""
    if INSERT in request.form:
        return _with_ready_text(visible_case(number))
    try:
        keys = uploads.collect()
    except AppError as error:
        draft = Draft(PANEL, request.form, words=sentence(error))
        return refused(number, draft, error.status)

    def send(case: Case, _text: str) -> None:
        mail = composed(keys)
        try:
            requests.send_reply(tx(), case, mail.words, staff(), mail.sending)
        except (UploadGoneError, TooManyFilesError) as error:
            raise InvalidInputError({FILES: [error.code]}) from error

    return write_once(number, PANEL, _on_its_way(), send)


@bp.post("/cases/<number>/replies/<int:activity_id>/undo")
@requires("requests", "write")
def undo(number: str, activity_id: int) -> ResponseReturnValue:
    """Take a reply back while it waits, and put it into its box again."""
    case = visible_case(number)
    try:
        taken = take_back(tx(), case, activity_id, staff())
    except TooLateError as error:
        draft = Draft(PANEL, request.form, words=sentence(error), tone="warn")
        return refused(number, draft, error.status)
    words = gettext("The reply was not sent. Here it is again.")
    if has_begun(request.form):
        words += " " + gettext("What you have begun since stands below it.")
    draft = Draft(PANEL, typed_again(taken, request.form), words=words, tone="info")
    return offered(number, draft)


@bp.post("/cases/<number>/replies/<int:activity_id>/again")
@requires("requests", "write")
def send_once_more(number: str, activity_id: int) -> ResponseReturnValue:
    """Send a mail of the case again that did not arrive."""
    case = visible_case(number)
    entry = tx().get(Activity, activity_id)
    if entry is None or entry.case_id != case.id or entry.mail_id is None:
        raise NotFoundError
    try:
        send_again(tx(), entry.mail_id, staff().actor)
    except NotStrandedError as error:
        draft = Draft(PANEL, request.form, words=sentence(error), tone="warn")
        return refused(number, draft, error.status)
    changes.record(tx(), "case", case.id)
    return done(number, gettext("The mail is sent once more."))


@bp.get("/cases/<number>/ready-texts/<int:text_id>")
@requires("requests", "write")
def ready(number: str, text_id: int) -> ResponseReturnValue:
    """Give a ready text with the facts of the case, as plain text."""
    case = visible_case(number)
    return Response(ready_text(tx(), case, text_id, _language(case)), mimetype="text/plain")


def _with_ready_text(case: Case) -> ResponseReturnValue:
    """Show the reply with a ready text at its end, for browsers without scripts."""
    text_id = whole_number(request.form.get("ready_text", ""))
    added = "" if text_id is None else ready_text(tx(), case, text_id, _language(case))
    sent = request.form.copy()
    before = sent.get("text", "").strip()
    sent["text"] = f"{before}\n\n{added}".strip()
    return offered(case.number, Draft(PANEL, sent))


def _language(case: Case) -> str:
    asked = request.values.get("language", "")
    return asked if asked in LANGUAGES else case.language


def _on_its_way() -> str:
    """Return what to say of a reply; nothing while the page offers to take it back."""
    return "" if app().settings.undo_seconds else gettext("Your reply is on its way.")
