"""What servers on the way found out about the sender (Authentication-Results, RFC 8601)."""

import re

from processes.mail.reading.headers import Headers

_SERVER = re.compile(r"\s*([^\s;]{1,253})")
_UNSAID = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|\(', re.DOTALL)
"""A quoted string, an escaped character, or where a comment begins."""
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_CLAUSE = re.compile(
    r"\s*(dmarc|spf|dkim)\s*(?:/\s*\d{1,9}\s*)?=\s*"
    r"(pass|fail|none|neutral|policy|temperror|permerror|softfail|hardfail)(?![\w-])",
    re.IGNORECASE,
)
"""The beginning of a clause (RFC 8601 2.2): what was looked at and what came of it."""
_LOOKED_AT = 4_000
_MOST = 20


def verdicts(headers: Headers) -> dict[str, str]:
    """Return a verdict by server: DMARC's where there is one, else of DKIM and SPF the better.

    Of several headers of one server the uppermost counts: those below may be forged.
    """
    found: dict[str, str] = {}
    for header in headers.all("Authentication-Results")[:_MOST]:
        server = _SERVER.match(header)
        if server:
            found.setdefault(server[1].lower(), _verdict(header[:_LOOKED_AT]))
    return found


def _verdict(header: str) -> str:
    results = dict[str, set[str]]()
    for clause in _said(header).split(";")[1:]:
        if found := _CLAUSE.match(clause):
            results.setdefault(found[1].lower(), set()).add(found[2].lower())
    of_dmarc = results.get("dmarc")
    if of_dmarc:
        return min(of_dmarc, key=_doubt)
    others = results.get("dkim", set()) | results.get("spf", set())
    return "pass" if "pass" in others else min(others, default="none", key=_doubt)


def _doubt(result: str) -> tuple[bool, bool, str]:
    """Put `fail` before all others and `pass` after them."""
    return result != "fail", result == "pass", result


def _said(header: str) -> str:
    """Return a header without what the sender may have written: comments and quoted strings.

    One without an end counts as none, so that nobody can hide with it what comes after.
    """
    pieces, end = [], 0
    while found := _UNSAID.search(header, end):
        pieces.append(header[end : found.start()])
        end = found.end()
        if found.group() == "(":
            closed = _end_of_comment(header, end)
            if not closed:
                break
            end = closed
    return " ".join([*pieces, header[end:]])


def _end_of_comment(header: str, start: int) -> int:
    """Return where a comment ends, whose bracket was opened; 0 when it does not."""
    depth = 1
    for found in _IN_COMMENT.finditer(header, start):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            return found.end()
    return 0
