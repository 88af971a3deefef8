"""What the database layer promises whoever reads the logs."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError


def test_an_error_does_not_tell_what_people_typed(db):
    with pytest.raises(DBAPIError) as failed, db.read() as session:
        session.execute(text("SELECT * FROM no_such_table WHERE a = :a"), {"a": "my secret"})

    assert "no_such_table" in str(failed.value)
    assert "my secret" not in str(failed.value)
