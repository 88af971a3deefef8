"""When the machine has no memory, threads or handles left: how it is known, and what is answered.

A page about it is drawn like any other (`webapp.errors`), from memory that was kept for it. Where
even that fails, whoever asked gets bytes that were made when the program started.
"""

import errno
import mmap
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, render_template
from flask_babel import force_locale, gettext
from markupsafe import Markup

from webapp.security import plain_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXTENSION = "last_resort"
RETRY_SECONDS = "5"
STATUS = "503 Service Unavailable"

LACKING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOBUFS})
"""Numbers of system errors that pass when others give back what they hold."""

_WORDS = (
    "can't start new thread",
    "failed to map segment",
    "without setting an exception",
    "without exception set",
    "Error -4 while",  # zlib's Z_MEM_ERROR
    "unknown error (<string>, line 0)",  # lxml: libxml2 gave up and noted nothing
)
"""How Python, libraries in C and their loader say it, who have no error of their own for it."""
_WORDLESS = (RuntimeError, SystemError, ImportError, SyntaxError, zlib.error)
_MOST_LINKS = 20
_RESERVE = 4 << 20
"""Bytes kept for speaking of a shortage: a page takes about a megabyte."""
_TOAST = [("HX-Retarget", "#toasts"), ("HX-Reswap", "beforeend")]


def is_shortage(error: BaseException | None) -> bool:
    """Tell whether an error, or what it came from, is a lack of memory, threads or handles."""
    for _ in range(_MOST_LINKS):
        if error is None:
            return False
        if _lacks(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _lacks(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno in LACKING
    return isinstance(error, _WORDLESS) and any(known in str(error) for known in _WORDS)


def init(web: Flask, languages: Iterable[str]) -> None:
    """Let no shortage reach the server as an error; call it after all other parts.

    What is sent when all else fails speaks every one of `languages`.
    """
    with web.test_request_context():
        answers = Answers(web, languages)
    web.extensions[EXTENSION] = answers
    web.wsgi_app = LastResort(web.wsgi_app, answers)  # type: ignore[method-assign]


def give_reserve() -> None:
    """Let the memory that was kept for it be used for an answer about a shortage."""
    answers: Answers = current_app.extensions[EXTENSION]
    answers.reserve.give()


class Reserve:
    """Address space that is held, and let go when there is no other."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: mmap.mmap | None = None
        self.take()

    def take(self) -> None:
        """Hold it again, if it can be had."""
        if self._held is None:
            with suppress(OSError, MemoryError):
                self._held = mmap.mmap(-1, self._size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

    def give(self) -> None:
        """Let it go."""
        held, self._held = self._held, None
        if held is not None:
            held.close()


class Answers:
    """What is sent when nothing can be made any more: a page, a line for the corner, plain bytes.

    `raw` is a whole HTTP/1.1 response, for the server itself. `reserve` is what they are sent with.
    """

    def __init__(self, web: Flask, languages: Iterable[str]) -> None:
        self.reserve = Reserve(_RESERVE)
        words = {code: _words(code) for code in languages}
        page = render_template("errors/last_resort.html", words=words)
        line = render_template("errors/fragment.html", words=_line(words), incident="")
        headers = [*plain_headers(web), ("Retry-After", RETRY_SECONDS)]
        self.page, self.page_headers = _made(page, headers)
        self.line, self.line_headers = _made(line, [*headers, *_TOAST])
        head = "\r\n".join(f"{name}: {value}" for name, value in self.page_headers)
        self.raw = f"HTTP/1.1 {STATUS}\r\nConnection: close\r\n{head}\r\n\r\n".encode() + self.page


class LastResort:
    """The outermost layer of the application, which needs no memory worth naming."""

    def __init__(self, inner: "WSGIApplication", answers: Answers) -> None:
        self._inner = inner
        self._answers = answers

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request, with 503 when there was not even memory to draw a page about it.

        What fails after the answer was begun is raised: the server alone knows what it has sent.
        """
        self._answers.reserve.take()
        begun = []

        def begin(*about: Any) -> Callable[[bytes], object]:
            begun.append(True)
            return start_response(*about)

        try:
            return self._inner(environ, begin)
        except Exception as error:
            if begun or not is_shortage(error):
                raise
        made = self._answers
        made.reserve.give()
        if "HTTP_HX_REQUEST" in environ:
            start_response(STATUS, made.line_headers)
            return (made.line,)
        start_response(STATUS, made.page_headers)
        return (made.page,)


def _words(code: str) -> str:
    with force_locale(code):
        return gettext("The service is busy or just being restarted. Please try again in a moment.")


def _line(words: dict[str, str]) -> Markup:
    spans = (Markup('<span lang="{}">{}</span>').format(*item) for item in words.items())
    return Markup(" ").join(spans)


def _made(body: str, headers: list[tuple[str, str]]) -> tuple[bytes, list[tuple[str, str]]]:
    content = body.encode()
    kind = ("Content-Type", "text/html; charset=utf-8")
    return content, [*headers, kind, ("Content-Length", str(len(content)))]
