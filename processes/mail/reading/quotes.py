"""The writer's own words and what is quoted, told apart line by line; nothing is thrown away."""

from dataclasses import dataclass

from processes.mail.reading import quote_lines as lines_of
from processes.mail.reading.html_text import QUOTE_BEGINS

_MOST_LINES = 60_000
"""Looked at; what is below them stays where the last one stood."""
_HEADER_LINES = 12
_HEADER_BREAKS = 2
"""Lines that long lists of recipients were wrapped over."""
_LOOK_AHEAD = 3
_LOOK_BACK = 4


@dataclass(frozen=True)
class Split:
    """Both texts; `own` is never blank when the mail was not."""

    own: str
    quoted: str


def split(text: str, *, forwarded: bool = False) -> Split:
    """Return own words and quote of a mail's text.

    Answers written between quoted lines stay in their place, and so do the lines they answer.
    What was passed on (`forwarded`, by its subject) is no quote.
    """
    lines = text.split("\n", _MOST_LINES)
    short = [line[: lines_of.LONGEST].strip() for line in lines]
    cut = len(lines) if forwarded else _cut(short)
    own, below = _without_marked(lines[:cut], short[:cut])
    phone = _without_phone(own)
    quoted = _join([*own[phone:], *below, *lines[cut:]])
    words = _join(own[:phone])
    return Split(words, quoted) if words.strip() else Split(_join(lines), "")


def _cut(short: list[str]) -> int:
    """Return the line from which everything is a quote that has no marks of its own."""
    for at, line in enumerate(short):
        if not line or line.startswith(">"):
            continue
        if line == QUOTE_BEGINS or line.strip("—-* ").strip() in lines_of.MARKERS:
            return _with_attribution(short, at)
        if lines_of.FORWARDED.match(line):
            return len(short)
        if lines_of.SEPARATOR.match(line) or line == lines_of.SIGNATURE:
            return at
        if lines_of.LABEL.match(line) and _is_header_block(short, at):
            return _with_rule(short, at)
        if _stands_alone(short, at):
            return at
    return len(short)


def _attribution(short: list[str], at: int) -> int:
    """Return over how many lines an attribution stands here; 0 when it does not."""
    line = short[at]
    if line.endswith(":") and lines_of.ATTRIBUTION.match(line):
        return 1
    if not lines_of.ATTRIBUTION_BEGINS.match(line):
        return 0
    for count in range(2, _LOOK_AHEAD + 1):
        if at + count > len(short) or not short[at + count - 1]:
            return 0
        if short[at + count - 1].endswith(":"):
            joined = " ".join(short[at : at + count])[: lines_of.LONGEST]
            return count if lines_of.ATTRIBUTION.match(joined) else 0
    return 0


def _stands_alone(short: list[str], at: int) -> bool:
    """Say whether an attribution is here, and below it a quote without marks."""
    if not _attribution(short, at) or _quote_follows(short, at):
        return False
    return not lines_of.OWN_STORY.search(short[at])


def _quote_follows(short: list[str], at: int) -> bool:
    after = at + max(_attribution(short, at), 1)
    following = next((line for line in short[after : after + _LOOK_AHEAD] if line), "")
    return following.startswith(">")


def _is_header_block(short: list[str], at: int) -> bool:
    """Say whether headers of a mail stand here, in any order: from whom, when, and about what."""
    found, others, address = set[str](), 0, False
    for line in short[at : at + _HEADER_LINES]:
        label = lines_of.LABEL.match(line)
        if label and label.lastgroup:
            found.add(label.lastgroup)
        else:
            others += bool(line)
        if others > _HEADER_BREAKS:
            break
        address = address or "@" in line
    return found >= {"sender", "sent"} and ("subject" in found or address)


def _with_rule(short: list[str], at: int) -> int:
    for back in range(at - 1, max(at - _LOOK_BACK, -1), -1):
        if lines_of.RULE.match(short[back]) or short[back] == QUOTE_BEGINS:
            return back
        if short[back]:
            break
    return at


def _with_attribution(short: list[str], at: int) -> int:
    for back in range(max(at - _LOOK_BACK, 0), at):
        if short[back] and _attribution(short, back):
            return back
    return at


def _without_marked(lines: list[str], short: list[str]) -> tuple[list[str], list[str]]:
    """Return own lines and `>` lines where one stands wholly above the other, else all as own."""
    marked = [at for at, line in enumerate(short) if line.startswith(">")]
    if not marked:
        return lines, []
    first, last = _above(short, marked[0]), marked[-1]
    is_marked = set(marked)
    between = any(short[at] and at not in is_marked for at in range(marked[0], last))
    if between and not _only_attributions(short, is_marked, marked[0], last):
        return lines, []
    before, after = lines[:first], lines[last + 1 :]
    if not _join(after).strip() or lines_of.FOOTER.match(_join(after).strip().split("\n")[0]):
        return before, [*lines[first : last + 1], *after]
    if not _join(before).strip():
        return after, lines[first : last + 1]
    return lines, []


def _only_attributions(short: list[str], marked: set[int], first: int, last: int) -> bool:
    """Say whether the unmarked lines between marked ones are attributions of older mails."""
    at = first
    while at < last:
        if at in marked or not short[at]:
            at += 1
            continue
        count = _attribution(short, at)
        if not count:
            return False
        at += count
    return True


def _above(short: list[str], at: int) -> int:
    """Return where the quote at a line begins with its attribution."""
    last = at - 1
    while last >= 0 and last >= at - _LOOK_BACK and not short[last]:
        last -= 1
    for back in range(max(last - _LOOK_AHEAD + 1, 0), last + 1):
        if short[back] and back + _attribution(short, back) == last + 1:
            return back
    if last >= 0 and lines_of.BEFORE_QUOTE.match(short[last]):
        return last
    return at


def _without_phone(own: list[str]) -> int:
    """Return where a phone's own signature begins, at the end."""
    end = len(own)
    while end and not own[end - 1].strip():
        end -= 1
    if end and lines_of.SIGNED_BY_PHONE.match(own[end - 1][: lines_of.LONGEST].strip()):
        return end - 1
    return len(own)


def _join(lines: list[str]) -> str:
    kept = (line for line in lines if line.strip() != QUOTE_BEGINS)
    return "\n".join(kept).strip("\n")
