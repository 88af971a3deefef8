from datetime import timedelta
from uuid import uuid4

import pytest

from engine import clock
from engine.deployment import drafts
from engine.errors import NotFoundError

FILES = {"main/main.bpmn": b"<x/>", "main/forms/any.form": b"{}"}


def keep(db, owner="staff:1", **more):
    with db.write() as session:
        return drafts.keep(session, FILES, owner=owner, **more)


def load(db, draft, owner="staff:1"):
    with db.read() as session:
        return drafts.load(session, draft, owner=owner)


def test_files_come_back_as_they_were(db):
    kept = keep(db, process="main", comment="Five days")

    found = load(db, kept.id)

    assert (found.files, found.process, found.comment) == (FILES, "main", "Five days")


def test_nobody_else_finds_them(db):
    kept = keep(db)
    for who, what in (("staff:2", kept.id), ("staff:1", uuid4())):
        with pytest.raises(NotFoundError):
            load(db, what, who)
    with db.write() as session:
        assert not drafts.drop(session, kept.id, owner="staff:2")
    assert load(db, kept.id)


def test_only_the_first_of_two_drops_them(db):
    kept = keep(db)
    for expected in (True, False):
        with db.write() as session:
            assert drafts.drop(session, kept.id, owner="staff:1") is expected


def test_they_are_gone_after_a_day(db, monkeypatch):
    kept = keep(db)
    later = clock.utc_now() + drafts.KEPT + timedelta(minutes=1)
    monkeypatch.setattr(clock, "utc_now", lambda: later)

    with pytest.raises(NotFoundError):
        load(db, kept.id)
    keep(db, owner="staff:2")  # whoever comes next sweeps
    with db.read() as session:
        assert session.query(drafts.DeploymentDraft).count() == 1


def test_one_person_keeps_a_few(db):
    kept = [keep(db).id for _ in range(drafts.MOST + 2)]
    other = keep(db, owner="staff:2").id

    with db.read() as session:
        found = {row.id for row in session.query(drafts.DeploymentDraft)}
    assert found == {*kept[2:], other}
