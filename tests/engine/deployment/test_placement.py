import pytest

from engine.deployment.placement import MisplacedFileError, place
from tests.engine import diagrams as d

MAIN = d.diagram("main", d.start(), d.end(), d.chain("start", "end"))
CURRENT = {"main/main.bpmn": b"old", "main/rules/size.dmn": b"old", "other/drawing.bpmn": b"old"}


def names(files, process=""):
    return sorted(place(dict.fromkeys(files, b"{}") | diagrams(files), CURRENT, process))


def diagrams(files):
    return {name: MAIN for name in files if name.endswith(".bpmn")}


@pytest.mark.parametrize(
    ("sent", "process", "expected"),
    [
        (["main.bpmn"], "", ["main/main.bpmn"]),
        (["Copy of main (2).bpmn"], "", ["main/main.bpmn"]),
        (["main/other name.bpmn"], "", ["main/main.bpmn"]),
        (["bpmn/main/main.bpmn"], "", ["main/main.bpmn"]),
        (["main.bpmn", "ask.form"], "", ["main/forms/ask.form", "main/main.bpmn"]),
        (["forms/ask.form"], "main", ["main/forms/ask.form"]),
        (["main/ask.form"], "", ["main/forms/ask.form"]),
        (["main/forms/ask.form"], "", ["main/forms/ask.form"]),
        (["bpmn/main/forms/ask.form"], "", ["main/forms/ask.form"]),
        (["ask.form"], "other", ["other/forms/ask.form"]),
        (["size.dmn"], "main", ["main/rules/size.dmn"]),
        (["new.dmn"], "main", ["main/decisions/new.dmn"]),
        (["elsewhere/main.bpmn"], "", ["elsewhere/main.bpmn"]),  # the rules say what is wrong
    ],
)
def test_every_file_finds_its_folder(sent, process, expected):
    assert names(sent, process) == expected


@pytest.mark.parametrize(
    ("sent", "process"),
    [
        (["ask.form"], ""),
        (["size.dmn"], ""),
        (["ask.form"], "../main"),
        (["../main.bpmn"], ""),
        (["main/../../etc/passwd.bpmn"], ""),
        (["/etc/main.bpmn"], ""),
        (["main/.hidden.form"], ""),
        (["a/b/c/d/e/main.form"], ""),
        (["main/for ms/<x>.form"], ""),
        (["main/" + "x" * 200 + ".form"], ""),
        (["main.bpmn", "main/main.bpmn"], ""),
        (["main/ask.form", "main/forms/ask.form"], ""),
    ],
)
def test_what_belongs_nowhere_is_refused(sent, process):
    with pytest.raises(MisplacedFileError):
        names(sent, process)


@pytest.mark.parametrize("process", ["../../x", "a b", "", "<b>", "x" * 200, "é"])
def test_a_process_id_that_is_no_folder_is_refused(process):
    raw = MAIN.replace(b'id="main"', f'id="{process.replace("<", "&lt;")}"'.encode())
    with pytest.raises(MisplacedFileError):
        place({"!.bpmn": raw}, CURRENT, "")
