"""What agents do with a mail; of two who do it at once the second is told who was faster."""

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import InvalidInputError, NotFoundError
from processes.cases import mail_marks
from processes.cases.queries import get_case
from processes.mail import inbox
from processes.mail.errors import AlreadyHandledError
from processes.mail.models import IncomingMail
from processes.request import mail_decisions
from webapp.auth import requires, staff
from webapp.context import app, tx
from webapp.desk.blueprint import bp
from webapp.desk.mail_answers import back, done, refused
from webapp.sentences import sentence


@bp.post("/mail/<int:mail_id>/case")
@requires("requests", "write")
def promote_mail(mail_id: int) -> ResponseReturnValue:
    """Make a case of the mail, with its text, sender and files (COV-32)."""

    def promote(mail: IncomingMail) -> str:
        case = mail_decisions.make_case(app(), tx(), mail, staff())
        return gettext("The mail is case %(number)s now.", number=case.number)

    return _handle(mail_id, promote)


@bp.post("/mail/<int:mail_id>/link")
@requires("requests", "write")
def link_mail(mail_id: int) -> ResponseReturnValue:
    """Put the mail on the timeline of a case, as the customer's reply or only to be seen."""

    def link(mail: IncomingMail) -> str:
        case = get_case(tx(), request.form.get("case", ""))
        as_reply = request.form.get("reply") == "1"
        mail_decisions.link_to_case(app(), tx(), mail, case, staff(), reply=as_reply)
        return gettext("The mail is on case %(number)s.", number=case.number)

    return _handle(mail_id, link, linking=True)


@bp.post("/mail/<int:mail_id>/aside")
@requires("requests", "write")
def put_mail_aside(mail_id: int) -> ResponseReturnValue:
    """Say that the mail is not a case."""

    def put_aside(mail: IncomingMail) -> str:
        mail_decisions.put_aside(tx(), mail, staff())
        return gettext("The mail is put aside.")

    return _handle(mail_id, put_aside)


@bp.post("/mail/<int:mail_id>/back")
@requires("requests", "write")
def take_mail_back(mail_id: int) -> ResponseReturnValue:
    """Put a mail that was put aside among the undecided ones again."""

    def take_back(mail: IncomingMail) -> str:
        mail_decisions.take_up(tx(), mail)
        return gettext("The mail waits for a decision again.")

    return _handle(mail_id, take_back)


@bp.post("/mail/<int:mail_id>/again")
@requires("requests", "write")
def look_again(mail_id: int) -> ResponseReturnValue:
    """Let a mail that is held back be read again."""

    def release(mail: IncomingMail) -> str:
        mail_decisions.release(tx(), mail, staff())
        return gettext("The mail is being read again.")

    return _handle(mail_id, release)


@bp.post("/mail/<int:mail_id>/unread")
@requires("requests", "read")
def unread_mail(mail_id: int) -> ResponseReturnValue:
    """Put the mail back among the unread ones, for everybody."""
    mail_marks.mark_unread(tx(), inbox.open_mail(tx(), mail_id).mail)
    return back(mail_id, gettext("The mail is unread again, for everybody."))


def _handle(
    mail_id: int, do: Callable[[IncomingMail], str], *, linking: bool = False
) -> ResponseReturnValue:
    """Do it, or say why not and keep what was typed."""
    mail = inbox.open_mail(tx(), mail_id).mail
    try:
        words = do(mail)
    except AlreadyHandledError as error:
        return refused(mail_id, sentence(error), error.status, linking=linking)
    except (NotFoundError, InvalidInputError):
        words = gettext("There is no case with this number. Choose one from the list.")
        return refused(mail_id, words, InvalidInputError.status, linking=linking)
    mail_marks.tell(tx(), mail_id)
    return done(mail_id, words)
