import pytest
from sqlalchemy import func, select

from engine import deployment, queries
from engine.definitions import pack, unpack
from engine.errors import DiagramError
from engine.models import ProcessVersion
from tests.engine import diagrams as d
from tests.engine.linter.checking import VOCABULARY


def waits(duration):
    return d.diagram("child", d.start(), d.timer("t", duration), d.end(),
                     d.chain("start", "t", "end"))  # fmt: skip


CALLER = d.diagram("main", d.start(), d.call("c", "child"), d.user("u"), d.end(),
                   d.chain("start", "c", "u", "end"))  # fmt: skip


def versions(world):
    return {(v.process, v.version, v.active) for v in world.read(queries.versions)}


def test_deploying_a_called_process_makes_a_new_version_of_every_caller(world):
    world.deploy(main=CALLER, child=waits("P8D"))
    world.deploy(child=waits("P5D"))
    assert versions(world) == {
        ("main", 1, False), ("main", 2, True), ("child", 1, False), ("child", 2, True)
    }  # fmt: skip


def test_running_cases_keep_the_bundle_they_started_with(world):
    world.deploy(main=CALLER, child=waits("P8D"))
    old = world.start(key="old")
    world.deploy(child=waits("P5D"))
    new = world.start(key="new")
    world.later(days=5)
    world.run_jobs()
    assert (world.at("old"), world.at("new")) == ([], ["u"])
    world.later(days=3)
    world.run_jobs()
    assert world.at("old") == ["u"]
    rows = {row.id: row.version for row in world.read(queries.instances, queries.InstanceFilter())}
    assert (rows[old], rows[new]) == (1, 2)


def test_the_same_files_again_make_no_version(world):
    assert len(world.deploy(main=CALLER, child=waits("P8D"))) == 2
    assert world.deploy(main=CALLER, child=waits("P8D")) == []


def test_going_back_makes_the_old_version_active_again(world):
    world.deploy(child=waits("P8D"))
    world.deploy(child=waits("P5D"))
    world.deploy(child=waits("P8D"))
    assert versions(world) == {("child", 1, True), ("child", 2, False)}


def test_of_a_broken_deployment_nothing_remains(world):
    world.deploy(child=waits("P8D"))
    with pytest.raises(DiagramError) as refused:
        world.deploy(child=waits("P9D"), main=d.diagram("main", d.start(), d.flow("start", "gone")))
    assert all(finding.file == "main/main.bpmn" for finding in refused.value.findings)
    assert versions(world) == {("child", 1, True)}
    assert world.read(lambda s: s.scalar(select(func.count()).select_from(ProcessVersion))) == 1


@pytest.fixture
def outdated(world):
    """What was deployed calls an operation that is no more, as after an upgrade."""
    world.deploy(
        old=d.diagram(
            "old", d.start(), d.service("s", "test.shaky"), d.end(), d.chain("start", "s", "end")
        )
    )
    world.vocabulary = VOCABULARY  # there is no operation called test.shaky
    return world


def test_a_fault_in_what_is_left_alone_stops_nobody(outdated):
    made = outdated.deploy(main=CALLER, child=waits("P8D"))
    assert len(made) == 2
    found = [finding["file"] for version in made for finding in version.findings]
    assert [name for name in found if name.startswith("old/")] == []


def test_a_fault_in_what_a_new_process_calls_stops_it(outdated):
    caller = CALLER.replace(b'calledElement="child"', b'calledElement="old"')
    with pytest.raises(DiagramError) as refused:
        outdated.deploy(main=caller)
    assert {f.file for f in refused.value.findings if f.severity == "error"} == {"old/old.bpmn"}


def test_a_caller_that_a_changed_process_breaks_is_looked_at_as_well(world):
    world.deploy(main=CALLER, child=waits("P8D"))
    loop = d.diagram("child", d.start(), d.call("c", "main"), d.end(),
                     d.chain("start", "c", "end"))  # fmt: skip
    with pytest.raises(DiagramError) as refused:
        world.deploy(child=loop)
    assert ("main/main.bpmn", "call-cycle") in {(f.file, f.rule) for f in refused.value.findings}


def test_a_bundle_holds_the_folders_of_all_it_calls():
    files = {
        "main/main.bpmn": CALLER, "child/child.bpmn": waits("P1D"), "child/forms/x.form": b"{}",
        "other/other.bpmn": waits("P1D"),
    }  # fmt: skip
    assert set(deployment.bundle_of(files, "main")) == {
        "main/main.bpmn", "child/child.bpmn", "child/forms/x.form"
    }  # fmt: skip


def test_packing_is_the_same_every_time_and_can_be_undone():
    files = {"b": b"2", "a": b"1"}
    assert pack(files) == pack(dict(reversed(files.items())))
    assert unpack(pack(files)) == files
