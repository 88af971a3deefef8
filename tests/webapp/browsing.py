"""A real browser before the served application: what it shows, and whether all can use it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Page, Route
from playwright.sync_api import TimeoutError as WaitedInVainError

from tests.servers.driven import PATIENCE_MS
from tests.servers.web import served
from webapp.live import EXTENSION, Hub

LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
"""Every page is looked at in these widths and colours."""

_LOOKED_FOR = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # of what is good, axe need not describe every node
}
_CALM = """() => document.fonts.status === 'loaded'
    && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')
    && document.getAnimations().every(
        ({ playState, effect }) =>
            playState !== 'running' || effect.getComputedTiming().iterations === Infinity)"""
_LOOK_MS = 50
_FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


@contextmanager
def serving(web: Flask) -> Iterator[str]:
    """Serve an application on a free port and give its address."""
    with served(web, at_end=lambda: silence(web.extensions[EXTENSION])) as address:
        yield address


def silence(hub: Hub) -> None:
    """Close the open streams and wait until the reader has left the database alone."""
    reader = hub._reader  # noqa: SLF001 - nobody else may end it
    for stream in list(hub._streams):  # noqa: SLF001
        hub.close(stream)
    if reader is not None:
        reader.join(5)


_REFUSED = "Failed to load resource"
"""An answer the test expects."""
_GIVEN_UP, _OVER = "htmx:sendAbort", "htmx:afterRequest"
"""Sending a form goes before a question about it: htmx tells of that one twice."""


class Window:
    """A browser window that notes every fault of the page's scripts and policy."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self._address = address
        self.context: BrowserContext = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type == "error" and _REFUSED not in message.text:
            self.faults.append(message.text)

    def sign_in(self, cookies: dict[str, str]) -> None:
        """Take over the cookies of a signed-in test client."""
        self.context.add_cookies(
            [{"name": name, "value": raw, "url": self._address} for name, raw in cookies.items()]
        )

    def go(self, path: str) -> Page:
        """Open a page and wait until its scripts ran."""
        self.page.goto(path)
        self.page.wait_for_load_state("load")
        return self.page

    def forgive(self, *words: str) -> None:
        """Take out the faults a test has brought about itself, each told by words of it."""
        self.faults = [fault for fault in self.faults if not any(word in fault for word in words)]

    def close(self) -> None:
        """Close the window; a fault of a page fails the test here."""
        self.context.close()
        faults = [fault for fault in self.faults if _GIVEN_UP not in fault]
        for _ in range(len(self.faults) - len(faults)):
            twice = next((fault for fault in faults if _OVER in fault), None)
            if twice is not None:
                faults.remove(twice)
        assert faults == [], faults


class Held:
    """Answers a server has given to one address and a page has not got yet."""

    def __init__(self, page: Page, address: str, *, most: int = 100) -> None:
        self._page, self._most = page, most
        self._answers: list[tuple[Route, APIResponse]] = []
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        if len(self._answers) < self._most:
            self._answers.append((route, route.fetch()))
        else:
            route.continue_()

    def wait(self) -> None:
        """Wait until the server has answered for the first time."""
        assert eventually(lambda: bool(self._answers), self._page)

    def come(self) -> None:
        """Let the page have its answers, the first when the server has given it.

        Further ones are let through; a question asked while the route is taken away would be lost.
        """
        self.wait()
        self._most = 0
        for route, answer in self._answers:
            route.fulfill(response=answer)


def calm(page: Page) -> Page:
    """Wait until nothing on the page moves: its fonts, what scripts fetch, passing transitions."""
    page.wait_for_load_state("load")
    page.wait_for_function(_CALM, timeout=PATIENCE_MS)
    return page


def violations(page: Page) -> list[str]:
    """Return what keeps some people from using the page once it is calm, by rule and place."""
    found = Axe().run(calm(page), options=_LOOKED_FOR)
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes'][:3]]}"
        for fault in found.response["violations"]
    ]


def overflows(page: Page) -> bool:
    """Return whether the page can be scrolled sideways, and stays so."""
    try:
        page.wait_for_function(_FITS, timeout=PATIENCE_MS)
    except WaitedInVainError:
        return True
    return False


def eventually(holds: Callable[[], bool], page: Page) -> bool:
    """Return whether something about the page comes true, asked until it does."""
    for _ in range(PATIENCE_MS // _LOOK_MS):
        if holds():
            return True
        page.wait_for_timeout(_LOOK_MS)
    return False


def is_centred(shape: Locator, stage: Locator, *sides: str, within: float = 40) -> bool:
    """Return whether a shape comes to stand in the middle of a stage, along `x`, `y` or both."""

    def holds() -> bool:
        inner, outer = shape.bounding_box(), stage.bounding_box()
        if inner is None or outer is None:
            return False
        return all(
            abs(_middle(dict(inner), side) - _middle(dict(outer), side)) < within for side in sides
        )

    return eventually(holds, shape.page)


def _middle(box: dict[str, float], side: str) -> float:
    return box[side] + box["width" if side == "x" else "height"] / 2


Windows = Callable[..., Window]
