"""Further addresses of mailboxes, each with a folder and a queue of its own (COV-05, COV-16)."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import InvalidInputError, NotFoundError
from processes.cases.categories import queues
from processes.mail import mailboxes
from processes.mail.models import MailboxAlias
from webapp.admin import mailbox_forms as forms
from webapp.admin.blueprint import bp
from webapp.admin.mailboxes import one, saved, show, show_list
from webapp.admin.problems import by_field
from webapp.auth import requires
from webapp.context import tx

NEW = "new"
"""Names the form that adds an alias."""


@bp.post("/mailbox-aliases")
@requires("settings", "write")
def add_alias() -> ResponseReturnValue:
    """Write down an alias; one that belongs to no mailbox is refused with the reason."""
    mailbox_id = forms.number(request.form, "mailbox")
    try:
        made = mailboxes.add_alias(tx(), mailbox_id, forms.alias_facts(request.form), _queue_ids())
    except InvalidInputError as error:
        found = mailboxes.find_by_id(tx(), mailbox_id)
        wrong = by_field(error)
        if found is None or "from_list" in request.form:
            return show_list(wrong), 422
        return show(found, wrong, NEW), 422
    flash(gettext("The alias is added."), "ok")
    return redirect(url_for("admin.mailbox", mailbox_id=made.mailbox_id, _anchor="aliases"), 303)


@bp.post("/mailbox-aliases/<int:alias_id>")
@requires("settings", "write")
def save_alias(alias_id: int) -> ResponseReturnValue:
    """Change the address, the folder or the queue of an alias."""
    alias = _alias(alias_id)
    try:
        mailboxes.change_alias(tx(), alias, forms.alias_facts(request.form), _queue_ids())
    except InvalidInputError as error:
        return show(one(alias.mailbox_id), by_field(error), str(alias.id)), 422
    return saved(alias.mailbox_id)


@bp.post("/mailbox-aliases/<int:alias_id>/remove")
@requires("settings", "write")
def remove_alias(alias_id: int) -> ResponseReturnValue:
    """Take an alias away; what came to it stays where it is."""
    alias = _alias(alias_id)
    mailboxes.remove_alias(tx(), alias)
    flash(gettext("The alias is removed."), "ok")
    return redirect(url_for("admin.mailbox", mailbox_id=alias.mailbox_id, _anchor="aliases"), 303)


def _alias(alias_id: int) -> MailboxAlias:
    found = tx().get(MailboxAlias, alias_id)
    if found is None:
        raise NotFoundError
    return found


def _queue_ids() -> list[int]:
    return [queue.id for queue in queues(tx())]
