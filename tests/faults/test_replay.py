"""Whatever an older version stored, this one can finish."""

import pytest

from engine.spiff.codec import FORMAT
from tests.faults import golden, replay
from tests.faults.invariants import Findings


@pytest.mark.parametrize(
    "path", replay.kept_files(), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_a_stored_database_is_migrated_and_every_instance_comes_to_its_end(path, tmp_path):
    found = Findings()
    replay.replay(path, f"sqlite:///{tmp_path / 'kept.db'}", tmp_path, found)
    assert found.words() == []


def test_the_format_written_now_has_golden_files():
    """`python -m tests.faults.golden` makes them, once for each new format."""
    assert list((golden.FOLDER / f"format-{FORMAT}").glob("*.json"))
