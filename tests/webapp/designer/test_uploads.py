"""What strangers may send: nothing is deployed, nothing breaks, a sentence says why."""

import struct
from zipfile import ZIP_LZMA

import pytest
from lxml import html

from engine.deployment.drafts import DeploymentDraft
from tests.engine import diagrams as d
from tests.webapp.designer.pages import archive, findings

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
BILLION = (
    HEAD
    + b"<!DOCTYPE lolz [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (c + 1, b"&%c;" % c * 10) for c in range(97, 107))
    + b"]><definitions>&k;</definitions>"
)
OUTSIDE = HEAD + b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'
SMALL = (d.start(), d.end(), d.chain("start", "end"))


def long_chain(length):
    ids = [f"t{number}" for number in range(length)]
    tasks = [d.node("task", name) for name in ids]
    return d.diagram("evil", d.start(), *tasks, d.chain("start", *ids, "end"), d.end())


def evil(*parts):
    return d.diagram("evil", *parts)


HOSTILE = {
    "doctype": (BILLION, "DOCTYPE|not well-formed"),
    "entity of a file": (OUTSIDE, "DOCTYPE"),
    "not XML": (b"hello", "not well-formed"),
    "empty": (b"", "not well-formed"),
    "binary": (bytes(range(256)) * 40, "not well-formed"),
    "not UTF-8": (
        d.diagram("evil", *SMALL, name="Größe").replace("ö".encode(), b"\xf6"),
        "not well",
    ),
    "deep": (HEAD + b"<a>" * 5000 + b"</a>" * 5000, "nested|well-formed|depth"),
    "script": (
        evil(
            d.start(),
            d.node("scriptTask", "s", "<bpmn:script>import os</bpmn:script>"),
            d.end(),
            d.chain("start", "s", "end"),
        ),
        "Scripts may only hold",
    ),
    "unknown operation": (
        evil(d.start(), d.service("s", "os.system"), d.end(), d.chain("start", "s", "end")),
        "There is no operation called os.system",
    ),
    "condition": (
        evil(
            d.start(),
            d.exclusive("g", "x"),
            d.end(),
            d.end("end2"),
            d.chain("start", "g"),
            d.flow("g", "end", "__import__('os').system('true')"),
            d.flow("g", "end2", id_="x"),
        ),
        "Expression",
    ),
    "endless loop": (
        evil(
            d.start(),
            d.exclusive("a"),
            d.exclusive("b", "back"),
            d.end(),
            d.chain("start", "a", "b"),
            d.flow("b", "a", id_="back"),
            d.flow("b", "end", "1 == 2"),
        ),
        "loop",
    ),
    "calls itself": (
        evil(d.start(), d.call("c", "evil"), d.end(), d.chain("start", "c", "end")),
        "calls itself",
    ),
    "absurd duration": (
        evil(d.start(), d.timer("t", "P99999999999Y"), d.end(), d.chain("start", "t", "end")),
        "Timer",
    ),
    "import": (
        evil(*SMALL).replace(b"<bpmn:process", b'<bpmn:import location="x"/><bpmn:process'),
        "may not import",
    ),
    "four hundred steps": (long_chain(401), "Too large"),
    "two thousand steps": (long_chain(2000), "Too large"),
    "two processes": (
        evil(*SMALL).replace(b"</bpmn:process>", b'</bpmn:process><bpmn:process id="two"/>'),
        "exactly one executable process",
    ),
    "other XML": (b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "process"),
}


def unchanged(designer):
    return {process: designer.versions(process) for process in ("closure", "request", "evil")} == {
        "closure": [(1, True, "Shipped")],
        "request": [(1, True, "Shipped")],
        "evil": [],
    }


def drafts_on(response):
    actions = html.fromstring(response.text).xpath("//form[contains(@action, 'drafts')]/@action")
    return {action.split("/")[3] for action in actions}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_diagram_is_refused_with_its_finding(designer, name):
    raw, words = HOSTILE[name]

    answer = designer.upload({"evil.bpmn": raw})

    assert answer.status_code == 422
    assert any(word in line for word in words.split("|") for line in findings(answer))
    (draft,) = {
        action.split("/")[3]
        for action in html.fromstring(answer.text).xpath(
            "//form[contains(@action, 'drafts')]/@action"
        )
    }
    assert designer.client.post(f"/designer/drafts/{draft}/deploy").status_code == 422
    assert unchanged(designer)
    assert designer.client.get(f"/designer/drafts/{draft}").status_code == 200  # kept
    assert "root:" not in answer.text


def bomb(size):
    """Return an archive of one file that unpacks to far more than it claims to."""
    packed = bytearray(archive({"evil/forms/big.form": b"\0" * size}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = packed.index(mark) + offset
        packed[at : at + 4] = struct.pack("<I", 100)
    return bytes(packed)


def shifted():
    """Return an archive that says it begins further on than it does."""
    packed = bytearray(archive({"a.form": b"{}" * 99}))
    end = packed.index(b"PK\x05\x06") + 16
    (directory,) = struct.unpack("<I", packed[end : end + 4])
    packed[end : end + 4] = struct.pack("<I", directory + 50)
    return bytes(packed)


REFUSED = {
    "nothing": ({}, "Choose .bpmn"),
    "another kind": ({"evil.exe": b"MZ"}, "is no .bpmn"),
    "a script": ({"evil.py": b"import os"}, "is no .bpmn"),
    "too large": ({"a.form": b"x" * 2_000_001}, "larger than 2 MB"),
    "no archive": ({"a.zip": b"PK\x03\x04 rubbish"}, "no readable zip"),
    "archive of nothing": ({"a.zip": archive({"README.md": b"x", ".DS_Store": b"x"})}, "Choose"),
    "way out": ({"a.zip": archive({"../../../evil.bpmn": b"x"})}, "is not allowed"),
    "way out of Windows": ({"a.zip": archive({"..\\evil.bpmn": b"x"})}, "not allowed|no readable"),
    "from the root": ({"a.zip": archive({"/etc/evil.bpmn": b"x"})}, "is not allowed"),
    "drive": ({"a.zip": archive({"C:/evil.bpmn": b"x"})}, "is not allowed"),
    "control characters": ({"a.zip": archive({"ev\x07il.form": b"{}"})}, "is not allowed"),
    "long name": ({"a.zip": archive({"x" * 500 + ".form": b"{}"})}, "is not allowed"),
    "odd packing": ({"a.zip": archive({"a.form": b"{}"}, ZIP_LZMA)}, "odd way"),
    "bomb": ({"a.zip": archive({"evil/forms/big.form": b"\0" * 30_000_000})}, "larger than"),
    "lying bomb": ({"a.zip": bomb(30_000_000)}, "larger than|no readable"),
    "many bombs": (
        {"a.zip": archive({f"evil/forms/{n}.form": b" " * 1_900_000 for n in range(15)})},
        "too much at once",
    ),
    "many files": (
        {"a.zip": archive({f"evil/forms/{n}.form": b"{}" for n in range(201)})},
        "too much",
    ),
    "very many names": ({"a.zip": archive({f"{n}.txt": b"" for n in range(2001)})}, "too many"),
    "zip in zip": ({"a.zip": archive({"b.zip": archive({"a.form": b"{}"})})}, "Choose"),
    "name that is no text": (
        {"a.zip": archive({"é.form": b"{}"}).replace("é".encode(), b"\xc3\xff")},
        "no readable",
    ),
    "place before the beginning": ({"a.zip": shifted()}, "no readable"),
    "broken sum": ({"a.zip": archive({"a.form": b"{}" * 99})[:-60]}, "no readable"),
    "form without a home": ({"a.form": b"{}"}, "Nobody can say where"),
    "process id leads away": (
        {"evil.bpmn": d.diagram("../../evil", *SMALL)},
        "Nobody can say where",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_even_looked_at_says_why(designer, name):
    files, words = REFUSED[name]

    answer = designer.upload(files)

    assert answer.status_code == 422
    (notice,) = html.fromstring(answer.text).xpath("//*[@role='alert']")
    assert any(word in notice.text_content() for word in words.split("|"))
    assert unchanged(designer)
    with designer.product.db.read() as session:
        assert session.query(DeploymentDraft).count() == 0


def test_encrypted_archives_are_refused(designer):
    packed = bytearray(archive({"a.form": b"{}"}))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    packed[6] |= 1

    answer = designer.upload({"a.zip": bytes(packed)})

    assert answer.status_code == 422
    assert "encrypted" in answer.text


def test_fifty_megabytes_are_refused_before_they_are_read(designer):
    answer = designer.upload({"evil.bpmn": b"x" * 50_000_000})

    assert answer.status_code == 413
    assert "too large" in answer.text
    assert unchanged(designer)


def test_names_and_texts_from_files_are_shown_as_text(designer):
    nasty = "&lt;img src=x onerror=alert(1)&gt;"
    raw = d.diagram("evil", d.start(), d.end(), name=nasty).replace(
        b'id="end"', f'id="{nasty}"'.encode()
    )

    answer = designer.upload({"evil.bpmn": raw})

    assert answer.status_code == 422
    assert "<img src=x" not in answer.text


def test_a_drawing_of_an_upload_is_never_a_page(designer):
    script = b'<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>'
    raw = designer.closure().replace(b"</bpmn:process>", script + b"</bpmn:process>")
    answer = designer.upload({"closure.bpmn": raw})
    draft = answer.headers.get("Location", "").split("/")[-1] or drafts_on(answer).pop()

    drawn = designer.client.get(f"/designer/drafts/{draft}/files/closure/closure.bpmn")

    assert drawn.status_code == 200
    assert drawn.headers["Content-Disposition"].startswith("attachment")
    assert drawn.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert drawn.headers["X-Content-Type-Options"] == "nosniff"
