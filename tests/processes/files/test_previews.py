"""Small pictures, drawn by a child that can harm nothing."""

import sys
import time
from io import BytesIO

import pytest
from PIL import Image

from processes.files import previews
from tests.processes.files import samples


def shown(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_is_drawn_small_and_large(kind):
    drawn = previews.draw(samples.picture(kind, (2400, 1200)))
    assert shown(drawn.small).size == (320, 160)
    assert shown(drawn.large).size == (1600, 800)
    assert shown(drawn.small).format == "WEBP"


def test_a_small_picture_is_not_blown_up():
    assert shown(previews.draw(samples.picture(size=(40, 30))).large).size == (40, 30)


def test_gaps_of_a_picture_stay_gaps():
    assert shown(previews.draw(samples.picture(mode="RGBA")).small).mode == "RGBA"


def test_the_first_page_of_a_pdf_is_drawn_with_its_words():
    drawn = shown(previews.draw(samples.pdf(600, 400)).large)
    assert drawn.size == (1600, 1067)
    assert len(drawn.convert("L").getcolors()) > 2  # black letters on white, and their edges


def test_a_turned_photograph_stands_upright_and_says_no_more_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A camera that tells"
    out = BytesIO()
    Image.new("RGB", (400, 200)).save(out, "JPEG", exif=exif)
    drawn = previews.draw(out.getvalue())
    assert shown(drawn.large).size == (200, 400)
    assert b"A camera" not in drawn.large


BROKEN = {
    "nothing": b"",
    "a text": b"hello",
    "svg": samples.SVG,
    "half a png": samples.picture()[:60],
    "half a jpeg": samples.picture("JPEG")[:200],
    "a pdf without pages": b"%PDF-1.4\n%%EOF",
    "garbage in a pdf": b"%PDF-1.7\n" + bytes(range(256)) * 400,
    "a bomb of 400 megapixels": samples.png_claiming(20_000, 20_000),
    "a bomb of 4 gigapixels": samples.png_claiming(65_535, 65_535),
    "a png without width": samples.png_claiming(0, 10),
    "tiff": samples.picture("TIFF"),
    "bmp": samples.picture("BMP"),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_drawn_simply_has_no_picture(name):
    started = time.monotonic()
    assert previews.draw(BROKEN[name]) is None
    assert time.monotonic() - started < 15


def test_a_page_as_large_as_a_house_is_drawn_small():
    drawn = previews.draw(samples.pdf(14_000, 14_000))
    assert max(shown(drawn.large).size) <= 1600


def test_the_child_knows_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "hush")
    told = tmp_path / "told"
    spy = tmp_path / "python"
    spy.write_text(f"#!/bin/sh\nenv > {told}\n")
    spy.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(spy))
    assert previews.draw(samples.picture()) is None
    assert "PYTHONPATH" in told.read_text()
    assert "hush" not in told.read_text()
