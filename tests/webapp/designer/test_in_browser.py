"""The designer's pages in a real browser: for everybody, by keyboard, without scripts."""

import pytest
from playwright.sync_api import expect

from tests.webapp.admin.colours import WIDTHS, in_both_colours
from tests.webapp.browsing import is_centred, overflows
from tests.webapp.designer.pages import send

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

DESK = "casewright-desk"


@pytest.fixture
def designer_window(windows, designer):
    """Open a window in which a designer is signed in."""

    def open_window(**options):
        window = windows(**options)
        window.sign_in({DESK: designer.client.get_cookie(DESK).value})
        return window

    return open_window


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_the_pages(designer_window, designer, practice_of_one, width):
    window = designer_window(width=width)
    bad = designer.closure(**{"closure.close": "closure.explode"})
    page = window.go("/designer/")
    found = {"index": [*in_both_colours(page), overflows(page)]}
    page = window.go("/designer/request")
    page.locator("[data-drawn=yes]").wait_for()
    found["process"] = [*in_both_colours(page), overflows(page)]
    for name, raw in (("good", designer.closure("P5D")), ("bad", bad)):
        page = window.go("/designer/")
        send(page, {"closure.bpmn": raw})
        page.locator("[data-drawn=yes]").wait_for()
        found[name] = [*in_both_colours(page), overflows(page)]
    page.locator(".findings a").first.click()
    page.locator(".excerpt").wait_for()
    found["finding"] = [*in_both_colours(page), overflows(page)]
    assert found == {name: [False] for name in found}


def test_a_finding_is_centred_and_marked_on_the_uploaded_diagram(designer_window, designer):
    page = designer_window().go("/designer/closure")
    page.get_by_role("tab", name="New version").click()
    send(page, {"x.bpmn": designer.closure(**{"closure.close": "closure.explode"})})
    page.locator("[data-drawn=yes]").wait_for()
    expect(page.locator("[data-element-id=close_at_once].is-bad")).to_be_visible()

    page.locator(".findings a").nth(2).press("Enter")

    element = page.locator("[data-element-id=close_agreed]")
    expect(page.locator(".tok.bad")).to_have_text("Unknown operation")
    assert is_centred(element, page.locator("#drawing"), "x", "y")
    expect(page.locator(".excerpt .here")).to_contain_text("close_agreed")


def test_a_shape_leads_to_its_finding(designer_window, designer):
    page = designer_window().go("/designer/closure")
    page.get_by_role("tab", name="New version").click()
    send(page, {"x.bpmn": designer.closure(**{"closure.close": "closure.explode"})})
    page.locator("[data-drawn=yes]").wait_for()

    page.locator("g[data-element-id=close_agreed] .djs-hit").first.click()

    expect(page.locator(".findings a[aria-current]")).to_contain_text("close_agreed")


def test_numbers_on_the_diagram_lead_to_the_cases(designer_window, practice_of_one):
    page = designer_window().go("/designer/request")
    page.locator("[data-drawn=yes]").wait_for()
    expect(page.locator(".tok.live")).to_have_text("1")

    page.locator("g[data-element-id=classify] .djs-hit").first.click()

    page.wait_for_url("**/admin/?process=request&version=1&step=classify")
    expect(page.get_by_role("link", name=practice_of_one)).to_be_visible()


def test_without_scripts_a_version_is_checked_deployed_and_taken_back(designer_window, designer):
    page = designer_window(java_script_enabled=False).go("/designer/closure")

    send(page, {"closure.bpmn": designer.closure("P5D")})
    page.get_by_label("What is new?").fill("Five days")
    page.get_by_role("button", name="Deploy as new version").click()
    expect(page.get_by_text("Closure: version 2 is deployed.")).to_be_visible()
    page.locator("summary", has_text="Actions for version 1").click()
    page.get_by_role("button", name="Back to this version").click()
    page.get_by_role("button", name="Deploy").click()

    expect(page.get_by_text("Closure: version 1 is active again.")).to_be_visible()
    assert designer.versions("closure") == [(2, False, "Five days"), (1, True, "Shipped")]


def test_an_odd_drawing_leaves_the_page_usable(designer_window, designer):
    raw = designer.closure()
    start = raw.index(b"<bpmndi:BPMNDiagram")
    without = raw[:start] + b"</bpmn:definitions>"
    window = designer_window()
    page = window.go("/designer/closure")
    page.get_by_role("tab", name="New version").click()

    send(page, {"closure.bpmn": without})

    page.locator("[data-drawn]").wait_for()
    expect(page.get_by_role("button", name="Deploy as new version")).to_be_visible()
    window.faults.clear()  # the library says aloud that nothing is drawn in the file
