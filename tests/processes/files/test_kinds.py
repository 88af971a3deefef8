"""What a file is, by its bytes."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from processes.files.kinds import PROGRAM, UNKNOWN, is_picture, is_program, media_type
from tests.processes.files import samples

OPEN = "application/vnd.oasis.opendocument.text"


def archive(*names: str, first: str = "") -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as made:
        if first:
            made.writestr("mimetype", first)
        for name in names:
            made.writestr(name, "a")
    return out.getvalue()


HONEST = {
    "png": (samples.picture("PNG"), "image/png"),
    "jpeg": (samples.picture("JPEG"), "image/jpeg"),
    "webp": (samples.picture("WEBP"), "image/webp"),
    "gif": (samples.GIF, "image/gif"),
    "pdf": (samples.pdf(), "application/pdf"),
    "zip": (archive("a.txt"), "application/zip"),
    "letter": (
        archive("[Content_Types].xml", "word/document.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "open document": (archive("content.xml", first=OPEN), OPEN),
    "text that begins like a bitmap": (b"BMW: the door does not open", "text/plain"),
    "rich text": (rb"{\rtf1 hello}", "application/rtf"),
    "text": ("Grüße aus Köln\n".encode(), "text/plain"),
    "nothing": (b"", "text/plain"),
    "latin-1 text": ("Grüße aus Köln, nicht in UTF-8".encode("latin-1"), UNKNOWN),
    "text cut in a letter": (b"a" * (64 * 1024 - 1) + "ü".encode()[:1], "text/plain"),
}
NEVER_SHOWN = {
    "svg with a script": (samples.SVG, "image/svg+xml"),
    "svg behind a comment": (b"<!-- x --><svg onload=alert(1)>", "image/svg+xml"),
    "svg with a prefix": (b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    "svg behind a byte order mark": (b"\xef\xbb\xbf" + samples.SVG, "image/svg+xml"),
    "svg in utf-16": (samples.SVG.decode().encode("utf-16"), "image/svg+xml"),
    "page": (samples.HTML, "text/html"),
    "page behind blanks": (b" \n\t<HTML><body onload=alert(1)>", "text/html"),
    "a bare script": (b"<script>alert(1)</script>", "text/html"),
    "xml": (b"<?xml version='1.0'?><a/>", "application/xml"),
    "gif that is a page": (b"GIF89a/*<script>*/=alert(1)//</script>", UNKNOWN),
    "jpeg that is php": (b"\xff\xd8\xff\xe0\x00\x10JFIF<?php system('id'); ?>", UNKNOWN),
    "png with an archive behind": (samples.picture() + samples.ARCHIVE_END, UNKNOWN),
    "gif that is a pdf": (b"GIF89a\x01\x00\n%PDF-1.4\n", UNKNOWN),
    "pdf with an archive behind": (samples.pdf() + samples.ARCHIVE_END, UNKNOWN),
    "pdf that is a page": (b"%PDF-1.4 <html><script>alert(1)</script>", UNKNOWN),
    "bmp": (b"BM" + b"\x00" * 60, None),
}
PROGRAMS = {
    "windows": b"MZ\x90\x00" + b"\x00" * 60,
    "linux": b"\x7fELF\x02\x01\x01" + b"\x00" * 60,
    "macos": b"\xcf\xfa\xed\xfe" + b"\x00" * 60,
    "java": b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
    "shell": b"#!/bin/sh\nrm -rf /\n",
    "shortcut": b"L\x00\x00\x00\x01\x14\x02\x00" + b"\x00" * 60,
    "wasm": b"\x00asm\x01\x00\x00\x00",
}


def kind_of(content: bytes) -> str:
    return media_type(content[: 64 * 1024], content[-66 * 1024 :])


@pytest.mark.parametrize("name", HONEST)
def test_a_file_is_what_its_bytes_say(name):
    content, kind = HONEST[name]
    assert kind_of(content) == kind


@pytest.mark.parametrize("name", NEVER_SHOWN)
def test_what_could_run_is_never_shown(name):
    content, kind = NEVER_SHOWN[name]
    found = kind_of(content)
    assert not is_picture(found)
    assert kind is None or found == kind


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_known_by_its_bytes_whatever_it_is_called(name):
    assert kind_of(PROGRAMS[name]) == PROGRAM
    assert is_program(kind_of(PROGRAMS[name]), "holiday.jpg")


@pytest.mark.parametrize("size", [(1, 1), (2000, 1000)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_honest_pictures_of_every_size_are_pictures(kind, size):
    assert is_picture(kind_of(samples.picture(kind, size)))
