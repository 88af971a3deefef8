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


@pytest.fixture
def drawn(tmp_path):
    """A drawing of another tool whose name and texts try to take over the terminal."""
    plain = (FOLDER / "plain/repair.bpmn").read_text()
    taken = plain.replace('name="', 'name="\x9b2J\u202e', 1)
    assert taken != plain
    path = tmp_path / "re\x1b[2Jpair.bpmn"
    path.write_text(taken)
    return path


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_what_a_file_says_moves_no_cursor(drawn, tmp_path, capsys, words):
    assert run(drawn, "--to", tmp_path / "out", *words) == 0
    assert run(tmp_path / "\x1b[2Jgone.bpmn", "--to", tmp_path / "out") == 2

    for printed in capsys.readouterr():
        assert printed
        assert printed.replace("\n", "").isprintable()


def test_work_that_is_there_already_is_not_written_over(tmp_path, capsys):
    words = (FOLDER / "plain/repair.bpmn", "--to", tmp_path)
    assert run(*words) == 0
    assert run(*words) == 0  # the same again harms nobody
    edited = tmp_path / "shop/shop.bpmn"
    edited.write_text("edited for hours")
    others = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert run(*words) == 2

    assert "shop.bpmn is there already" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in others} == others
    assert run(*words, "--replace") == 0
    assert edited.read_text() != "edited for hours"


@pytest.mark.parametrize("place", ["shop", "shop/shop.bpmn", "shop/forms"])
@pytest.mark.parametrize("words", [[], ["--replace"]])
def test_a_link_leads_no_file_elsewhere(tmp_path, capsys, place, words):
    elsewhere, out = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.mkdir()
    (out / place).parent.mkdir(parents=True)
    (out / place).symlink_to(elsewhere / "x" if place.endswith(".bpmn") else elsewhere)

    assert run(FOLDER / "plain/repair.bpmn", "--to", out, *words) == 2

    assert "is a link" in capsys.readouterr().err
    assert list(elsewhere.iterdir()) == []
