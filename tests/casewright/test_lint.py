"""The command `casewright lint`, as people and build servers call it."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from casewright import lint as command
from processes.config import SHIPPED

ROOT = Path(__file__).parents[2]
CLOSURE = (SHIPPED / "closure/closure.bpmn").read_bytes()


@pytest.fixture
def lint(capsys):
    def run(*paths, trial=False, as_json=True):
        code = command.run([str(path) for path in paths], as_json=as_json, trial=trial)
        said = capsys.readouterr()
        return code, json.loads(said.out) if as_json else said.out, said.err

    return run


def start(*words, cwd=ROOT, env=None):
    """Start the real command with nothing but a path in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "casewright", "lint", *map(str, words)],
        capture_output=True,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **(env or {})},
        timeout=60,
        check=False,
    )


def test_the_shipped_processes_have_no_error_and_need_no_settings(tmp_path):
    ended = start(SHIPPED, "--json", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert [each for each in json.loads(ended.stdout) if each["severity"] == "error"] == []
    assert list(tmp_path.iterdir()) == []


def test_each_error_is_told_with_file_line_element_rule_and_sentence(lint, tmp_path):
    path = tmp_path / "my draft.bpmn"
    path.write_bytes(CLOSURE.replace(b"closure.close", b"closure.explode"))

    code, found, _ = lint(path)

    assert code == 1
    first = found[0]
    assert (first["file"], first["rule"], first["severity"]) == (
        str(path),
        "unknown-operation",
        "error",
    )
    assert first["sentence"] == "There is no operation called closure.explode."
    shown = path.read_bytes().split(b"\n")[first["line"] - 1]
    assert f'id="{first["element"]}"'.encode() in shown


def test_a_file_given_alone_finds_its_forms_among_the_shipped_ones(lint, tmp_path):
    (tmp_path / "x.bpmn").write_bytes(CLOSURE)
    (tmp_path / "write_final_answer.form").write_text('{"components": []}')

    assert lint(tmp_path / "x.bpmn") == (0, [], "")
    code, found, _ = lint(tmp_path / "x.bpmn", tmp_path / "write_final_answer.form")

    assert code == 1
    assert (found[0]["file"], found[0]["rule"]) == (
        str(tmp_path / "write_final_answer.form"),
        "form-empty",
    )


def test_two_drafts_of_one_process_are_looked_at_one_after_the_other(lint, tmp_path):
    for name, raw in (("a", CLOSURE), ("b", CLOSURE.replace(b"closure.close", b"no.such"))):
        (tmp_path / f"{name}.bpmn").write_bytes(raw)

    code, found, _ = lint(tmp_path)

    assert code == 1
    assert {each["file"] for each in found} == {str(tmp_path / "b.bpmn")}


def test_warnings_alone_are_no_failure(lint, tmp_path):
    path = tmp_path / "x.bpmn"
    raw = CLOSURE.replace(b"</bpmn:process>", b'<bpmn:association id="a"/></bpmn:process>')
    path.write_bytes(raw)
    code, found, _ = lint(path)
    assert code == 0
    assert {each["severity"] for each in found} == {"warning"}


def test_what_cannot_be_read_is_said_and_the_rest_is_looked_at(lint, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.bpmn").write_bytes(CLOSURE)
    gone, empty = tmp_path / "gone.bpmn", tmp_path / "empty"

    code, found, said = lint(gone, empty, tmp_path / "good.bpmn", "/dev/zero")

    assert (code, found) == (2, [])
    assert f"{gone}: No such file or directory" in said
    assert f"{empty}: this folder holds no" in said
    assert "/dev/zero: this is no file" in said


@pytest.mark.parametrize("suffix", [".bpmn", ".dmn", ".form", ".exe"])
def test_binary_garbage_is_answered_in_sentences(lint, tmp_path, suffix):
    dice = random.Random(7)  # noqa: S311 - damage, no secret
    for number in range(5):
        path = tmp_path / f"g{number}{suffix}"
        path.write_bytes(dice.randbytes(3_000))
        code, found, said = lint(path)
        assert (code, said) == (1, "")
        assert found[0]["severity"] == "error"


@pytest.mark.parametrize(
    "file",
    ["closure/closure.bpmn", "closure/forms/read_reply.form"],
)
def test_files_damaged_anywhere_never_raise(lint, tmp_path, file):
    """Bytes changed, cut and doubled at random places, with a fixed seed."""
    raw, dice = (SHIPPED / file).read_bytes(), random.Random(11)  # noqa: S311 - damage
    path = tmp_path / Path(file).name
    for _ in range(60):
        at, length = dice.randrange(len(raw)), dice.randrange(1, 60)
        middle = dice.choice([b"", dice.randbytes(4), raw[at : at + length] * 2, b"<", b'"', b"&"])
        path.write_bytes(raw[:at] + middle + raw[at + length :])
        _, found, _ = lint(path)
        assert [each for each in found if each["rule"] == "linter"] == []


def test_names_cannot_command_the_terminal(tmp_path):
    hostile = "\x1b]0;owned\x07\x1b[2J\u202eevil"
    path = tmp_path / f"{hostile}.bpmn"
    path.write_bytes(CLOSURE.replace(b"closure.close", "ex\u202eplode".encode()))

    ended = start(path, "--no-trial", env={"PYTHONUTF8": "1"})

    assert ended.returncode == 1
    assert b"\x1b" not in ended.stdout + ended.stderr
    assert "\u202e" not in ended.stdout.decode()
    assert b"\\u202e" in ended.stdout


def test_a_terminal_that_knows_only_ascii_reads_it_too(tmp_path):
    path = tmp_path / "x.bpmn"
    path.write_bytes(CLOSURE.replace(b"closure.close", "größer".encode()))
    ended = start(path, "--no-trial", env={"PYTHONIOENCODING": "ascii"})
    assert (ended.returncode, ended.stderr) == (1, b"")
    assert b"gr\\xf6" in ended.stdout


def test_the_trial_is_part_of_it(lint, tmp_path):
    path = tmp_path / "loud.bpmn"
    script = (
        '<?xml version="1.0"?><bpmn:definitions '
        'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
        '<bpmn:process id="loud" isExecutable="true"><bpmn:startEvent id="s"/>'
        '<bpmn:scriptTask id="t"><bpmn:script>x = 1 / 0</bpmn:script></bpmn:scriptTask>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="a" sourceRef="s" targetRef="t"/>'
        '<bpmn:sequenceFlow id="b" sourceRef="t" targetRef="e"/></bpmn:process></bpmn:definitions>'
    )
    path.write_text(script)
    assert lint(path)[0] == 0
    code, found, _ = lint(path, trial=True)
    assert (code, found[0]["rule"], found[0]["element"]) == (1, "trial", "t")


def test_whoever_stops_reading_gets_no_traceback(tmp_path):
    for number in range(40):
        (tmp_path / f"{number}.bpmn").write_bytes(CLOSURE.replace(b"closure.close", b"no.such"))
    words = [sys.executable, "-m", "casewright", "lint", "--no-trial", str(tmp_path)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as running:
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()


@pytest.mark.parametrize(
    ("file", "tool"),
    [("camunda7/order_complaint", "Camunda 7"), ("camunda8/address_change", "Camunda 8")],
)
def test_a_diagram_of_another_engine_is_shown_the_way(lint, file, tool):
    path = ROOT / f"tests/engine/conversion/files/{file}.bpmn"
    code, _, said = lint(path)
    assert code == 1
    assert said == f"{path}: written for {tool}; casewright import converts it, as an upload does\n"


def test_a_diagram_of_ours_is_shown_no_way(lint):
    assert lint(SHIPPED / "closure")[2] == ""
