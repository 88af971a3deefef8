"""What a calendar invitation says, in a few lines (RFC 5545)."""

import re

_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(
    r"^(SUMMARY|DTSTART|DTEND|LOCATION|ORGANIZER|DESCRIPTION)([^:\n]*):(.*)$", re.MULTILINE
)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
_ESCAPED = re.compile(r"\\[nN,;\\]")
_LONGEST = 200_000


def summary(calendar: str) -> str:
    """Return title, times, place and description of the first entry; empty when it has none."""
    event = _FOLD.sub("", calendar[:_LONGEST]).partition("BEGIN:VEVENT")[2] or calendar[:_LONGEST]
    found: dict[str, str] = {}
    for name, parameters, value in _LINE.findall(event.partition("END:VEVENT")[0]):
        words = _ESCAPED.sub(lambda mark: _ESCAPES[mark[0]], value.strip())
        found.setdefault(name, _time(words, parameters) if name.startswith("DT") else words)
    times = " \N{EN DASH} ".join(filter(None, [found.get("DTSTART", ""), found.get("DTEND", "")]))
    organiser = found.get("ORGANIZER", "").removeprefix("mailto:").removeprefix("MAILTO:")
    lines = [found.get("SUMMARY", ""), times, found.get("LOCATION", ""), organiser]
    description = found.get("DESCRIPTION", "")
    return "\n".join(line for line in [*lines, description] if line).strip()


def _time(value: str, parameters: str) -> str:
    at = _TIME.match(value)
    if not at:
        return value[:40]
    year, month, day, hour, minute, utc = at.groups()
    date = f"{year}-{month}-{day}"
    zone = re.search(r"TZID=\"?([^;:\"]{1,60})", parameters)
    where = " UTC" if utc else f" {zone[1]}" if zone else ""
    return f"{date} {hour}:{minute}{where}" if hour else date
