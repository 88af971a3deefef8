"""The child process that makes pictures of strangers' files: `python -m processes.files.drawing`.

A file comes in over stdin; out over stdout go two numbers of four bytes, the lengths, and two WebP
pictures, small and large. Whatever the file is like, this process may use 512 MB and ten seconds of
processor time, open no further file for writing and know no secret. `processes.files.previews` is
the parent.
"""

import resource
import struct
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

import pypdfium2
from PIL import Image, ImageOps

MOST_PIXELS: Final = 50_000_000
"""Pixels of a picture we unpack; a bomb says in a few bytes that it has more."""
SMALL, LARGE = 320, 1600
"""Longest side in pixels: beside a message, and to be looked at."""
_MEMORY: Final = 512 * 1024 * 1024
_SECONDS: Final = 10
_QUALITY: Final = 82
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")


def main() -> None:
    """Draw what stdin holds; ends with an error for what cannot be drawn."""
    content = sys.stdin.buffer.read()
    _limit()
    picture = _page(content) if content.startswith(b"%PDF-") else _picture(content)
    pictures = [_webp(picture, side) for side in (SMALL, LARGE)]
    sys.stdout.buffer.write(struct.pack("!II", *map(len, pictures)) + b"".join(pictures))


def _picture(content: bytes) -> Image.Image:
    """Return the first frame of a picture, upright and at most twice as large as it is shown."""
    with Image.open(BytesIO(content), formats=_FORMATS) as found:
        if found.width * found.height > MOST_PIXELS:
            message = f"more than {MOST_PIXELS} pixels"
            raise ValueError(message)
        found.draft("RGB", (LARGE, LARGE))  # a photograph is read at a fraction of its size
        found.thumbnail((LARGE, LARGE))
        return _drawn(ImageOps.exif_transpose(found))


def _page(content: bytes) -> Image.Image:
    """Return the first page of a PDF on white."""
    document = pypdfium2.PdfDocument(content)
    page = document[0]
    scale = LARGE / max(*page.get_size(), 1.0)
    image: Image.Image = page.render(scale=min(scale, 4.0), may_draw_forms=False).to_pil()
    return image.convert("RGB")


def _drawn(picture: Image.Image) -> Image.Image:
    """Return nothing but the pixels: no profile, place of taking, or comment."""
    has_gaps = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    return picture.convert("RGBA" if has_gaps else "RGB")


def _webp(picture: Image.Image, side: int) -> bytes:
    shown = picture.copy()
    shown.thumbnail((side, side))
    out = BytesIO()
    shown.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


def _limit() -> None:
    """Allow so much more than loading the program took, and no file to be written."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    limits = {
        resource.RLIMIT_AS: _address_space() + _MEMORY,
        resource.RLIMIT_CPU: int(used) + _SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        with suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(kind, (most, most))


def _address_space() -> int:
    """Return the bytes of address space in use; a generous guess where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return _MEMORY


if __name__ == "__main__":
    main()
