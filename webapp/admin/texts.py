"""Ready texts for agents' mails, kept by the owners of mailboxes and by admins (COV-07)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from processes.mail import canned
from processes.mail.canned import NAMES, Wording
from processes.mail.mailbox_names import MailboxName, mailboxes_of
from processes.mail.models import CannedText
from processes.people.models import LANGUAGES
from webapp.admin.as_of import has_changed
from webapp.admin.blueprint import bp
from webapp.admin.problems import by_field
from webapp.auth import may, requires_staff, staff
from webapp.context import tx
from webapp.numbers import whole_number

_NEW = "new"


@dataclass(frozen=True)
class Row:
    """A ready text and where it is offered."""

    text: CannedText
    mailbox: MailboxName | None


@bp.get("/texts")
@requires_staff
def texts() -> ResponseReturnValue:
    """Show the texts one looks after."""
    return _page({}, "")


@bp.post("/texts")
@requires_staff
def add_text() -> ResponseReturnValue:
    """Add a ready text."""
    try:
        canned.add(tx(), _wording(), staff())
    except InvalidInputError as error:
        return _page(by_field(error), _NEW), error.status
    flash(gettext("The text is added."), "ok")
    return _back()


@bp.post("/texts/<int:text_id>")
@requires_staff
def save_text(text_id: int) -> ResponseReturnValue:
    """Change a ready text."""
    if has_changed(_facts(canned.find(tx(), text_id, staff()))):
        return _page({}, str(text_id), has_changed=True), ConflictError.status
    try:
        canned.change(tx(), text_id, _wording(), staff())
    except InvalidInputError as error:
        return _page(by_field(error), str(text_id)), error.status
    flash(gettext("The text is saved."), "ok")
    return _back()


@bp.post("/texts/<int:text_id>/removal")
@requires_staff
def remove_text(text_id: int) -> ResponseReturnValue:
    """Remove a ready text."""
    canned.remove(tx(), text_id, staff())
    flash(gettext("The text is removed."), "ok")
    return _back()


def _page(problems: Mapping[str, Sequence[str]], wrong: str, *, has_changed: bool = False) -> str:
    """Show the list; `wrong` names the form whose entries are shown again."""
    boxes = mailboxes_of(tx(), staff(), everything=may("settings", "write"))
    if not boxes and not may("settings", "write"):
        raise ForbiddenError
    by_id = {box.id: box for box in boxes}
    rows = [Row(text, by_id.get(text.mailbox_id or 0)) for text in canned.kept_by(tx(), staff())]
    return render_template(
        "admin/texts.html",
        rows=rows,
        boxes=boxes,
        for_all=may("settings", "write"),
        names=NAMES,
        problems=problems,
        facts_of=_facts,
        has_changed=has_changed,
        wrong=wrong,
        sent=request.form,
    )


def _facts(text: CannedText) -> list[object]:
    """Return all of a text that its form changes."""
    return [text.name, text.texts, text.mailbox_id, text.active]


def _wording() -> Wording:
    return Wording(
        name=request.form.get("name", ""),
        texts={code: request.form.get(f"text_{code}", "") for code in LANGUAGES},
        mailbox_id=whole_number(request.form.get("mailbox", "")),
        active="active" in request.form,
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("admin.texts"), 303)
