"""What a request works with: the wired product and one transaction."""

from typing import cast

from flask import Flask, Response, current_app, g, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.db import is_conflict
from processes.bootstrap import App
from webapp.shortage import give_reserve, is_shortage

EXTENSION = "casewright"
TAKEN = "taken_uploads"
"""What `g` calls the files of a request that are kept: a view that is run again has them."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FIRST_FAILURE = 400
_MOST_TRIES = 3
_OF_THE_TRANSACTION = ("_login_user", "visitor", "business_now")
"""What `g` remembers of rows that were read; the first name is Flask-Login's."""


class TransactionalFlask(Flask):
    """Flask with one database transaction around each view.

    The transaction is committed before the response leaves, and only when the view answered with
    a status below 400; a commit that fails is answered like any other failure of the view.
    A view that the database undid because another transaction was in its way (a deadlock) is run
    again from its beginning: nobody loses what was typed.
    """

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view, then commit or roll back what it did."""
        for _ in range(_MOST_TRIES - 1):
            try:
                return self._run_view()
            except OperationalError as error:
                if not (is_conflict(error) and _may_run_again()):
                    raise
                _forget()
        return self._run_view()

    def _run_view(self) -> Response:
        response = self.make_response(super().dispatch_request())
        did_well = response.status_code < _FIRST_FAILURE
        commits = did_well and request.method not in _READING
        _finish(commit=commits)
        if commits:
            g.done = response
        return response

    def handle_exception(self, e: Exception) -> Response:
        """Answer what failed outside the view.

        Where memory ran out only after the commit, the answer of the view stands, without its
        trimmings: whoever is told to try again must not have been served already.
        """
        done: Response | None = g.pop("done", None)
        if done is not None and is_shortage(e) and not session.modified:
            give_reserve()
            return done
        return super().handle_exception(e)


def by_script() -> bool:
    """Return whether a script of the page asks, which shows the answer in its place."""
    return "HX-Request" in request.headers


def app() -> App:
    """Return the wired product."""
    return cast("App", current_app.extensions[EXTENSION])


def tx() -> Session:
    """Return this request's session: reading for GET and HEAD, writing for all others."""
    session: Session | None = g.get("tx")
    if session is None:
        writes = request.method not in _READING and not g.get("gave_up", False)
        session = g.tx = app().db.session(write=writes)
    return session


def checkpoint() -> None:
    """Commit what this request did so far, whatever its answer will be.

    For what must count even when the answer is a refusal; the next `tx()` begins anew.
    """
    g.kept_part = True
    _finish(commit=True)


def give_way() -> None:
    """Let others write while this request works without the database; it has written nothing yet.

    The next `tx()` begins anew, and who asks is read anew with it.
    """
    _forget()


def give_up() -> None:
    """Throw away what this request did; a page about it may still read."""
    g.gave_up = True
    _finish(commit=False)


def init(web: Flask, product: App) -> None:
    """Give the requests of `web` the product and their transactions."""
    web.extensions[EXTENSION] = product
    web.after_request(_release)
    web.teardown_request(_close)


def _may_run_again() -> bool:
    """Tell whether a view has left no trace: nothing kept, nothing read from what was sent."""
    is_read = any(each.filename for each in request.files.values()) and TAKEN not in g
    return not (g.get("kept_part", False) or g.get("gave_up", False) or is_read)


def _forget() -> None:
    """End the transaction without a trace, and let go of the rows it had read."""
    _finish(commit=False)
    for name in _OF_THE_TRANSACTION:
        g.pop(name, None)


def _release(response: Response) -> Response:
    """Free the connection before the response is sent, however long the reader takes."""
    _finish(commit=False)
    return response


def _close(_error: BaseException | None) -> None:
    _finish(commit=False)


def _finish(*, commit: bool) -> None:
    session: Session | None = g.pop("tx", None)
    if session is None:
        return
    try:
        if commit:
            app().db.commit(session)
    finally:
        session.close()
