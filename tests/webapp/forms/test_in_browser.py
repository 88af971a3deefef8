"""The drawn form in a real browser, with our scripts and without any."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import render_template_string, request, send_from_directory
from markupsafe import Markup
from playwright.sync_api import expect

from engine.forms.options import Option
from engine.forms.validation import initial, refresh, validate
from tests.servers.driven import PATIENCE_MS
from tests.servers.web import served
from tests.webapp.browsing import calm
from webapp.forms.view import form_view, wants_refresh

pytestmark = pytest.mark.chromium

DIST = Path(__file__).parents[3] / "webapp" / "static" / "dist"
PAGE = """<!doctype html><html lang="en" data-scale="desk"><head><title>Step</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/dist/{{ names['app.css'] }}">
<script type="module" src="/dist/{{ names['app.js'] }}"></script></head>
<body><main><h1>Step</h1>{% if done %}<output>{{ done }}</output>{% endif %}
{% from "components/process_form.html" import process_form %}
{% call process_form(form, "/", csrf, refresh="/") %}
<button class="btn primary" type="submit">Complete</button>{% endcall %}</main></body></html>"""
PARTS = (
    {"type": "textfield", "key": "name", "label": "Name", "validate": {"required": True}},
    {
        "type": "select",
        "key": "category",
        "label": "Category",
        "properties": {"options": "categories"},
    },
    {
        "type": "select",
        "key": "part",
        "label": "Part",
        "properties": {"options": "parts", "parent": "category"},
    },
    {
        "type": "radio",
        "key": "wish",
        "label": "Wish",
        "values": [{"value": "new", "label": "New"}, {"value": "other", "label": "Other"}],
        "properties": {"style": "segmented"},
    },
    {
        "type": "textarea",
        "key": "why",
        "label": "Why",
        "conditional": {"hide": '=wish != "other"'},
    },
    {"type": "checkbox", "key": "mail", "label": "Send mail"},
)
PARTS_OF = {"damage": [Option("tank", "Tank")], "late": [Option("post", "Post")]}
LOOKUPS = {
    "categories": lambda _: [Option("damage", "Damage"), Option("late", "Late")],
    "parts": lambda values: PARTS_OF.get(values["parent"], []),
}


@pytest.fixture(scope="module")
def address(web, form_of):
    """A small site with one form, under our content policy."""
    if not (DIST / "manifest.json").exists():
        pytest.skip("the scripts are not built: run make assets")
    names = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    form = form_of(*PARTS)

    def step():
        done = ""
        if request.method == "GET":
            bound = initial(form, {}, LOOKUPS)
        elif wants_refresh(request.form):
            bound = refresh(form, request.form, LOOKUPS)
        else:
            bound = validate(form, request.form, LOOKUPS)
            done = json.dumps(bound.values) if bound.ok else ""
        view = form_view(form, bound, "en")
        token = Markup('<input type="hidden" name="csrf_token" value="t">')
        page = render_template_string(PAGE, form=view, csrf=token, names=names, done=done)
        policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
        policy += "; font-src 'self'; img-src 'self' data:; form-action 'self'"
        return page, 200 if bound.ok else 422, {"Content-Security-Policy": policy}

    web.add_url_rule("/", "step", step, methods=["GET", "POST"])
    web.add_url_rule("/dist/<path:name>", "dist", lambda name: send_from_directory(DIST, name))
    with served(web) as found:
        yield f"{found}/"


@pytest.fixture
def open_page(browser, address):
    """The form in a window of its own; what the browser complains about fails the test."""
    windows, complaints = [], []

    def make(*, scripts=True):
        windows.append(browser.new_context(java_script_enabled=scripts))
        page = windows[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        page.goto(address)
        return page

    yield make
    for window in windows:
        window.close()
    assert [each for each in complaints if "422" not in each] == []


def test_with_scripts_an_answer_brings_its_questions_and_loses_nothing(open_page):
    page = open_page()
    page.get_by_label("Name").fill("Sanne")
    page.get_by_label("Category").select_option("damage")
    page.get_by_label("Part").select_option("tank")
    page.get_by_text("Other", exact=True).click()
    page.get_by_label("Why").fill("It leaks")
    expect(page.get_by_label("Name")).to_have_value("Sanne")
    expect(page.get_by_label("Part")).to_have_value("tank")
    expect(page.get_by_text("Show the matching questions")).to_be_hidden()
    page.get_by_role("button", name="Complete").click()
    assert json.loads(page.locator("output").inner_text()) == {
        "name": "Sanne",
        "category": "damage",
        "part": "tank",
        "wish": "other",
        "why": "It leaks",
        "mail": False,
    }


def test_without_scripts_a_button_brings_the_questions(open_page):
    page = open_page(scripts=False)
    page.get_by_label("Category").select_option("late")
    page.get_by_text("Other", exact=True).click()
    page.get_by_role("button", name="Show the matching questions").click()
    page.get_by_label("Part").select_option("post")
    page.get_by_label("Why").fill("It is late")
    page.get_by_role("button", name="Complete").click()
    alert = page.get_by_role("alert")
    alert.get_by_role("link", name="Please fill in “Name”.").click()
    page.get_by_label("Name").fill("Sanne")
    page.get_by_label("Name").press("Enter")
    assert json.loads(page.locator("output").inner_text())["part"] == "post"


def test_nothing_is_in_the_way_of_any_reader(open_page):
    page = open_page()
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#step-problems")).to_be_focused()
    found = Axe().run(calm(page))
    assert found.violations_count == 0, found.generate_report()
