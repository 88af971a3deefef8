"""Guards of the product, switched off one at a time: a harness that then sees nothing is blind."""

import re
from typing import Any

from sqlalchemy import Engine, event

OFF = "CASEWRIGHT_FAULTS_OFF"
"""Environment variable: the guard to switch off, `token` or `immediate`; else nothing."""

_TOKEN = re.compile(r"(?:job\.)?\btoken = (%\(\w+\)s(?:::\w+)?|\?)")


def switch_off(guard: str) -> None:
    """Switch a guard off in this whole process."""
    if guard:
        event.listen(Engine, "before_cursor_execute", _REWRITES[guard], retval=True)


def _without_token(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any
) -> tuple[str, Any]:
    """Compare the token with itself, wherever a statement compares it."""
    return _TOKEN.sub(r"coalesce(\1, 0) IS NOT NULL", statement), parameters


def deferred(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any
) -> tuple[str, Any]:
    """Begin as SQLite does when nobody asks for more."""
    return statement.replace("BEGIN IMMEDIATE", "BEGIN"), parameters


_REWRITES = {"token": _without_token, "immediate": deferred}
