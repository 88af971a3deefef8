"""A WSGI application on a free port, in threads of the test's own process."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

_ENDING = 0.02
"""So often, in seconds, a server looks whether its test is over."""
_ANSWER = "tests.answer"


@contextmanager
def served(
    web: Callable[..., Iterable[bytes]], *, at_end: Callable[[], object] = bool
) -> Iterator[str]:
    """Serve an application and give its address.

    `at_end` is called when no request is taken any more, before the last ones are left alone.
    """

    def remembered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[_ANSWER] = web(environ, start_response)
        return environ[_ANSWER]  # type: ignore[no-any-return]

    server = make_server("127.0.0.1", 0, remembered, threaded=True, request_handler=_ClosingHandler)
    thread = Thread(target=server.serve_forever, args=[_ENDING], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        at_end()
        server.server_close()


class _ClosingHandler(WSGIRequestHandler):
    """Closes a file that was being sent when the browser went away; werkzeug leaves it open."""

    def connection_dropped(
        self,
        error: BaseException,  # noqa: ARG002 - the name is werkzeug's
        environ: dict[str, Any] | None = None,
    ) -> None:
        close = getattr((environ or {}).get(_ANSWER), "close", None)
        if close is not None:
            close()
