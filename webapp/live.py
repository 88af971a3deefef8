"""Live pages: one reader a process, a few open streams, everyone else asks now and then.

What travels is a topic and an id; the page fetches the fragment it shows, with its own rights.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, Full, Queue

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from engine.errors import NotFoundError
from processes.bootstrap import App
from processes.cases import changes, mail_marks, policies, presence, queries
from webapp import auth
from webapp.context import app, tx
from webapp.logs import FEED_AWAY, logger
from webapp.numbers import whole_number

bp = Blueprint("live", __name__)

EXTENSION = "casewright-live"

_READ_EVERY = 0.25
_PING_EVERY = 15.0
_WAITING_LINES = 200
_ANY = "*"
_DESK = frozenset({("desk", _ANY), ("case", _ANY), ("settings", _ANY)})
_MAIL = frozenset({(mail_marks.TOPIC, _ANY), (presence.TOPIC, _ANY)})


@dataclass(frozen=True)
class Line:
    """A change that open pages may want to show."""

    id: int
    topic: str
    ref: str

    def event(self) -> bytes:
        """Return the line as a server-sent event."""
        body = orjson.dumps({"topic": self.topic, "ref": self.ref})
        return b"id: %d\ndata: %s\n\n" % (self.id, body)


@dataclass(eq=False)
class Stream:
    """One open browser and what it may hear of."""

    wanted: frozenset[tuple[str, str]]
    lines: Queue[Line] = field(default_factory=lambda: Queue(_WAITING_LINES))

    def hears(self, topic: str, ref: str) -> bool:
        """Return whether this browser may and wants to know."""
        return (topic, _ANY) in self.wanted or (topic, ref) in self.wanted


class Hub:
    """The open streams of this process and the one thread that feeds them."""

    def __init__(self, product: App, most: int) -> None:
        self._product = product
        self._most = most
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None

    def open(self, wanted: frozenset[tuple[str, str]]) -> Stream | None:
        """Return a new stream; None when as many are open as this process can keep.

        It hears of everything committed from now on, however late the reader's thread begins.
        """
        with self._lock:
            if len(self._streams) >= self._most:
                return None
            if self._reader is None or not self._reader.is_alive():
                with self._product.db.read() as session:
                    feed = changes.Feed(session)
                self._reader = threading.Thread(
                    target=self._run, args=(feed,), name="live-feed", daemon=True
                )
                self._reader.start()
            stream = Stream(wanted)
            self._streams.add(stream)
            return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream whose browser has gone."""
        with self._lock:
            self._streams.discard(stream)

    def tell(self, line: Line) -> None:
        """Put a line into every stream that may hear it; a browser that lags far misses it."""
        with self._lock:
            hearing = [s for s in self._streams if s.hears(line.topic, line.ref)]
        for stream in hearing:
            try:
                stream.lines.put_nowait(line)
            except Full:
                continue

    def _run(self, feed: changes.Feed) -> None:
        """Tail the changes for as long as anybody listens; a database away is waited for."""
        pause = threading.Event()
        while self._is_wanted():
            try:
                self._read(feed)
            except SQLAlchemyError as error:
                logger().warning(FEED_AWAY, exc_info=error)
            pause.wait(_READ_EVERY)

    def _is_wanted(self) -> bool:
        with self._lock:
            if not self._streams:
                self._reader = None
            return bool(self._streams)

    def _read(self, feed: changes.Feed) -> None:
        with self._product.db.read() as session:
            for change in feed.read(session):
                self.tell(Line(change.id, change.topic, change.ref))


def init(web: Flask, product: App, most: int) -> None:
    """Give `web` its live addresses."""
    web.extensions[EXTENSION] = Hub(product, most)
    web.register_blueprint(bp)
    web.jinja_env.globals.update(live_since=live_since)


def live_since() -> int:
    """Return the number of the newest change this page can already show."""
    return changes.latest(tx())


@bp.get("/live")
@auth.requires_staff
def stream() -> ResponseReturnValue:
    """Tell a desk page what changes, as long as it is open."""
    return _answer(_desk_topics())


@bp.get("/live/since/<int:after>")
@auth.requires_staff
def since(after: int) -> ResponseReturnValue:
    """Tell a desk page what has changed since it last asked."""
    return _changes(after, _desk_topics())


@bp.get("/portal/live/<number>")
@auth.requires_visitor
def portal_stream(number: str) -> ResponseReturnValue:
    """Tell a customer's page what changes in their case."""
    return _answer(_case_topics(number))


@bp.get("/portal/live/<number>/since/<int:after>")
@auth.requires_visitor
def portal_since(number: str, after: int) -> ResponseReturnValue:
    """Tell a customer's page what has changed in their case since it last asked."""
    return _changes(after, _case_topics(number))


def _desk_topics() -> frozenset[tuple[str, str]]:
    if auth.may("requests", "read"):
        return _DESK | _MAIL
    return _DESK if auth.may("instances", "read") else frozenset({("settings", _ANY)})


def _case_topics(number: str) -> frozenset[tuple[str, str]]:
    """Return what a customer may hear of; a case that is not theirs does not exist."""
    guest = auth.visitor()
    case = queries.get_case(tx(), number)
    if guest is None or not policies.visitor_may_see(guest, case):
        raise NotFoundError
    return frozenset({("case", str(case.id))})


def _answer(wanted: frozenset[tuple[str, str]]) -> ResponseReturnValue:
    """Open a stream; 204 ends the browser's tries, and its page asks now and then instead."""
    hub: Hub = current_app.extensions[EXTENSION]
    opened = hub.open(wanted)
    if opened is None:
        return "", 204
    with app().db.read() as session:  # begun after the stream: nothing falls between the two
        missed = _lines(session, _last_seen(), wanted)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    body = _events(hub, opened, missed)
    return Response(body, mimetype="text/event-stream", headers=headers)


def _events(hub: Hub, opened: Stream, missed: list[Line]) -> Iterator[bytes]:
    """Yield events until the browser goes, and a sign of life when nothing happens."""
    told = {line.id for line in missed}
    try:
        yield b"retry: 3000\n\n"
        for line in missed:
            yield line.event()
        while True:
            try:
                line = opened.lines.get(timeout=_PING_EVERY)
            except Empty:
                yield b": still here\n\n"
                continue
            if line.id not in told:
                yield line.event()
    finally:
        hub.close(opened)


def _changes(after: int, wanted: frozenset[tuple[str, str]]) -> ResponseReturnValue:
    lines = _lines(tx(), after, wanted)
    if not lines:
        return "", 204
    events = [{"topic": line.topic, "ref": line.ref} for line in lines]
    return {"id": lines[-1].id, "events": events}


def _lines(session: Session, after: int | None, wanted: frozenset[tuple[str, str]]) -> list[Line]:
    if after is None:
        return []
    asked = Stream(wanted)
    return [
        Line(change.id, change.topic, change.ref)
        for change in changes.since(session, after)
        if asked.hears(change.topic, change.ref)
    ]


def _last_seen() -> int | None:
    """Return the last change the browser knows: from its broken stream, or from its page."""
    return whole_number(request.headers.get("Last-Event-ID", request.args.get("since", "")))
