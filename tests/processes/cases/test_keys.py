"""A business key names a case in one way only."""

import pytest

from engine import deployment
from engine.errors import StepFailedError
from tests.engine import diagrams as d

SILENT = d.diagram(
    "meddling",
    d.start(),
    d.service("meddle", "request.note_silence"),
    d.end(),
    d.chain("start", "meddle", "end"),
)


@pytest.fixture
def meddle(house):
    """Start a process of somebody else's that calls an operation on a case, under a key."""
    with house.db.write() as session:
        files = {"meddling/meddling.bpmn": SILENT}
        deployment.deploy(session, files, house.app.vocabulary, actor="staff:1", trial=False)

    def start(key):
        with house.db.write() as session:
            house.app.engine.start(session, "meddling", key=key, data={}, actor="staff:1")

    return start


@pytest.mark.parametrize("spelled", ["+{}", " {}", "0{}", "{}_0", "#{}", "-{}", "{}.0", "A"])
def test_what_only_looks_like_the_id_of_a_case_reaches_none(house, meddle, spelled):
    case = house.answered()
    before = len(house.timeline(case))

    with pytest.raises(StepFailedError) as failed:
        meddle(spelled.format(case.id))

    assert "is the key of no case" in str(failed.value.__cause__)
    assert len(house.timeline(case)) == before


def test_the_id_of_a_case_reaches_it(house, meddle):
    case = house.answered()
    before = len(house.timeline(case))

    meddle(str(case.id))

    assert len(house.timeline(case)) == before + 1
