"""Text from files on a terminal."""

import sys


def printable(text: str) -> str:
    """Return a text that moves no cursor and colours no terminal, in the letters it knows."""
    safe = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode()
        for sign in text
    )
    coding = sys.stdout.encoding or "ascii"
    return safe.encode(coding, "backslashreplace").decode(coding)
