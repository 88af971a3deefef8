"""Outlook's winmail.dat: every kind of property before the ones we want, and every way to break."""

import struct
import time

import pytest

from processes.mail.reading.tnef import read_tnef

HEAD = struct.pack("<IH", 0x223E9F78, 1)


def attribute(level: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, kind, 6, len(data)) + data + b"\0\0"


def variable(kind: int, name: int, value: bytes, before: bytes = b"") -> bytes:
    length = struct.pack("<II", 1, len(value))
    return struct.pack("<HH", kind, name) + before + length + value + b"\0" * (-len(value) % 4)


def properties(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


BODY = variable(0x001F, 0x1000, "Größe 5".encode("utf-16-le"))
NAMED_BY_NUMBER = b"\x11" * 16 + struct.pack("<II", 0, 7)
NAMED_BY_WORD = b"\x11" * 16 + struct.pack("<II", 1, 6) + "abc".encode("utf-16-le") + b"\0\0"
OTHERS = {
    "short": struct.pack("<HHHH", 0x0002, 0x0E01, 1, 0),
    "yes or no": struct.pack("<HHHH", 0x000B, 0x0E02, 1, 0),
    "number": struct.pack("<HHI", 0x0003, 0x0E03, 5),
    "time": struct.pack("<HHQ", 0x0040, 0x0E04, 5),
    "identifier": struct.pack("<HH", 0x0048, 0x0E05) + b"\x22" * 16,
    "text": variable(0x001E, 0x0E06, b"abcde\0"),
    "bytes": variable(0x0102, 0x0E07, b"\1\2\3"),
    "many numbers": struct.pack("<HHIIII", 0x1003, 0x0E08, 3, 1, 2, 3),
    "many shorts": struct.pack("<HHIHHHH", 0x1002, 0x0E09, 3, 1, 2, 3, 0),
    "many texts": struct.pack("<HHI", 0x101E, 0x0E0A, 2) + (struct.pack("<I", 4) + b"abc\0") * 2,
    "named by number": variable(0x0102, 0x8001, b"\1", NAMED_BY_NUMBER),
    "named by word": variable(0x0102, 0x8002, b"\1", NAMED_BY_WORD),
}


@pytest.mark.parametrize("other", OTHERS)
def test_the_text_is_found_behind_a_property_of_each_kind(other):
    found = read_tnef(HEAD + attribute(1, 0x9003, properties(OTHERS[other], BODY)))
    assert found is not None
    assert found.text == "Größe 5"


def test_text_of_an_old_charset_and_html_are_read():
    charset = attribute(1, 0x9007, struct.pack("<II", 1251, 0))
    html = variable(0x0102, 0x1013, "<p>Größe</p>".encode())
    old = variable(0x001E, 0x1000, "Привет".encode("cp1251") + b"\0")
    found = read_tnef(HEAD + charset + attribute(1, 0x9003, properties(html, old)))
    assert found is not None
    assert (found.text, found.html) == ("Привет", "<p>Größe</p>")


def test_files_have_their_long_names_and_an_embedded_one_its_content():
    render = attribute(2, 0x9002, b"\1\0")
    first = attribute(2, 0x8010, b"KORT~1.TXT\0") + attribute(2, 0x800F, b"inhoud")
    name = variable(0x001E, 0x3707, b"lange naam.txt\0")
    second = attribute(
        2,
        0x9005,
        properties(variable(0x001E, 0x3707, b"b.bin\0"), variable(0x0102, 0x3701, b"bytes")),
    )
    empty = attribute(2, 0x8010, b"leeg.txt\0")
    raw = HEAD + render + first + attribute(2, 0x9005, properties(name)) + render + second
    found = read_tnef(raw + render + empty)
    assert found is not None
    assert [(file.name, file.content) for file in found.files] == [
        ("lange naam.txt", b"inhoud"),
        ("b.bin", b"bytes"),
    ]


def test_broken_off_anywhere_it_gives_what_came_before():
    raw = (
        HEAD + attribute(1, 0x9003, properties(*OTHERS.values(), BODY)) + attribute(2, 0x9002, b"")
    )
    for stop in range(len(raw)):
        found = read_tnef(raw[:stop])
        assert (found is None) == (stop < 4)
        assert found is None or "Größe 5".startswith(found.text)


@pytest.mark.parametrize("number", [0xFFFFFFFF, 0x7FFFFFFF, 1_000_000])
def test_numbers_that_lie_cost_nothing(number):
    lie = struct.pack("<I", number)
    for data in (lie, lie + lie * 400, lie + struct.pack("<HH", 0x101F, 1) + lie * 400):
        for raw in (HEAD + attribute(1, 0x9003, data), HEAD + b"\1\3\x90\6\0" + lie + data):
            before = time.process_time()
            read_tnef(raw)
            assert time.process_time() - before < 0.3
