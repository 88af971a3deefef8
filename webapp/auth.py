"""Who asks, and whether they may."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.errors import ForbiddenError
from processes.people.models import Contact, Staff
from processes.people.permissions import allows
from webapp import sessions
from webapp.context import by_script, tx
from webapp.numbers import whole_number

View = Callable[..., ResponseReturnValue]


class Member(UserMixin):
    """A member of staff as flask-login wants to see one."""

    def __init__(self, person: Staff) -> None:
        self.person = person

    def get_id(self) -> str:
        """Return what the session remembers."""
        return str(self.person.id)


@dataclass(frozen=True)
class Visitor:
    """A customer who is signed in to the portal."""

    contact: Contact
    case_id: int | None
    """Set when a case's own code opened the door: nothing but that case may be shown."""

    @property
    def contact_id(self) -> int:
        """Return the id of the contact, as `processes.cases.policies` asks for it."""
        return self.contact.id

    @property
    def actor(self) -> str:
        """Return how history names this person."""
        return self.contact.actor

    @property
    def language(self) -> str:
        """Return the language we write to this person in."""
        return self.contact.language


def init(web: Flask) -> None:
    """Let `web` know staff by flask-login and give templates `staff`, `visitor` and `may`."""
    manager = LoginManager()
    manager.session_protection = None  # the session row itself is bound to one browser
    manager.user_loader(_load)
    manager.unauthorized_handler(_ask_to_sign_in)
    manager.init_app(web)
    web.jinja_env.globals.update(staff=current_staff, visitor=visitor, may=may)


def current_staff() -> Staff | None:
    """Return the signed-in member of staff, if there is one."""
    if g.get("offline", False) or not current_user.is_authenticated:
        return None
    return cast("Member", current_user).person


def staff() -> Staff:
    """Return the signed-in member of staff; only for views that require one."""
    person = current_staff()
    if person is None:
        raise ForbiddenError
    return person


def visitor() -> Visitor | None:
    """Return the customer signed in to the portal, if there is one."""
    if g.get("offline", False) or sessions.CONTACT not in session:
        return None
    if "visitor" not in g:
        contact = tx().get(Contact, session[sessions.CONTACT])
        g.visitor = None if contact is None else Visitor(contact, session.get(sessions.CASE))
    return cast("Visitor | None", g.visitor)


def may(area: str, action: str) -> bool:
    """Return whether the signed-in member of staff may do this."""
    person = current_staff()
    return person is not None and allows(person, area, action)


def requires(area: str, action: str) -> Callable[[View], View]:
    """Let only staff with this permission reach the view; others sign in or read a 403."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if current_staff() is None:
                return _ask_to_sign_in()
            if not may(area, action):
                raise ForbiddenError
            return view(*args, **kwargs)

        guarded.guard = (area, action)  # type: ignore[attr-defined]  # read by the route test
        return guarded

    return guard


def requires_staff(view: View) -> View:
    """Let any member of staff reach the view."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        return view(*args, **kwargs) if current_staff() is not None else _ask_to_sign_in()

    guarded.guard = ("staff", "any")  # type: ignore[attr-defined]  # read by the route test
    return guarded


def requires_visitor(view: View) -> View:
    """Let only customers who are signed in to the portal reach the view."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        return view(*args, **kwargs) if visitor() is not None else _to("portal.sign_in")

    guarded.guard = ("portal", "visitor")  # type: ignore[attr-defined]  # read by the route test
    return guarded


def sign_in_first() -> ResponseReturnValue | None:
    """Return what to answer when the view asked for wants staff and nobody is signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    area, _ = getattr(view, "guard", ("portal", ""))
    return _ask_to_sign_in() if area != "portal" and current_staff() is None else None


def sign_in(person: Staff) -> None:
    """Make this browser that person's, under a new session id."""
    session.clear()
    sessions.renew()
    login_user(Member(person))


def enter_portal(contact: Contact, *, case_id: int | None = None) -> None:
    """Make this browser that customer's, under a new session id; `case_id` limits it to a case."""
    session.clear()
    sessions.renew()
    session[sessions.CONTACT] = contact.id
    if case_id is not None:
        session[sessions.CASE] = case_id
    g.pop("visitor", None)


def sign_out() -> None:
    """End the session of this browser on this side, staff or portal."""
    logout_user()
    session.clear()
    g.pop("visitor", None)


def _load(user_id: str) -> Member | None:
    if g.get("offline", False):  # the page that says so must not ask the database again
        return None
    staff_id = whole_number(user_id)
    person = None if staff_id is None else tx().get(Staff, staff_id)
    return Member(person) if person is not None and person.active else None


def _ask_to_sign_in() -> ResponseReturnValue:
    return _to("account.sign_in")


def _to(endpoint: str) -> ResponseReturnValue:
    """Send the browser to a sign-in page and, after reading pages, back again.

    A page whose script asks stays where it is: somebody may have typed in it.
    """
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    if by_script():
        current = request.headers.get("HX-Current-URL", "")
        back = current.split(request.host, 1)[-1] or None
        line = render_template("errors/signed_out.html", address=url_for(endpoint, next=back))
        return line, 401, {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}
    return redirect(url_for(endpoint, next=back), 303)
