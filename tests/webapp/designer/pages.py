"""Reading the designer's pages, packing what is sent to them."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import html


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
