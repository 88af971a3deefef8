"""How single values are written by people: texts, numbers, dates, addresses."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Final

UNSTORABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that no text may hold: controls, and halves of letters."""
_NUMBER: Final = re.compile(r"([-+]?)([0-9]{0,15})(?:[.,]([0-9]{0,15}))?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_EMAIL_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_PHONE: Final = re.compile(r"\+?[0-9 ()./-]+")
_LONGEST_EMAIL: Final = 254
_LONGEST_EMAIL_NAME: Final = 64
_PHONE_DIGITS: Final = range(5, 16)
_LONGEST_PHONE: Final = 40
_YEARS: Final = range(1900, 2200)


def one_line(text: str) -> str:
    """The text trimmed, on one line."""
    return " ".join(text.split())


def lines(text: str) -> str:
    """The text trimmed, with plain line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def composed(text: str) -> str:
    """The text with each letter written in one way."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def number(text: str) -> int | float | None:
    """The number, written with a decimal point or comma; None for anything else."""
    match = _NUMBER.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return None
    value = Decimal(f"{match[1]}{match[2] or 0}.{match[3] or 0}")
    return int(value) if value == value.to_integral_value() else float(value)


def number_text(value: float) -> str:
    """A number as a person would write it, and as `number` reads it."""
    return format(Decimal(repr(value)), "f")


def digits_after_point(value: float) -> int:
    """How many digits stand after the decimal sign."""
    return len(number_text(value).partition(".")[2])


def is_date(text: str) -> bool:
    """Whether the text is a day of these centuries, as `2026-02-28`."""
    if not _DATE.fullmatch(text):
        return False
    try:
        return date.fromisoformat(text).year in _YEARS
    except ValueError:
        return False


def is_email(text: str) -> bool:
    """Whether mail could be sent to this address."""
    name, _at, host = text.rpartition("@")
    if len(text) > _LONGEST_EMAIL or not 0 < len(name) <= _LONGEST_EMAIL_NAME:
        return False
    labels = host.split(".")
    return (
        all(_EMAIL_NAME.fullmatch(part) for part in name.split("."))
        and len(labels) > 1
        and all(_EMAIL_HOST.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def is_phone(text: str) -> bool:
    """Whether this could be dialled."""
    if len(text) > _LONGEST_PHONE or not _PHONE.fullmatch(text):
        return False
    return sum(letter.isdigit() for letter in text) in _PHONE_DIGITS
