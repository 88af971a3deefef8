"""Structured logs: one line of JSON an event, bound to its request."""

import logging
import re
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

REQUEST_FINISHED = "request_finished"
REQUEST_FAILED = "request_failed"
REQUEST_REFUSED = "request_refused"
DATABASE_AWAY = "database_away"
FEED_AWAY = "feed_away"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/health", "/live", "/portal/live")


def configure() -> None:
    """Send all logs of this process to the standard error stream as JSON lines.

    Tracebacks carry no values: a password may be among them.
    """
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def logger() -> Any:
    """Return the logger of the web face."""
    return structlog.get_logger("webapp")


def init(web: Flask) -> None:
    """Give every request an id, and a line when it is over."""
    web.before_request(_begin)
    web.after_request(_end)


def _begin() -> None:
    clear_contextvars()
    asked = request.headers.get("X-Request-ID", "")
    g.request_id = asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
    g.started = time.perf_counter()
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if not request.path.startswith(_QUIET):
        logger().info(
            REQUEST_FINISHED,
            method=request.method,
            endpoint=request.endpoint,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        )
    return response
