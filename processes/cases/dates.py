"""Dates as mails write them, in the house's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from processes.cases import settings

_DATES = {"en": "{day} {month} {year}", "nl": "{day} {month} {year}", "de": "{day}. {month} {year}"}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_MOMENTS = {"en": "{date} at {time}", "nl": "{date} om {time}", "de": "{date} um {time}"}


def long_date(session: Session, moment: datetime, language: str) -> str:
    """Return the date as mails write it, in the house's zone."""
    local = moment.astimezone(ZoneInfo(settings.get(session, settings.TIMEZONE)))
    month = _MONTHS[language].split()[local.month - 1]
    return _DATES[language].format(day=local.day, month=month, year=local.year)


def long_moment(session: Session, moment: datetime, language: str) -> str:
    """Return date and time as the conversation beneath a mail tells them."""
    local = moment.astimezone(ZoneInfo(settings.get(session, settings.TIMEZONE)))
    date = long_date(session, moment, language)
    return _MOMENTS[language].format(date=date, time=local.strftime("%H:%M"))
