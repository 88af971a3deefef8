"""The operation of imported steps: it keeps what routes a process, within bounds."""

import pytest

from engine.errors import InvalidInputError
from processes.imported import operations as imported
from processes.operations import operations


def keep(**answers):
    return operations.run("imported.keep_answers", None, answers)


def test_answers_are_kept_under_the_keys_of_the_form():
    answers = {"kind": "late", "amount": 12.5, "ok": True, "note": None, "teams": ["a", "b"]}
    assert keep(**answers) == answers


def test_answers_that_just_fit_are_kept():
    assert len(keep(note="x" * (imported.MOST_BYTES - 12))["note"]) == imported.MOST_BYTES - 12


@pytest.mark.parametrize("letter", ["x", "ü", "😀"])
def test_answers_that_are_too_large_name_the_field_and_how_long_it_may_be(letter):
    with pytest.raises(InvalidInputError) as refusal:
        keep(short="abc", note=letter * 5_000)

    assert list(refusal.value.fields) == ["note"]
    (problem,) = refusal.value.fields["note"]
    assert problem.code == "too_long"
    most = problem.params["max"]
    assert keep(short="abc", note=letter * most)
    with pytest.raises(InvalidInputError):
        keep(short="abc", note=letter * (most + 1))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (list(range(51)), "too_many"),
        ([["nested"]], "too_many"),
        ({"a": 1}, "other"),
    ],
)
def test_what_is_no_plain_answer_is_refused_at_its_field(answer, code):
    with pytest.raises(InvalidInputError) as refusal:
        keep(field=answer)
    assert [each.code for each in refusal.value.fields["field"]] == [code]
