"""The command `casewright import`."""

import json

import pytest

from casewright.__main__ import main
from tests.engine.conversion.files import FOLDER


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main(["import", *map(str, words)])
    return ended.value.code


def test_files_are_converted_and_what_became_of_them_is_printed(tmp_path, capsys):
    folder = FOLDER / "camunda7"

    assert run(*sorted(folder.glob("*.*")), "--to", tmp_path) == 0

    printed = capsys.readouterr().out
    assert "order_complaint.bpmn:44 [refund] lost: “com.shop.PayBack” is code" in printed
    assert (tmp_path / "order_complaint/order_complaint.bpmn").exists()
    assert (tmp_path / "order_complaint/forms/judge.form").exists()


def test_notes_come_as_json_when_asked(tmp_path, capsys):
    assert run(FOLDER / "plain/repair.bpmn", "--to", tmp_path, "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert "shop/shop.bpmn" in found["files"]
    assert {note["severity"] for note in found["notes"]} == {"changed"}


@pytest.mark.parametrize("name", ["gone.bpmn", "notes.txt"])
def test_what_cannot_be_read_is_said_and_nothing_is_written(tmp_path, capsys, name):
    assert run(tmp_path / name, "--to", tmp_path / "out") == 2

    assert name in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
