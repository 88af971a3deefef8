"""The first admin of an empty installation, let in by a token from the console."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import ForbiddenError, InvalidInputError, NotFoundError
from processes.people import staff as people
from webapp import auth
from webapp.account.blueprint import bp
from webapp.account.forms import FirstAdminForm
from webapp.context import tx


@bp.route("/first-admin", methods=["GET", "POST"])
def first_admin() -> ResponseReturnValue:
    """Make the first admin; once anybody works here this page does not exist."""
    if not people.is_empty(tx()):
        raise NotFoundError
    form = FirstAdminForm(token=request.args.get("token", "")[:100])
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    try:
        admin = people.create_first_admin(
            tx(),
            token=form.token.data or "",
            username=form.username.data or "",
            name=form.name.data or "",
            email=form.email.data or "",
            password=form.password.data or "",
        )
    except InvalidInputError:
        return _page(form, gettext("This password is too easy to guess. Choose another.")), 422
    except ForbiddenError:
        words = gettext("This link is not valid. Print a new one: casewright first-admin")
        return _page(form, words), 422
    auth.sign_in(admin)
    flash(gettext("Welcome. Add your colleagues with casewright add-staff."), "ok")
    return redirect(url_for("home"), 303)


def _page(form: FirstAdminForm, problem: str = "") -> str:
    return render_template("account/first_admin.html", form=form, problem=problem)
