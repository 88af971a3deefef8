"""What can be switched on a case at any time, whatever the process does."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import InvalidInputError
from processes.cases import links, mail_marks, services
from processes.people.queries import handlers
from processes.portal_access import services as portal_access
from processes.request import services as requests
from webapp.auth import requires, staff
from webapp.context import app, by_script, tx
from webapp.desk.answers import done
from webapp.desk.blueprint import bp
from webapp.desk.page import visible_case

_ON = "on"


@bp.post("/cases/<number>/portal")
@requires("requests", "write")
def switch_portal(number: str) -> ResponseReturnValue:
    """Open the customer's page of the case, with link and code by mail, or close it."""
    case, author = visible_case(number), services.author(staff())
    if not _wanted():
        portal_access.switch_off(tx(), case, author)
        return done(number, gettext("The customer portal is closed."))
    if case.portal_enabled:
        return done(number, gettext("The customer portal is open."))
    portal_access.switch_on(app(), tx(), case, author)
    if case.automatic_mail:
        return done(number, gettext("The customer portal is open; link and code go by mail."))
    return done(number, gettext("The customer portal is open; automatic mails are off."))


@bp.post("/cases/<number>/mail")
@requires("requests", "write")
def switch_mail(number: str) -> ResponseReturnValue:
    """Let the case send automatic mails, or none at all."""
    on = _wanted()
    services.switch_mail(tx(), visible_case(number), staff(), on=on)
    words = gettext("Automatic mails are on.") if on else gettext("Automatic mails are off.")
    return done(number, words)


@bp.post("/cases/<number>/handler")
@requires("requests", "write")
def hand_over(number: str) -> ResponseReturnValue:
    """Give the case to another handler."""
    case = visible_case(number)
    chosen = next((p for p in handlers(tx()) if str(p.id) == request.form.get("handler")), None)
    if chosen is None:
        raise InvalidInputError({"handler": ["invalid_choice"]})
    if chosen.id != case.assignee_id:
        requests.assign(tx(), case, chosen, staff())
    return done(number, gettext("%(name)s handles the case.", name=chosen.name))


@bp.post("/cases/<number>/read")
@requires("requests", "write")
def mark_read(number: str) -> ResponseReturnValue:
    """Take the mark of news away: the handler has opened the case."""
    case = visible_case(number)
    services.mark_read(tx(), case, staff())
    mail_marks.mark_case_read(tx(), case)
    if by_script():
        return ""
    return done(number, gettext("The case is marked as read."))


@bp.post("/cases/<number>/maybe/<other>")
@requires("requests", "write")
def answer_maybe(number: str, other: str) -> ResponseReturnValue:
    """Confirm or refuse that two cases belong together, as a mail hints."""
    case, there = visible_case(number), visible_case(other)
    if request.form.get("same") == "1":
        links.confirm(tx(), case, there, staff())
        return done(number, gettext("The cases are linked."))
    links.refuse(tx(), case, there)
    return done(number, gettext("The cases stay apart."))


def _wanted() -> bool:
    return request.form.get("state") == _ON
