"""What servers on the way found out about the sender (Authentication-Results, RFC 8601)."""

import re

from processes.mail.reading.headers import Headers

_SERVER = re.compile(r"\s*([^\s;]{1,253})")
_VERDICT = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*([a-z]{1,20})", re.IGNORECASE)
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
    for method, result in _VERDICT.findall(header):
        results.setdefault(method.lower(), set()).add(result.lower())
    of_dmarc = results.get("dmarc")
    if of_dmarc:
        return min(of_dmarc)
    others = results.get("dkim", set()) | results.get("spf", set())
    return "pass" if "pass" in others else min(others, default="none")
