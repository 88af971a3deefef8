"""Importing, starting and doing steps in a real browser: for everybody, also without scripts."""

import pytest
from playwright.sync_api import expect

from engine import queries
from tests.engine.conversion.files import files_of
from tests.webapp.admin.colours import WIDTHS, in_both_colours
from tests.webapp.browsing import is_centred, overflows
from tests.webapp.designer.pages import send

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
DESK = "casewright-desk"


@pytest.fixture
def designer_window(windows, designer):
    def open_window(**options):
        window = windows(**options)
        window.sign_in({DESK: designer.client.get_cookie(DESK).value})
        return window

    return open_window


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_read_an_import_and_do_its_steps(designer_window, designer, width):
    window = designer_window(width=width)
    page = window.go("/designer/")
    send(page, files_of("camunda7"))
    page.locator("[data-drawn=yes]").wait_for()
    found = {"import": [*in_both_colours(page), overflows(page)]}
    page.get_by_role("button", name="Deploy as new version").click()
    expect(page.get_by_text("is deployed.").first).to_be_visible()
    page = window.go("/designer/order_complaint")
    page.locator("[data-drawn=yes]").wait_for()
    page.get_by_role("tab", name="Start").click()
    found["start"] = [*in_both_colours(page), overflows(page)]
    page.get_by_label("Business key").fill("A-17")
    page.get_by_role("button", name="Start an instance").click()
    page.locator("#in-steps form").wait_for()
    page.locator("[data-drawn=yes]").wait_for()
    found["steps"] = [*in_both_colours(page), overflows(page)]
    page.locator("#in-steps input[name=order_number]").press("Enter")
    page.locator("#in-steps [role=alert]").wait_for()
    found["wrong"] = [*in_both_colours(page), overflows(page)]
    with designer.product.db.write() as session:
        (row,) = queries.instances_of(session, "A-17")
        designer.product.engine.cancel(session, row.id, "a mistake", "staff:1")
    page.locator("#in-steps input[name=order_number]").fill("B-4")
    page.locator("#in-steps input[name=order_number]").press("Enter")
    expect(page.locator("#in-steps .kept")).to_contain_text("B-4")
    page.locator("[data-drawn=yes]").wait_for()
    found["gone"] = [*in_both_colours(page), overflows(page)]
    assert found == {name: [False] for name in found}


def test_a_note_marks_its_shape_on_the_drawing(designer_window):
    page = designer_window().go("/designer/")
    send(page, files_of("plain"))
    page.locator("[data-drawn=yes]").wait_for()
    page.locator("nav.seg").get_by_role("link", name="Process_returns.bpmn").click()
    page.locator("[data-drawn=yes]").wait_for()

    page.locator("#import a[data-shape=g2]").first.click()

    expect(page.locator("#import a[aria-current]")).to_contain_text("Inspect goods")
    shape = page.locator("g[data-element-id=g2]").first
    assert is_centred(shape, page.locator("#drawing"), "x", within=60)


def test_without_scripts_a_process_is_imported_started_and_done(designer_window):
    page = designer_window(java_script_enabled=False).go("/designer/")
    send(page, files_of("plain"))
    page.get_by_role("button", name="Deploy as new version").click()
    expect(page.get_by_text("is deployed.").first).to_be_visible()
    page.goto("/designer/lost_parcel")
    page.get_by_label("Business key").fill("P-9")
    page.get_by_role("button", name="Start an instance").click()
    page.get_by_label("worth").fill("100")
    page.get_by_role("button", name="Complete step").click()
    page.get_by_role("button", name="Complete step").first.click()
    expect(page.get_by_role("heading", name="Ask carrier")).to_be_visible()
