"""The one browser of a run; one that died takes one test with it, not all that follow."""

import os
from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, Error, Playwright, expect, sync_playwright

from tests.servers import chromium

PATIENCE_MS = 15_000
"""How long anything on a page may take to come true. Asked until then, so patience costs nothing
on an idle machine; on two cores with ten busy processes a page of the desk took more than 5 s."""


class Driven:
    """A Chromium that is started when a test wants it, and again when it is gone."""

    def __init__(self) -> None:
        self._driver: Playwright | None = None
        self._browser: Browser | None = None
        expect.set_options(timeout=PATIENCE_MS)

    def browser(self) -> Browser:
        """Return a browser that answers. Raises MissingServerError when none can be had."""
        if self._browser is None or not _answers(self._browser):
            self.close()
            self._browser = self._started()
        return self._browser

    def close(self) -> None:
        """End it, in whatever state it is."""
        with suppress(Error):
            if self._browser is not None:
                self._browser.close()
        with suppress(Error):
            if self._driver is not None:
                self._driver.stop()
        self._browser = self._driver = None

    def _started(self) -> Browser:
        found = chromium.find_chromium()
        environment: dict[str, Any] = {**os.environ, **found.environment}
        self._driver = sync_playwright().start()
        return self._driver.chromium.launch(
            executable_path=found.program, args=list(chromium.FLAGS), env=environment
        )


def _answers(browser: Browser) -> bool:
    try:
        browser.new_context().close()
    except Error:
        return False
    return True
