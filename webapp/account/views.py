"""Signing in, signing out, preferences: what every member of staff does for themselves."""

from flask import (
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from engine.errors import UnavailableError
from processes.mail.canned import own_mailboxes
from processes.people import rate_limits
from processes.people import staff as people
from processes.people.models import Staff
from webapp import auth
from webapp.account import first_admin
from webapp.account.blueprint import bp
from webapp.account.forms import PreferencesForm, SignInForm
from webapp.appearance import THEME_COOKIE, THEMES
from webapp.context import app, checkpoint, tx
from webapp.navigation import start
from webapp.security import safe_target

__all__ = ["bp", "first_admin"]

_YEAR = 365 * 24 * 3600
_NO_KEYS = "no_keys"
_DEMO_USERS = 12


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Let a member of staff in."""
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET":
        return redirect(start()) if auth.current_staff() else _sign_in_page(form)
    if not form.validate():
        return _sign_in_page(form), 422
    username = form.username.data or ""
    if not _count(username):
        words = gettext("Too many tries. Please wait five minutes and try again.")
        return _sign_in_page(form, words), 429
    person = _known(username, form.password.data or "")
    if person is None:
        return _sign_in_page(form, gettext("User name and password do not fit together.")), 422
    auth.sign_in(person)
    return redirect(safe_target(form.next.data, url_for("home")), 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    auth.sign_out()
    return redirect(url_for("account.sign_in"), 303)


@bp.route("/preferences", methods=["GET", "POST"])
@auth.requires_staff
def preferences() -> ResponseReturnValue:
    """Show and change how the product looks to this person."""
    person = auth.staff()
    form = PreferencesForm(obj=person, shortcuts=not session.get(_NO_KEYS, False))
    if request.method == "GET" or not form.validate():
        keeps_texts = bool(own_mailboxes(tx(), person))
        page = render_template("account/preferences.html", form=form, keeps_texts=keeps_texts)
        return page, 200 if request.method == "GET" else 422
    people.set_preferences(
        person, locale=form.locale.data, timezone=form.timezone.data, theme=form.theme.data
    )
    session[_NO_KEYS] = not form.shortcuts.data
    flash(gettext("Your preferences are saved."), "ok")
    return redirect(url_for("account.preferences"), 303)


@bp.post("/preferences/theme")
def switch_theme() -> ResponseReturnValue:
    """Keep the light or dark look that was just chosen with the switch."""
    chosen = request.form.get("theme", "")
    response = make_response("", 204)
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=_YEAR, secure=request.is_secure, samesite="Lax"
        )
        person = auth.current_staff()
        if person is not None:
            person.theme = chosen
    return response


def _sign_in_page(form: SignInForm, problem: str = "") -> str:
    return render_template("account/sign_in.html", form=form, problem=problem, users=_demo_users())


def _count(username: str) -> bool:
    """Count a try before it is made, so that many at once share the few; tell if it may be."""
    here = rate_limits.hit(tx(), rate_limits.STAFF_SIGN_IN_PLACE, _place())
    within = rate_limits.hit(tx(), rate_limits.STAFF_SIGN_IN, username) and here
    checkpoint()  # counts whatever the answer is
    return within


def _take_back(username: str) -> None:
    """Forget a try that was no failure."""
    rate_limits.take_back(tx(), rate_limits.STAFF_SIGN_IN_PLACE, _place())
    rate_limits.take_back(tx(), rate_limits.STAFF_SIGN_IN, username)


def _place() -> str:
    return request.remote_addr or ""


def _known(username: str, password: str) -> Staff | None:
    """Check the password outside the writing transaction: it takes a quarter of a second."""
    try:
        with app().db.read() as transaction:
            found = people.authenticate(transaction, username, password)
            found_id = found.id if found else None
    except UnavailableError:  # nobody looked at the password
        _take_back(username)
        checkpoint()
        raise
    if found_id is None:
        return None
    _take_back(username)
    return tx().get(Staff, found_id)


def _demo_users() -> list[Staff]:
    """Return the staff a visitor of the demo may sign in as; nobody outside the demo."""
    if not app().settings.demo:
        return []
    everybody = select(Staff).where(Staff.active).order_by(Staff.id).limit(_DEMO_USERS)
    return list(tx().scalars(everybody))
