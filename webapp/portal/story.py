"""What was said between customer and house, as the customer reads it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask_babel import LazyString, gettext, lazy_gettext
from markupsafe import Markup, escape

from processes.cases.models import Activity, ActivityKind, Case, CaseStatus
from processes.cases.policies import is_public
from processes.closure.services import may_agree
from webapp.i18n import localtime, now
from webapp.written import as_written

_LINK = re.compile(r"https?://[^\s<>\"]{1,1900}")
_NOT_LAST = ".,;:!?)]}'"
_EVENTS: dict[str, LazyString] = {
    "customer_agreed": lazy_gettext("You agreed with our answer."),
}
_MEDIA: dict[str, LazyString] = {
    "email": lazy_gettext("by e-mail"),
    "phone": lazy_gettext("by telephone"),
    "counter": lazy_gettext("at the counter"),
    "fax": lazy_gettext("by fax"),
    "chat": lazy_gettext("in a chat"),
    "letter": lazy_gettext("by letter"),
}


@dataclass(frozen=True)
class Entry:
    """A message, or a line about what happened."""

    id: int
    at: datetime
    name: str
    """Who said it; empty for us as a house."""
    mine: bool
    """The reader said it."""
    ours: bool
    """We said it."""
    text: Markup
    """In plain words, or as it was written in the editor."""
    via: str
    is_rich: bool = False
    """The text has paragraphs, lists and links of its own."""
    is_event: bool = False


@dataclass(frozen=True)
class Day:
    """What was said on one day."""

    words: str
    entries: list[Entry]


def days(activities: Iterable[Activity], me: str) -> list[Day]:
    """Return the thread by day, oldest first; only what a customer may read."""
    found = [_entry(each, me) for each in activities if is_public(each)]
    entries = [entry for entry in found if entry is not None]
    today = localtime(now(), "day")
    by_day = groupby(entries, key=lambda entry: localtime(entry.at, "day"))
    return [Day(gettext("Today") if day == today else day, list(said)) for day, said in by_day]


def question(thread: Iterable[Day]) -> Entry | None:
    """Return the last thing that one of us has said."""
    said = [entry for day in thread for entry in day.entries if entry.ours and entry.name]
    return said[-1] if said else None


def answer(thread: Iterable[Day], case: Case) -> Entry | None:
    """Return what we answered, for the customer to agree with."""
    told = (entry for day in thread for entry in day.entries)
    return next((entry for entry in told if entry.id == case.applied_solution_id), None)


def situation(case: Case) -> str:
    """Return in which of five situations the customer is: each has its own sentence."""
    if case.is_closed:
        return "closed"
    if may_agree(case):
        return "deciding"
    if case.status is CaseStatus.WAITING_CUSTOMER:
        return "waiting"
    return "new" if case.status is CaseStatus.UNCLASSIFIED else "working"


def readable(text: str, *, links: bool = True) -> Markup:
    """Return text for a page: harmless, and with live links where we wrote it ourselves."""
    if not links:
        return escape(text)
    pieces: list[Markup] = []
    end = 0
    for match in _LINK.finditer(text):
        address = match.group().rstrip(_NOT_LAST)
        pieces.append(escape(text[end : match.start()]))
        pieces.append(Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(address))
        end = match.start() + len(address)
    pieces.append(escape(text[end:]))
    return Markup("").join(pieces)


def _entry(activity: Activity, me: str) -> Entry | None:
    if activity.kind is ActivityKind.EVENT:
        return _event(activity)
    ours = not (activity.author.startswith("contact:") or activity.incoming_mail_id)
    written = as_written(activity) if ours else Markup()
    return Entry(
        id=activity.id,
        at=activity.at,
        name=activity.author_name,
        mine=activity.author == me,
        ours=ours,
        text=written or readable(activity.text, links=ours),
        via=str(_MEDIA.get(activity.medium, "")),
        is_rich=bool(written),
    )


def _event(activity: Activity) -> Entry | None:
    sentence = _EVENTS.get((activity.data or {}).get("code", ""))
    if sentence is None:
        return None
    return Entry(
        activity.id,
        activity.at,
        "",
        mine=False,
        ours=False,
        text=escape(str(sentence)),
        via="",
        is_event=True,
    )
