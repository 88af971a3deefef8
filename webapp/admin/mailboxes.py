"""Mailboxes: who owns them, where they lead, how they are reached, and whether that works."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from engine.errors import ConflictError, InvalidInputError, NotFoundError
from processes.cases.categories import queues
from processes.mail import mailboxes, probe
from processes.mail.faults import read
from processes.mail.models import Intake, Mailbox, MailboxAlias, Security
from webapp.admin import mailbox_forms as forms
from webapp.admin.as_of import has_changed
from webapp.admin.blueprint import bp
from webapp.admin.health import silence
from webapp.admin.mailbox_forms import Problems
from webapp.admin.problems import by_field
from webapp.auth import requires
from webapp.context import tx
from webapp.sentences import said


@dataclass(frozen=True)
class Row:
    """One mailbox of the list."""

    mailbox: Mailbox
    aliases: list[MailboxAlias]
    trouble: str
    """What is wrong, in the reader's language; empty while all is well."""


@bp.get("/mailboxes", endpoint="mailboxes")
@requires("settings", "read")
def list_mailboxes() -> ResponseReturnValue:
    """Show every mailbox with its one owner, its queue and how it is doing."""
    return show_list({})


@bp.get("/mailboxes/new")
@requires("settings", "write")
def new_mailbox() -> ResponseReturnValue:
    """Show the form of a new mailbox."""
    return _form(None, forms.values_of(None), {})


@bp.post("/mailboxes")
@requires("settings", "write")
def add_mailbox() -> ResponseReturnValue:
    """Write down a new mailbox; it is looked into at once."""
    try:
        made = mailboxes.create(tx(), forms.facts(request.form), _queue_ids())
    except InvalidInputError as error:
        return _form(None, request.form, by_field(error)), 422
    flash(gettext("The mailbox is added. Test it now, to be sure."), "ok")
    return redirect(url_for("admin.mailbox", mailbox_id=made.id), 303)


@bp.get("/mailboxes/<int:mailbox_id>")
@requires("settings", "read")
def mailbox(mailbox_id: int) -> ResponseReturnValue:
    """Show one mailbox: its facts, its aliases, its last test."""
    found = one(mailbox_id)
    return _form(found, forms.values_of(found), {})


@bp.post("/mailboxes/<int:mailbox_id>")
@requires("settings", "write")
def save_mailbox(mailbox_id: int) -> ResponseReturnValue:
    """Change a mailbox; whoever fetches for it begins anew with what it says now."""
    found = one(mailbox_id)
    if has_changed(forms.values_of(found)):
        return _form(found, request.form, {}, has_changed=True), ConflictError.status
    try:
        mailboxes.change(tx(), found, forms.facts(request.form), _queue_ids())
    except InvalidInputError as error:
        return _form(found, request.form, by_field(error)), 422
    probe.forget(tx(), found.id)
    return saved(found.id)


@bp.post("/mailboxes/<int:mailbox_id>/active")
@requires("settings", "write")
def switch_mailbox(mailbox_id: int) -> ResponseReturnValue:
    """Use a mailbox, or no longer; its mails and cases stay."""
    found = one(mailbox_id)
    wanted = request.form.get("active", "")
    if wanted not in {"yes", "no"}:
        raise InvalidInputError
    mailboxes.switch(tx(), found, active=wanted == "yes")
    return saved(found.id)


@bp.post("/mailboxes/<int:mailbox_id>/test")
@requires("settings", "write")
def test_mailbox(mailbox_id: int) -> ResponseReturnValue:
    """Have a worker prove that the mailbox receives, and that it sends (COV-06)."""
    probe.start(tx(), one(mailbox_id))
    return redirect(url_for("admin.mailbox", mailbox_id=mailbox_id, _anchor="test"), 303)


def show_list(problems: Problems) -> str:
    """Return the page of all mailboxes; `problems` are those of the form that adds an alias."""
    found = mailboxes.all_mailboxes(tx())
    aliases = mailboxes.aliases_of(tx(), [row.id for row in found])
    return render_template(
        "admin/mailboxes.html",
        rows=[Row(row, aliases[row.id], _trouble(row)) for row in found],
        queues={queue.id: queue for queue in queues(tx())},
        problems=problems,
        sent=request.form,
    )


def show(found: Mailbox, problems: Problems, wrong: str) -> str:
    """Return the page of a mailbox; `wrong` names the alias form that `problems` belong to."""
    return _form(found, forms.values_of(found), {}, alias_problems=problems, wrong=wrong)


def one(mailbox_id: int) -> Mailbox:
    """Return a mailbox with its owner. Raises NotFoundError."""
    found = mailboxes.find_by_id(tx(), mailbox_id)
    if found is None:
        raise NotFoundError
    return found


def saved(mailbox_id: int) -> ResponseReturnValue:
    """Say so and show the mailbox."""
    flash(gettext("The mailbox is saved."), "ok")
    return redirect(url_for("admin.mailbox", mailbox_id=mailbox_id), 303)


def _form(
    found: Mailbox | None,
    values: "MultiDict[str, str]",
    problems: Problems,
    *,
    alias_problems: Problems | None = None,
    wrong: str = "",
    has_changed: bool = False,
) -> str:
    return render_template(
        "admin/mailbox.html",
        mailbox=found,
        values=values,
        problems=problems,
        saved=forms.values_of(found),
        has_changed=has_changed,
        refused=bool(problems) or has_changed,
        owners=mailboxes.owners(tx()),
        queues=queues(tx()),
        securities=list(Security),
        intakes=list(Intake),
        unreadable=mailboxes.unreadable(tx(), found) if found else set(),
        trouble=_trouble(found) if found else "",
        test=probe.result(tx(), found.id) if found else None,
        silence=silence(),
        aliases=mailboxes.aliases_of(tx(), [found.id])[found.id] if found else [],
        alias_problems=alias_problems or {},
        wrong=wrong,
        sent=request.form,
        providers=forms.PROVIDERS,
        said=said,
    )


def _trouble(row: Mailbox) -> str:
    return str(said(read(row.fetch_error))) if row.active and row.fetch_error else ""


def _queue_ids() -> list[int]:
    return [queue.id for queue in queues(tx())]
