import json
from pathlib import Path

import pytest
from flask import Flask, render_template_string, request
from flask_babel import Babel

from engine.forms.definition import FormDefinition

TEMPLATES = Path(__file__).parents[3] / "webapp" / "templates"
PAGE = """{% from "components/process_form.html" import process_form %}
{% call process_form(form, "/step", csrf, refresh="/step", class="body") %}
<button class="btn primary">Complete</button>
{% endcall %}"""


@pytest.fixture(scope="session")
def web():
    """A small web application that speaks the reader's language and knows our templates."""
    app = Flask("forms", template_folder=str(TEMPLATES))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=lambda: request.args.get("lang", "en"))
    return app


@pytest.fixture
def reader(web):
    """A request of an English reader."""
    with web.test_request_context("/step"):
        yield


@pytest.fixture
def draw(reader):
    """The page of a form view."""

    def render(view):
        return render_template_string(PAGE, form=view, csrf="<TOKEN>")

    return render


@pytest.fixture(scope="session")
def form_of():
    """A form of these components."""

    def make(*components, **top):
        source = {"components": list(components), **top}
        return FormDefinition.parse(json.dumps(source).encode(), name="request/forms/test.form")

    return make
