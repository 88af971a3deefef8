import json

import pytest
from flask import render_template_string
from lxml import html
from markupsafe import Markup

from engine.forms.options import Option
from engine.forms.validation import initial, refresh, validate
from webapp.forms.view import form_view, wants_refresh

REQUIRED = {"validate": {"required": True}}
PARTS = (
    {"type": "text", "id": "intro", "text": "# First\n\nPlease **tell** us.\n\n<b>x</b>"},
    {
        "type": "select",
        "key": "category",
        "label": "Category",
        "properties": {"options": "categories", "columns": 4, "label.nl": "Categorie"},
        **REQUIRED,
    },
    {
        "type": "select",
        "key": "part",
        "label": "Part",
        "properties": {"options": "parts", "parent": "category", "columns": 4},
    },
    {
        "type": "number",
        "key": "amount",
        "label": "Amount",
        "description": "With tax",
        "appearance": {"prefixAdorner": "€"},
        "properties": {"columns": 4},
    },
    {
        "type": "radio",
        "key": "decision",
        "label": "Decision",
        "values": [{"value": "refund", "label": "Refund"}, {"value": "part", "label": "Send part"}],
        "properties": {"style": "segmented"},
        **REQUIRED,
    },
    {
        "type": "radio",
        "key": "wish",
        "label": "Wish",
        "values": [{"value": "tank", "label": "A tank", "description": "On Thursday"}],
        "properties": {"style": "choice"},
    },
    {"type": "checklist", "key": "tags", "label": "Tags", "values": [{"value": "a"}], **REQUIRED},
    {"type": "checkbox", "key": "mail", "label": "Send mail", "defaultValue": True},
    {
        "type": "group",
        "id": "more",
        "label": "More",
        "conditional": {"hide": '=category = "other"'},
        "components": [
            {"type": "textarea", "key": "why", "label": "Why", "properties": {"rows": "5"}},
            {
                "type": "textfield",
                "key": "email",
                "label": "E-mail",
                "validate": {"validationType": "email", "required": True},
                "properties": {"autocomplete": "email", "autofocus": True, "placeholder": "x@y.nl"},
            },
            {"type": "datetime", "key": "day", "label": "Day"},
        ],
    },
)
LOOKUPS = {
    "categories": lambda _: [Option("damage", labels={"en": "Damage", "nl": "Schade"})],
    "parts": lambda values: [Option("tank", "Tank")] if values["parent"] else [],
}


@pytest.fixture
def form(form_of):
    return form_of(*PARTS, title="Assess", properties={"title.nl": "Beoordelen"})


@pytest.fixture
def page_of(form, draw):
    """The drawn form, parsed."""

    def make(bound, locale="en", **options):
        return html.fromstring(draw(form_view(form, bound, locale, **options)))

    return make


def test_every_input_has_a_name_and_words(page_of, form):
    page = page_of(initial(form, {"category": "damage"}, LOOKUPS))
    labels = {label.get("for") for label in page.iter("label")}
    for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        inside = list(field.iterancestors("label"))
        assert field.get("id") in labels or inside, field.get("id")
        assert field.get("name")
    for group in page.iter("fieldset"):
        assert group.find("legend").text_content().strip()
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_no_style_and_no_script_stands_in_the_markup(page_of, form):
    bound = validate(form, {}, LOOKUPS)
    for element in page_of(bound).iter():
        assert element.tag not in {"script", "style"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]


def test_what_was_entered_stands_in_the_fields_again(page_of, form):
    sent = {
        "category": ["damage"],
        "part": ["tank"],
        "amount": ["38,<5"],
        "decision": ["part"],
        "why": ['a <b> & "c"\n\nd'],
        "day": ["2026-11-22"],
    }
    page = page_of(validate(form, sent, LOOKUPS))
    values = page.form_values()
    assert ("part", "tank") in values
    assert ("amount", "38,<5") in values
    assert ("decision", "part") in values
    assert ("day", "2026-11-22") in values
    assert page.get_element_by_id("step-why").text == sent["why"][0]
    assert not [value for name, value in values if name == "mail"]


def test_texts_are_paragraphs_without_markup(page_of, form):
    page = page_of(initial(form, {}, LOOKUPS))
    intro = page.get_element_by_id("step-intro")
    assert [part.tag for part in intro] == ["h3", "p", "p"]
    assert intro[2].text == "<b>x</b>"


def test_fields_look_as_the_form_says(page_of, form):
    page = page_of(initial(form, {}, LOOKUPS))
    assert page.xpath("//select[@id='step-category']/..")[0].get("class") == "field c4"
    assert page.xpath("//fieldset[@id='step-decision']/div")[0].get("class") == "seg full"
    assert page.xpath("//fieldset[@id='step-wish']/div")[0].get("class") == "choice"
    assert page.xpath("//fieldset[@id='step-wish']//small")[0].text == "On Thursday"
    amount = page.get_element_by_id("step-amount")
    assert (amount.get("inputmode"), amount.get("type")) == ("decimal", "text")
    assert amount.getparent().get("class") == "affix"
    assert amount.get("aria-describedby") == "step-amount-hint"
    mail = page.get_element_by_id("step-email")
    assert (mail.get("type"), mail.get("autocomplete")) == ("email", "email")
    assert "autofocus" in mail.attrib
    assert mail.get("aria-required") == "true"
    assert page.get_element_by_id("step-why").get("rows") == "5"


def test_problems_are_summed_up_and_stand_at_their_fields(page_of, form):
    page = page_of(validate(form, {"amount": ["x"]}, LOOKUPS))
    [summary] = page.xpath("//*[@role='alert']")
    assert summary.get("tabindex") == "-1"
    lines = [(link.get("href"), link.text) for link in summary.iter("a")]
    assert lines == [
        ("#step-category", "Please choose something under “Category”."),
        ("#step-amount", "“Amount” must be a number, such as 12 or 12.50."),
        ("#step-decision-0", "Please choose something under “Decision”."),
        ("#step-tags-0", "Please choose something under “Tags”."),
        ("#step-email", "Please fill in “E-mail”."),
    ]
    for href, sentence in lines:
        target = page.get_element_by_id(href.removeprefix("#"))
        described = target.xpath("ancestor-or-self::*[@aria-describedby]")[-1]
        texts = [
            page.get_element_by_id(each).text for each in described.get("aria-describedby").split()
        ]
        assert sentence in texts
        assert target.xpath("ancestor-or-self::*[@aria-invalid='true']")
    assert "autofocus" not in page.get_element_by_id("step-email").attrib


def test_a_page_without_problems_has_no_summary(page_of, form):
    assert not page_of(initial(form, {}, LOOKUPS)).xpath("//*[@role='alert']")


def test_an_operations_problems_join_the_others(page_of, form):
    wrong = {"amount": ["invalid_choice"], "": ["nonsense"], "gone": ["required"]}
    page = page_of(initial(form, {}, LOOKUPS), problems=wrong)
    [summary] = page.xpath("//*[@role='alert']")
    assert [item.text_content().strip() for item in summary.iter("li")] == [
        "Please choose one of the options under “Amount”.",
        "Please check what you entered.",
        "Please fill in “Other details”.",
    ]


def test_with_scripts_the_fields_that_decide_swap_the_form_only(page_of, form):
    page = page_of(initial(form, {"category": "damage"}, LOOKUPS))
    drivers = page.xpath("//*[@hx-post]")
    assert [driver.get("name") for driver in drivers] == ["category"]
    [category] = drivers
    assert category.get("hx-trigger") == "change"
    assert category.get("hx-target") == category.get("hx-select") == "#step"
    assert json.loads(category.get("hx-vals")) == {"_refresh": "1"}


def test_without_scripts_a_second_button_shows_the_matching_questions(page_of, form):
    page = page_of(initial(form, {}, LOOKUPS))
    buttons = page.xpath("//button")
    assert buttons[0].text == "Complete"
    [again] = page.xpath("//noscript/button")
    assert (again.get("name"), again.get("form")) == ("_refresh", "step")
    assert wants_refresh({"_refresh": "1"})
    assert not wants_refresh({"category": "x"})


def test_a_form_in_which_nothing_decides_has_one_button(form_of, draw):
    plain = form_of({"type": "textfield", "key": "a", "label": "A"})
    page = html.fromstring(draw(form_view(plain, initial(plain, {}, {}), "en")))
    assert len(page.xpath("//button")) == 1
    assert not page.xpath("//*[@hx-post]")


def test_the_page_sends_which_questions_it_showed(page_of, form):
    page = page_of(initial(form, {"category": "damage"}, LOOKUPS))
    sent = {}
    for name, value in page.form_values():
        sent.setdefault(name, []).append(value)
    assert sent["_seen"] == list(form.fields)
    assert refresh(form, sent, LOOKUPS).values["mail"] is True


def test_a_dependent_choice_says_what_to_choose_first(page_of, form):
    page = page_of(initial(form, {}, LOOKUPS))
    assert (
        page.xpath("//select[@id='step-part']/option")[0].text.strip() == "First choose “Category”"
    )
    nothing = LOOKUPS | {"parts": lambda _: []}
    page = page_of(initial(form, {"category": "damage"}, nothing))
    assert len(page.xpath("//select[@id='step-part']/option[normalize-space()='Choose…']")) == 1
    page = page_of(initial(form, {"category": "damage"}, LOOKUPS))
    assert [option.text.strip() for option in page.xpath("//select[@id='step-part']/option")] == [
        "Choose…",
        "Tank",
    ]


def test_the_reader_sees_their_own_language(page_of, form):
    page = page_of(initial(form, {}, LOOKUPS), locale="nl")
    assert page.xpath("//label[@for='step-category']")[0].text.strip() == "Categorie"
    assert page.xpath("//select[@id='step-category']/option")[1].text == "Schade"
    assert form_view(form, initial(form, {}, LOOKUPS), "nl").title == "Beoordelen"


def test_the_token_of_the_caller_is_not_taken_for_text(reader, form):
    template = (
        '{% from "components/process_form.html" import process_form %}'
        '{{ process_form(form, "/a?b=1&c=2", csrf) }}'
    )
    view = form_view(form, initial(form, {}, LOOKUPS), "en", form_id="other")
    token = Markup('<input type="hidden" name="csrf_token" value="t">')
    page = html.fromstring(render_template_string(template, form=view, csrf=token))
    assert page.xpath("//input[@name='csrf_token']/@value") == ["t"]
    assert (page.get("id"), page.get("class"), page.get("action")) == (
        "other",
        "fields",
        "/a?b=1&c=2",
    )
    assert not page.xpath("//*[@hx-post]")
