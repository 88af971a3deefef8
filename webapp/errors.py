"""What a person reads when something cannot be done."""

import errno
import secrets
import sqlite3

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from engine.errors import AppError
from webapp import sentences
from webapp.auth import sign_in_first
from webapp.context import by_script, give_up
from webapp.logs import DATABASE_AWAY, REQUEST_FAILED, REQUEST_REFUSED, logger
from webapp.shortage import RETRY_SECONDS, give_reserve, is_shortage

CSRF_HEADER = "X-CSRFToken"
"""Header of the token against forgery, as scripts send it and are told a fresh one."""

_SERVER_FAULT = 500
_TELLS_WHAT_WAS_TYPED = frozenset({400, 403, 404, 409, 422, 500})
"""Where sending the same once more is of no use; a body that was too large is never read."""
_AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
_POSTGRESQL_FULL = "53100"


def init(web: Flask) -> None:
    """Answer every failure of `web` in words, without saying what only we should know."""
    web.register_error_handler(AppError, _app_error)
    web.register_error_handler(SecurityError, _unknown_host)
    web.register_error_handler(CSRFError, _csrf_error)
    web.register_error_handler(HTTPException, _http_error)
    for away in (*_AWAY, MemoryError):
        web.register_error_handler(away, _away)
    web.register_error_handler(InternalError, _ended_by_server)
    web.register_error_handler(InternalServerError, _before_or_after_the_view)
    web.register_error_handler(Exception, _unexpected)


def new_incident() -> str:
    """Return a number a person can read out on the phone."""
    return secrets.token_hex(4).upper()


def answer(status: int, title: str, words: str, *, incident: str = "") -> Response:
    """Return the page about a failure; for a request by script a line for the corner."""
    give_up()
    if by_script():
        body = render_template("errors/fragment.html", words=words, incident=incident)
        response = make_response(body, status)
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
        return response
    page = render_template(
        "errors/page.html",
        status=status,
        title=title,
        words=words,
        incident=incident,
        typed=_typed() if status in _TELLS_WHAT_WAS_TYPED else [],
    )
    return make_response(page, status)


def _app_error(error: AppError) -> Response:
    if error.status >= _SERVER_FAULT and is_shortage(error):
        return _away(error)  # the step that failed is sound
    give_up()
    incident = str(error.params.get("incident", ""))
    logger().info(REQUEST_REFUSED, code=error.code, status=error.status, incident=incident or None)
    title = sentences.title(error.status)
    return answer(error.status, title, sentences.sentence(error), incident=incident)


def _http_error(error: HTTPException) -> Response:
    status = error.code or _SERVER_FAULT
    if error.response is not None or status < 400:  # noqa: PLR2004  # a redirect is no failure
        return make_response(error.get_response())
    response = answer(status, sentences.title(status), sentences.of_status(status))
    allowed = dict(error.get_headers()).get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _csrf_error(_error: CSRFError) -> Response:
    """Refuse what another page may have sent; a page of ours can go on with a fresh token.

    Only scripts of our own pages can send a header and read the one of the answer.
    """
    title = gettext("This form has expired")
    if not (by_script() or CSRF_HEADER in request.headers):
        words = gettext(
            "This form has expired. Go back, load the page again and send it once more."
        )
        return answer(400, title, words)
    first = sign_in_first() if by_script() else None
    if first is not None:
        return make_response(first)
    words = gettext(
        "You have signed in again since this page was loaded. Please send it once more."
    )
    response = answer(400, title, words)
    response.headers[CSRF_HEADER] = generate_csrf()
    return response


def _typed() -> list[str]:
    """Return the texts somebody wrote on a page of ours: no browser stores what is in our pages.

    What another site has sent is not shown as ours, and nothing of a form with a password.
    """
    if request.method != "POST":
        return []
    is_secret = any("password" in name for name in request.form)
    if is_secret or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return []
    fields = [name for name in request.form if not name.startswith("_") and name != "html"]
    return [text for name in fields for text in request.form.getlist(name) if " " in text.strip()]


def _unknown_host(_error: SecurityError) -> Response:
    """Answer without any address of ours: we do not know whom we speak to."""
    return Response("This host name is not served here.\n", 400, mimetype="text/plain")


def _before_or_after_the_view(error: InternalServerError) -> Response:
    """Answer what failed outside the view, as when the database left while the session was read."""
    cause = error.original_exception
    if isinstance(cause, (*_AWAY, MemoryError)):
        return _away(cause)
    if isinstance(cause, InternalError):
        return _ended_by_server(cause)
    return _http_error(error) if cause is None else _unexpected(cause)


def _ended_by_server(error: InternalError) -> Response:
    """Answer for a connection PostgreSQL ended, as when we rested too long in a transaction."""
    return _away(error) if error.connection_invalidated else _unexpected(error)


def _away(error: BaseException) -> Response:
    """Say that it is worth while to try again: the database or some resource is missing."""
    if is_shortage(error):
        give_reserve()
    g.offline = True
    logger().error(DATABASE_AWAY, exc_info=error)
    give_up()
    if _is_full(error):
        words = gettext("There is no room left to save this. Nothing was changed.")
        response = answer(507, gettext("No room left"), words)
    else:
        words = gettext(
            "The service is busy or just being restarted. Please try again in a moment."
        )
        response = answer(503, gettext("Please try again in a moment"), words)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _is_full(error: BaseException) -> bool:
    """Tell whether a disk, a quota or a file has reached its end."""
    original = getattr(error, "orig", None)
    return (
        getattr(error, "errno", None) in _NO_ROOM
        or getattr(original, "sqlite_errorcode", None) in _SQLITE_FULL
        or getattr(original, "sqlstate", None) == _POSTGRESQL_FULL
    )


def _unexpected(error: BaseException) -> Response:
    """Note everything, tell a number."""
    if getattr(error, "errno", None) in _NO_ROOM or is_shortage(error):
        return _away(error)
    incident = new_incident()
    logger().error(REQUEST_FAILED, incident=incident, exc_info=error)
    words = gettext("Something went wrong on our side. Nothing was changed.")
    return answer(_SERVER_FAULT, sentences.title(_SERVER_FAULT), words, incident=incident)
