"""Random processes under random commands: however an instance is kept, it behaves the same."""

from hypothesis import given, note

from engine.linter import lint
from tests.engine.properties.profile import examples
from tests.engine.properties.runs import Run, alive, cold, pruned, thawed, unpruned
from tests.engine.properties.strategies import COMMANDS, START, plans
from tests.engine.properties.words import VOCABULARY

KEPT = (alive, pruned, thawed, cold, unpruned)


@examples(150)
@given(plans())
def test_generated_diagrams_have_no_errors(plan):
    found = lint(plan.files(), VOCABULARY)
    assert [str(finding) for finding in found if finding.severity == "error"] == []


@examples(80)
@given(plans(), START, COMMANDS)
def test_however_an_instance_is_kept_it_behaves_the_same(plan, data, commands):
    files = plan.files()
    runs = {keep.__name__: Run(files, data, keep) for keep in KEPT}
    compare(runs, "start")
    for command in commands:
        outcomes = {name: run.do(command) for name, run in runs.items()}
        note(f"{command}: {outcomes['alive']} -> {runs['alive'].view['waiting']}")
        assert len(set(outcomes.values())) == 1, (command, outcomes)
        compare(runs, command)


def compare(runs, command):
    expected = runs["alive"].view
    assert expected["completed"] or expected["waiting"], f"stuck after {command}"
    for name, run in runs.items():
        assert run.view == expected, (name, command)
