"""On which line of its file each component of a form begins."""

import json
import re
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]', re.DOTALL)


def component_lines(raw: bytes) -> list[int]:
    """The line of each component, in the order the reader counts them: groups before their parts.

    `raw` is JSON that can be read. A component begins at its opening brace.
    """
    scan = _Scan()
    for match in _TOKEN.finditer(raw.decode(json.detect_encoding(raw), "replace")):
        scan.read(match[0])
    return scan.found


class _Scan:
    """Walks the signs of a JSON text and notes the objects in lists called `components`."""

    def __init__(self) -> None:
        self.found: list[int] = []
        self._line = 1
        self._word = ""
        self._key = ""
        self._open: list[bool] = []
        """For each open bracket whether it is a list of components."""

    def read(self, sign: str) -> None:
        if sign == "\n":
            self._line += 1
        elif sign in {"{", "["}:
            self._begin(sign)
        elif sign in {"}", "]"}:
            if self._open:
                self._open.pop()
            self._key = ""
        elif sign == ":":
            self._key = self._word
        elif sign == ",":
            self._key = ""
        else:
            self._word = sign[1:-1]

    def _begin(self, sign: str) -> None:
        if sign == "{" and self._open and self._open[-1]:
            self.found.append(self._line)
        self._open.append(sign == "[" and self._key == "components")
        self._key = ""
