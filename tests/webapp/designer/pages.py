"""Reading the designer's pages, packing what is sent to them."""

import io
import re
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import html
from playwright.sync_api import FilePayload, Page

_CHECKED = re.compile(r"/designer/(uploads|drafts/)")
_TRIAL_MS = 30_000


def findings(response):
    """Return rule, sentence and place of each finding on a page."""
    tree = html.fromstring(response.text)
    return [
        " ".join(link.text_content().split()) for link in tree.xpath("//ul[@class='findings']/li/a")
    ]


def archive(files, method=ZIP_DEFLATED):
    """Return a zip archive of files."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", method) as packed:
        for name, raw in files.items():
            packed.writestr(name, raw)
    return buffer.getvalue()


def send(page: Page, files: Mapping[str, bytes]) -> None:
    """Choose files in a browser, send them, and wait for the page about them.

    That page comes when a child process of its own has tried them.
    """
    kind = "application/octet-stream"
    chosen: list[FilePayload] = [
        {"name": name, "mimeType": kind, "buffer": raw} for name, raw in files.items()
    ]
    page.set_input_files("input[type=file]", chosen)
    page.get_by_role("button", name="Check files").click()
    page.wait_for_url(_CHECKED, timeout=_TRIAL_MS)
