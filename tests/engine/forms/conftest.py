import json

import pytest

from engine.forms.definition import FormDefinition
from engine.forms.options import Option

SUBCATEGORIES = {"damage": ["tank", "box"], "delivery": ["late"]}


@pytest.fixture
def lookups():
    return {
        "categories": lambda _values: [
            Option("damage", labels={"en": "Damage", "nl": "Schade", "de": "Schaden"}),
            Option("delivery", "Delivery"),
            Option("other", "Other"),
        ],
        "subcategories": lambda values: [
            Option(each, each.title()) for each in SUBCATEGORIES.get(values["parent"], [])
        ],
    }


@pytest.fixture(scope="session")
def form_of():
    """A form of these components."""

    def make(*components, name="request/forms/test.form", **top):
        source = {"type": "default", "schemaVersion": 18, "components": list(components), **top}
        return FormDefinition.parse(json.dumps(source).encode(), name=name)

    return make


@pytest.fixture(scope="session")
def field():
    """One component in short."""

    def make(kind, key="value", *, hide=None, validate=None, properties=None, **more):
        source = {"type": kind, "key": key, "id": f"field_{key}", "label": key.title(), **more}
        if hide:
            source["conditional"] = {"hide": hide}
        if validate:
            source["validate"] = validate
        if properties:
            source["properties"] = properties
        return source

    return make


@pytest.fixture
def request_form(form_of, field):
    return form_of(
        field(
            "select", "category", validate={"required": True}, properties={"options": "categories"}
        ),
        field(
            "select",
            "subcategory",
            hide='=category = null or category = "other"',
            validate={"required": True},
            properties={"options": "subcategories", "parent": "category"},
        ),
        field("textfield", "part", hide='=subcategory != "tank"', validate={"required": True}),
        field("number", "amount", validate={"min": 0, "max": 1000}, decimalDigits=2),
        field("checkbox", "urgent"),
        field("textarea", "why", hide="=not(urgent)", validate={"minLength": 5}),
        title="Ask",
        properties={"title.nl": "Vraag"},
    )
