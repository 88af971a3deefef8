"""Two people at one form: whoever saves second is told, and overwrites only when they say so."""

import pytest
from lxml import html

from processes.cases import settings as rules
from processes.mail.models import CannedText
from tests.webapp.conftest import page

TOLD = "This has been changed since you opened it. What you typed is still here"


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


def shown_form(admin, path, action):
    """Return the entries of a form as its page shows them."""
    tree = html.fromstring(page(admin.get(path)))
    (form,) = (each for each in tree.forms if each.action == action)
    return dict(form.form_values())


@pytest.fixture
def text(admin, product):
    admin.post("/admin/texts", data={"name": "Greeting", "text_en": "Hello", "active": "1"})
    with product.db.read() as session:
        return session.query(CannedText).one()


def test_settings_that_were_changed_since_are_not_overwritten_unseen(admin, product):
    first = shown_form(admin, "/admin/settings", "/admin/settings")
    second = dict(first)
    admin.post("/admin/settings", data=first | {"company": "Hers"})

    answer = admin.post("/admin/settings", data=second | {"standard_message_en": "Mine"})

    assert answer.status_code == 409
    assert TOLD in answer.text
    assert "Mine" in answer.text
    with product.db.read() as session:
        assert rules.get(session, rules.COMPANY) == "Hers"
        assert rules.get(session, rules.STANDARD_MESSAGE)["en"] != "Mine"
    again = html.fromstring(answer.text).forms
    (form,) = (each for each in again if each.action == "/admin/settings")
    assert admin.post("/admin/settings", data=dict(form.form_values())).status_code == 303
    with product.db.read() as session:
        assert rules.get(session, rules.STANDARD_MESSAGE)["en"] == "Mine"


def test_settings_sent_twice_are_saved_without_a_word(admin):
    sent = shown_form(admin, "/admin/settings", "/admin/settings") | {"company": "Once"}

    assert [admin.post("/admin/settings", data=sent).status_code for _ in range(2)] == [303, 303]


def test_a_text_that_was_changed_since_is_not_overwritten_unseen(admin, product, text):
    action = f"/admin/texts/{text.id}"
    first = shown_form(admin, "/admin/texts", action)
    second = dict(first)
    admin.post(action, data=first | {"text_en": "Hers"})

    answer = admin.post(action, data=second | {"text_en": "Mine"})

    assert answer.status_code == 409
    assert TOLD in answer.text
    assert ">Mine</textarea>" in answer.text
    with product.db.read() as session:
        assert session.get_one(CannedText, text.id).texts == {"en": "Hers"}


def test_a_text_that_was_removed_since_is_told_with_what_was_typed(admin, product, text):
    action = f"/admin/texts/{text.id}"
    sent = shown_form(admin, "/admin/texts", action) | {"text_en": "My long text"}
    with product.db.write() as session:
        session.delete(session.get_one(CannedText, text.id))

    answer = admin.post(action, data=sent, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 404
    assert "What you had typed" in answer.text
    assert "My long text" in answer.text
