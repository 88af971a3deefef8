"""The portal's door: the code from a mail opens one request, eight digits open them all.

Tries are made in a transaction of their own, before anything else: they count whatever the
answer is. The answers are the same for addresses we know and addresses we do not.
"""

import secrets
import time
from dataclasses import dataclass, field

from flask import (
    Response,
    after_this_request,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.forms.formats import UNSTORABLE, is_email
from processes.cases.queries import get_case_by_id
from processes.people import contacts, rate_limits
from processes.people.models import Contact
from processes.portal_access import services
from webapp import auth
from webapp.context import app, tx
from webapp.forms.sentences import problem_sentence
from webapp.i18n import language
from webapp.portal.blueprint import bp
from webapp.security import safe_target

_BROWSER = "browser"
"""What binds a code to the browser that asked for it; lives in the session."""
_LONGEST_CODE = 40
_EVEN_SECONDS = 0.05
"""Every answer to who asks for a code takes this long: writing a mail takes a part of it."""
_TOO_OFTEN = 429
_WRONG = 422


@dataclass
class Doors:
    """What the page shows again: addresses typed, and what is wrong with which field."""

    email: str = ""
    code: str = ""
    ask_email: str = ""
    digits: str = ""
    next: str = ""
    problems: dict[str, str] = field(default_factory=dict)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show both ways in; a link may bring the address along, never a code."""
    if auth.visitor() is not None and "switch" not in request.args:
        return redirect(_onwards(request.args.get("next")), 303)
    told = _plain(request.args.get("email", ""))
    email = told if is_email(told) else ""
    return _page(Doors(email=email, ask_email=email, next=request.args.get("next", "")))


@bp.post("/sign-in")
def enter_by_mail_code() -> ResponseReturnValue:
    """Open the one request whose code came by mail."""
    email, code = _plain(request.form.get("email", "")), request.form.get("code", "")
    tried = is_email(email) and code != ""
    within, opened = _redeem(email, code[:_LONGEST_CODE]) if tried else (True, None)
    if opened is not None:
        contact_id, case_id = opened
        auth.enter_portal(tx().get_one(Contact, contact_id), case_id=case_id)
        case = get_case_by_id(tx(), case_id)
        return redirect(url_for("portal.show_case", number=case.number), 303)
    doors = Doors(email=email, code=_plain(code), next=request.form.get("next", ""))
    if not is_email(email):
        doors.problems["email"] = problem_sentence("email", gettext("E-mail address"))
    if not code:
        doors.problems["code"] = problem_sentence("required", gettext("Code from our e-mail"))
    if tried:
        doors.problems["code"] = _mismatch() if within else _too_often()
    return _page(doors), _WRONG if within else _TOO_OFTEN


@bp.post("/sign-in/ask")
def ask_for_code() -> ResponseReturnValue:
    """Mail eight digits to an address we know; say the same about one we do not."""
    _take_even_time()
    email = _plain(request.form.get("ask_email", ""))
    browser = secrets.token_urlsafe(24)
    doors = Doors(ask_email=email, next=request.form.get("next", ""))
    if not is_email(email):
        doors.problems["ask_email"] = problem_sentence("email", gettext("E-mail address"))
        return _page(doors), _WRONG
    if not _ask(email, browser):
        doors.problems["ask_email"] = _too_often()
        return _page(doors), _TOO_OFTEN
    session[_BROWSER] = browser
    return redirect(url_for("portal.sign_in", next=doors.next or None) + "#digits", 303)


@bp.post("/sign-in/digits")
def enter_by_digits() -> ResponseReturnValue:
    """Open all requests of the address that the eight digits went to."""
    digits, browser = request.form.get("digits", ""), session.get(_BROWSER)
    within, contact_id = _redeem_digits(digits, browser) if digits and browser else (True, None)
    if contact_id is not None:
        auth.enter_portal(tx().get_one(Contact, contact_id))
        return redirect(_onwards(request.form.get("next")), 303)
    doors = Doors(digits=_plain(digits), next=request.form.get("next", ""))
    if not digits:
        doors.problems["digits"] = problem_sentence("required", gettext("Eight digits"))
    else:
        doors.problems["digits"] = _used_up() if within else _too_often()
    return _page(doors), _WRONG if within else _TOO_OFTEN


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    auth.sign_out()
    return redirect(url_for("portal.sign_in", out=1), 303)


def _redeem(email: str, code: str) -> tuple[bool, tuple[int, int] | None]:
    """Return whether this try was within the limits, and the contact and case it opens."""
    with app().db.write() as transaction:
        here = rate_limits.hit(transaction, rate_limits.PORTAL_SIGN_IN_PLACE, _place())
        address = contacts.normal_email(email) or ""
        if not rate_limits.hit(transaction, rate_limits.PORTAL_SIGN_IN, address) or not here:
            return False, None
        row = services.redeem(app(), transaction, email, _plain(code))
        return True, None if row is None else (row.contact_id, row.case_id)


def _redeem_digits(digits: str, browser: str) -> tuple[bool, int | None]:
    """Return whether this try was within the limits, and the contact it opens."""
    with app().db.write() as transaction:
        if not rate_limits.hit(transaction, rate_limits.PORTAL_SIGN_IN_PLACE, _place()):
            return False, None
        found = services.redeem_sign_in(
            transaction, browser=browser, code=_plain(digits)[:_LONGEST_CODE]
        )
        return True, found.id if found else None


def _ask(email: str, browser: str) -> bool:
    """Return whether asking was within the limits; if so, the mail is on its way."""
    here = rate_limits.hit(tx(), rate_limits.PORTAL_CODE_PLACE, _place())
    address = contacts.normal_email(email) or ""
    if not rate_limits.hit(tx(), rate_limits.PORTAL_CODE, address) or not here:
        return False
    services.ask_for_code(tx(), email=email, browser=browser, language=language())
    return True


def _take_even_time() -> None:
    """Answer later, after the transaction, so that the time does not tell whom we know."""
    due = time.monotonic() + _EVEN_SECONDS

    def wait(response: Response) -> Response:
        time.sleep(max(0.0, due - time.monotonic()))
        return response

    after_this_request(wait)


def _page(doors: Doors) -> str:
    return render_template(
        "portal/sign_in.html",
        doors=doors,
        asked=_BROWSER in session,
        out="out" in request.args,
        next=safe_target(doors.next, ""),
    )


def _onwards(asked: str | None) -> str:
    return safe_target(asked, url_for("portal.cases"))


def _place() -> str:
    return request.remote_addr or ""


def _plain(text: str) -> str:
    """Return what was typed without what no database stores."""
    return UNSTORABLE.sub("", text).strip()


def _mismatch() -> str:
    return str(
        gettext(
            "Address and code do not fit together, or the code has ended. "
            "Without a code you can ask for a new one."
        )
    )


def _used_up() -> str:
    return str(gettext("These digits are not right, or they have ended. You can ask for new ones."))


def _too_often() -> str:
    return str(gettext("That was too often. Please wait a quarter of an hour and try again."))
