"""A production begins with nobody; the console's token lets exactly one admin in."""

import re

import pytest

from casewright import staff as console
from processes.people import staff
from processes.people.models import Role, Staff, WebSession

GIVEN = {
    "name": "Ada Lindner", "email": "ada@example.org", "username": "ada",
    "password": "correct horse battery",
}  # fmt: skip


@pytest.fixture
def empty(client, product):
    with product.db.write() as session:
        session.query(WebSession).delete()
        session.query(Staff).delete()
    return client


def token(product):
    with product.db.read() as session:
        return staff.new_setup_token(session)


def everybody(product):
    with product.db.read() as session:
        return [(person.username, person.role) for person in session.query(Staff)]


def test_the_token_makes_one_admin_and_works_once(empty, product):
    given = {**GIVEN, "token": token(product)}
    assert empty.get("/first-admin", query_string={"token": given["token"]}).status_code == 200
    assert empty.post("/first-admin", data=given).status_code == 303
    assert everybody(product) == [("ada", Role.ADMIN)]
    assert empty.get("/admin/").status_code == 200
    assert empty.post("/first-admin", data={**given, "username": "eve"}).status_code == 404
    assert len(everybody(product)) == 1


@pytest.mark.parametrize("wrong", ["", "x", "00000000.AAAA", "\N{SNOWMAN}.x"])
def test_without_the_right_token_nobody_is_made_and_nothing_typed_is_lost(empty, product, wrong):
    answer = empty.post("/first-admin", data={**GIVEN, "token": wrong})
    assert answer.status_code == 422
    assert "ada@example.org" in answer.text
    assert "correct horse" not in answer.text
    assert everybody(product) == []


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", ""])
def test_a_weak_password_is_refused(empty, product, password):
    given = {**GIVEN, "token": token(product), "password": password}
    assert empty.post("/first-admin", data=given).status_code == 422
    assert everybody(product) == []


def test_where_people_work_the_page_does_not_exist(client):
    assert client.get("/first-admin").status_code == 404


def test_the_console_adds_staff_and_prints_a_password_that_works(product, monkeypatch):
    monkeypatch.setattr(console, "Settings", lambda: product.settings)
    password = console.add("new", "New Colleague", "new@example.org", "agent")
    with product.db.read() as session:
        assert staff.authenticate(session, "new", password) is not None
    with pytest.raises(console.RefusedError):
        console.add("new", "Again", "again@example.org", "agent")
    with pytest.raises(console.RefusedError):
        console.first_admin_link()


def test_the_console_prints_the_link_of_an_empty_installation(empty, product, monkeypatch):
    monkeypatch.setattr(console, "Settings", lambda: product.settings)
    link = console.first_admin_link()
    assert re.fullmatch(r"http://localhost/first-admin\?token=[0-9a-f]{8}\.[0-9A-Z-]{20,}", link)
