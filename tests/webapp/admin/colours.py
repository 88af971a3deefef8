"""One loaded page in both colours: drawing a diagram anew for each would only cost time."""

from playwright.sync_api import Page

from tests.webapp.browsing import violations

WIDTHS = (1440, 390)


def in_both_colours(page: Page) -> list[str]:
    """Return what keeps some people from using the page, in light and in dark."""
    found = []
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        found += [f"{colours}: {fault}" for fault in violations(page)]
    return found
