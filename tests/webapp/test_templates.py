"""What the strict policy forbids, and what every form needs, seen in the sources."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "webapp" / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
MACRO = re.compile(r"{% macro (\w+)\(.*?%}(.*?){%-? endmacro", re.DOTALL)
TOKEN = re.compile(r"csrf|\{\{ key_name \}\}")
"""The form for strangers brings a signed key of its own, and needs no cookie."""
FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_needs_an_inline_script_or_style(path):
    text = path.read_text()

    assert re.findall(r"\sstyle=", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"\son[a-z]+=\"", text) == []
    assert re.findall(r"href=\"javascript:", text) == []
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert [tag for tag in scripts if "src=" not in tag and "application/json" not in tag] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_form_that_posts_carries_its_token(path):
    text = path.read_text()
    bringing = [name for name, body in MACRO.findall(text) if "csrf" in body]

    bare = [form for form in FORM.findall(text) if not TOKEN.search(form)]
    bare = [form for form in bare if not any(f"{name}(" in form for name in bringing)]
    assert [form[:80] for form in bare] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_text_is_marked_safe_by_hand(path):
    assert re.findall(r"\|\s*safe\b", path.read_text()) == []


def test_icons_that_templates_name_exist():
    drawn = set(re.findall(r'id="([\w-]+)"', (TEMPLATES.parent / "static/icons.svg").read_text()))
    named = {
        name for path in PAGES for name in re.findall(r"icon\(['\"]([\w-]+)['\"]", path.read_text())
    }
    assert named - drawn == set()
