"""House rules and the log of their changes."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, lazy_gettext

from engine.errors import ConflictError, InvalidInputError
from processes.cases import settings as rules
from processes.people import queries as people
from processes.people.models import LANGUAGES
from webapp.admin.as_of import has_changed
from webapp.admin.blueprint import bp
from webapp.admin.log import actor
from webapp.admin.problems import sentences
from webapp.auth import requires, staff
from webapp.context import tx

NAMES: dict[str, LazyString] = {
    rules.STANDARD_MESSAGE: lazy_gettext("Standard message"),
    rules.AUTOMATIC_MAIL: lazy_gettext("Send mails automatically"),
    rules.PORTAL: lazy_gettext("Offer the customer portal"),
    rules.COMPANY: lazy_gettext("Name mails are signed with"),
    rules.TIMEZONE: lazy_gettext("Time zone of mails"),
}
_SWITCHES = (rules.AUTOMATIC_MAIL, rules.PORTAL)
_CHANGES_SHOWN = 30
_LONGEST = 4_000


@bp.get("/settings")
@requires("settings", "read")
def settings() -> ResponseReturnValue:
    """Show the house rules and who changed them when."""
    return _page(rules.get_all(tx()), {})


@bp.post("/settings")
@requires("settings", "write")
def save_settings() -> ResponseReturnValue:
    """Change the house rules; each change is written down."""
    values, saved = _sent(), rules.get_all(tx())
    if has_changed(saved) and saved != saved | values:
        return _page(saved | values, {}, has_changed=True), ConflictError.status
    problems: dict[str, list[str]] = {}
    for key, value in values.items():
        try:
            rules.put(tx(), key, value, staff().actor)
        except InvalidInputError as error:
            problems[key] = sentences(error, key)
    if problems:
        return _page(rules.get_all(tx()) | values, problems), 422
    flash(gettext("The settings are saved."), "ok")
    return redirect(url_for("admin.settings"), 303)


def _sent() -> dict[str, Any]:
    """Return the new values."""
    message = {language: _text(f"{rules.STANDARD_MESSAGE}_{language}") for language in LANGUAGES}
    switches: dict[str, Any] = {key: key in request.form for key in _SWITCHES}
    return {rules.STANDARD_MESSAGE: message, rules.COMPANY: _text(rules.COMPANY), **switches}


def _text(field: str) -> str:
    """Return a text with one kind of line end, so that an untouched one stays the same."""
    return request.form.get(field, "").replace("\r\n", "\n").replace("\0", "").strip()


def _page(
    values: dict[str, Any], problems: dict[str, list[str]], *, has_changed: bool = False
) -> str:
    changes = rules.recent_changes(tx(), _CHANGES_SHOWN)
    names = people.names(tx(), (change.author for change in changes))
    return render_template(
        "admin/settings.html",
        values=values,
        saved=rules.get_all(tx()),
        problems=problems,
        has_changed=has_changed,
        names=NAMES,
        changes=[(change, actor(change.author, names)) for change in changes],
        longest=_LONGEST,
    )
