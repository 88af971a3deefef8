"""Ready texts are kept by the owners of mailboxes and by admins (COV-07)."""

import pytest
from sqlalchemy import select

from engine import clock
from processes.cases.models import Queue
from processes.mail.models import CannedText, Mailbox
from processes.people.models import Staff
from tests.webapp.conftest import page

FIELDS = {"name": "Greeting", "text_en": "Hello", "text_nl": "Dag", "active": "1", "mailbox": ""}


@pytest.fixture
def box(product):
    """A mailbox of Mila's."""
    with product.db.write() as session:
        mila = session.query(Staff).filter_by(username="serviceUser").one()
        made = Mailbox(
            address="help@shop.example",
            sender_name="The shop",
            owner_id=mila.id,
            queue_id=session.scalars(select(Queue.id)).first(),
            created_at=clock.utc_now(),
        )
        session.add(made)
        return made


def stored(product) -> list[CannedText]:
    with product.db.read() as session:
        return session.query(CannedText).all()


def test_an_admin_adds_changes_and_removes_texts(client, signed_in, product):
    signed_in(client, "adminUser")
    assert "No ready texts yet" in page(client.get("/admin/texts"))

    assert client.post("/admin/texts", data=FIELDS).status_code == 303
    [text] = stored(product)
    assert (text.name, text.texts, text.mailbox_id) == (
        "Greeting",
        {"en": "Hello", "nl": "Dag"},
        None,
    )

    client.post(f"/admin/texts/{text.id}", data=FIELDS | {"text_en": "{{number}}", "active": ""})
    assert "{{number}}" in page(client.get("/admin/texts"))

    client.post(f"/admin/texts/{text.id}/removal")
    assert stored(product) == []


def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, signed_in, product):
    signed_in(client, "adminUser")

    answer = client.post(
        "/admin/texts", data=FIELDS | {"name": " ", "text_nl": "Typed <b>before</b>"}
    )

    assert answer.status_code == 422
    assert "Please fill this in." in answer.text
    assert "Typed &lt;b&gt;before&lt;/b&gt;" in answer.text
    assert stored(product) == []


def test_the_owner_of_a_mailbox_keeps_its_texts_and_no_others(client, signed_in, product, box):
    signed_in(client, "adminUser")
    client.post("/admin/texts", data=FIELDS | {"name": "For all"})
    [general] = stored(product)
    signed_in(client, "serviceUser")

    assert client.post("/admin/texts", data=FIELDS).status_code == 403
    assert client.post("/admin/texts", data=FIELDS | {"mailbox": str(box.id)}).status_code == 303
    shown = page(client.get("/admin/texts"))

    assert "Greeting" in shown
    assert "For all" not in shown
    assert "help@shop.example" in shown
    for path in (f"/admin/texts/{general.id}", f"/admin/texts/{general.id}/removal"):
        assert client.post(path, data=FIELDS | {"mailbox": str(box.id)}).status_code == 404
    assert len(stored(product)) == 2


@pytest.mark.parametrize("username", ["agentUser", "designerUser", "faqNewsUser"])
def test_nobody_else_has_any(client, signed_in, product, box, username):
    signed_in(client, username)

    assert client.get("/admin/texts").status_code == 403
    assert client.post("/admin/texts", data=FIELDS).status_code == 403
    assert client.post("/admin/texts", data=FIELDS | {"mailbox": str(box.id)}).status_code == 403
    assert stored(product) == []


@pytest.mark.parametrize("odd", ["x", "9" * 30, "-1", "999"])
def test_a_mailbox_that_is_not_there_changes_nothing_or_counts_as_none(
    client, signed_in, product, odd
):
    signed_in(client, "adminUser")

    assert client.post("/admin/texts", data=FIELDS | {"mailbox": odd}).status_code < 500
    assert all(text.mailbox_id is None for text in stored(product))
