"""Which language and time zone a page speaks, and how times and names read in it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, request
from flask_babel import Babel, format_datetime, get_locale, get_timezone, gettext

from engine.clock import business_now
from webapp import auth
from webapp.context import tx

LANGUAGES = {"en": "English", "nl": "Nederlands", "de": "Deutsch"}
DEFAULT_TIMEZONE = "Europe/Amsterdam"

_COOKIE = "lang"
_COOKIE_AGE = 365 * 24 * 3600
_WEEK = 7
_FORMS = {
    "time": "HH:mm",
    "weekday": "EEE HH:mm",
    "date": "d MMM",
    "year": "d MMM y",
    "day": "EEEE d MMMM",
    "clock": "EEE d MMM, HH:mm",
    "full": "EEEE d MMMM y, HH:mm",
}
_GERMAN_FORMS = {
    **_FORMS,
    "date": "d. MMM",
    "year": "d. MMM y",
    "day": "EEEE, d. MMMM",
    "clock": "EEE d. MMM, HH:mm",
    "full": "EEEE, d. MMMM y, HH:mm",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60))


def init(web: Flask) -> None:
    """Give `web` its languages and its templates the words for them."""
    web.config.setdefault("BABEL_DEFAULT_TIMEZONE", DEFAULT_TIMEZONE)
    Babel(web, locale_selector=_language_of_reader, timezone_selector=timezone)
    web.after_request(_remember)
    web.jinja_env.add_extension("jinja2.ext.i18n")
    web.jinja_env.filters.update(
        localtime=localtime, relative=relative, duration=duration, label=label, isotime=isotime
    )
    web.jinja_env.globals.update(label=label, languages=LANGUAGES, language=language)


def language() -> str:
    """Return the language of this page: `en`, `nl` or `de`."""
    return str(get_locale())


def _language_of_reader() -> str:
    """Return the person's own setting, else the choice made here, else the browser's."""
    member = auth.current_staff()
    if member is not None and member.locale in LANGUAGES:
        return member.locale
    chosen = request.args.get(_COOKIE) or request.cookies.get(_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    guest = auth.visitor()
    if guest is not None and guest.language in LANGUAGES:
        return guest.language
    return request.accept_languages.best_match(list(LANGUAGES), default="en")


def timezone() -> str:
    """Return the name of the reader's time zone."""
    member = auth.current_staff()
    return member.timezone if member is not None else DEFAULT_TIMEZONE


def label(named: Any) -> str:
    """Return the reader's wording of a text by language, or of anything with such `names`."""
    texts = getattr(named, "names", None) or getattr(named, "labels", None) or named
    if not isinstance(texts, Mapping):
        return "" if texts is None else str(texts)
    return texts.get(language()) or texts.get("en") or next(iter(texts.values()), "")


def localtime(moment: datetime | None, form: str = "smart") -> str:
    """Return a moment in the reader's zone: smart, time, weekday, date, day, clock or full.

    `smart` is the time for today, weekday and time in the week around today, else the date;
    `clock` is weekday, date and time.
    """
    if moment is None:
        return ""
    if form == "smart":
        form = _closeness(moment)
    if form == "date":
        form = "date" if _year(moment) == _year(now()) else "year"
    forms = _GERMAN_FORMS if language() == "de" else _FORMS
    return str(format_datetime(moment, forms[form]))


def isotime(moment: datetime) -> str:
    """Return a moment as machines read it."""
    return moment.isoformat(timespec="seconds")


def relative(moment: datetime | None) -> str:
    """Return how far a moment is from now, without a sign: `2 h 10 m`."""
    return "" if moment is None else duration(abs(moment - now()))


def duration(length: timedelta | float | None) -> str:
    """Return a length of time in its two largest units: `1 d 22 h`, `2 h 10 m`, `35 m`."""
    if length is None:
        return ""
    rest = int(length.total_seconds() if isinstance(length, timedelta) else length)
    counts: list[tuple[str, int]] = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count or counts:
            counts.append((unit, count))
    parts = [_amount(unit, count) for unit, count in counts[:2]]
    return " ".join(part for part in parts if part) or str(gettext("%(n)s s", n=rest))


def now() -> datetime:
    """Return the business time of this request."""
    moment: datetime | None = g.get("business_now")
    if moment is None:
        moment = g.business_now = business_now(tx())
    return moment


def _amount(unit: str, count: int) -> str:
    words = {
        "d": gettext("%(n)s d", n=count),
        "h": gettext("%(n)s h", n=count),
        "m": gettext("%(n)s m", n=count),
    }
    return str(words[unit]) if count else ""


def _closeness(moment: datetime) -> str:
    days = abs((_local(moment).date() - _local(now()).date()).days)
    if days == 0:
        return "time"
    return "weekday" if days < _WEEK else "date"


def _local(moment: datetime) -> datetime:
    zone = get_timezone()
    return moment.astimezone(zone if zone is not None else ZoneInfo(DEFAULT_TIMEZONE))


def _year(moment: datetime) -> int:
    return _local(moment).year


def _remember(response: Response) -> Response:
    """Keep a language chosen by `?lang=` for the next pages."""
    chosen = request.args.get(_COOKIE)
    if chosen in LANGUAGES and request.cookies.get(_COOKIE) != chosen:
        response.set_cookie(
            _COOKIE, chosen, max_age=_COOKIE_AGE, secure=request.is_secure, samesite="Lax"
        )
    response.content_language.add(language())
    return response
