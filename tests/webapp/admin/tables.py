"""Reading tables of pages."""

from lxml import html

from tests.webapp.conftest import page


def rows(response, where="//table"):
    """Return the rows of the first table below a place, cells separated by one space."""
    found = html.fromstring(page(response)).xpath(f"({where}//tbody)[1]/tr")
    return [" ".join(" ".join(cell.text_content().split()) for cell in row) for row in found]
