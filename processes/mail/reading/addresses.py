"""Names and addresses out of headers, in one pass over the characters (RFC 5322 3.4)."""

import re
from unicodedata import normalize

from engine.forms.formats import is_email
from processes.mail.reading.charsets import one_line
from processes.mail.reading.encoded_words import decode_words
from processes.mail.reading.limits import MOST_ADDRESSES
from processes.mail.reading.message import Person

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"?|([()<>,;:])|([^"()<>,;:]+)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"?/=&#]{1,190}")
_LONGEST_NAME = 120
_LONGEST_ADDRESS = 400
_LONGEST_LABEL = 63


def people(header: str) -> list[Person]:
    """Return the people of an address header in order; groups are opened, comments left out."""
    found: list[Person] = []
    entry = _Entry()
    depth = 0
    for quoted, sign, plain in _TOKEN.findall(header):
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(depth - 1, 0)
        elif depth:
            entry.comment = (entry.comment + (quoted or plain))[:_LONGEST_NAME]
        elif sign in {",", ";"} and not entry.inside:
            entry.give_to(found)
            entry = _Entry()
        elif sign == ":" and not entry.inside:
            entry = _Entry()  # the name of a group
        else:
            entry.take(quoted, sign, plain)
        if len(found) >= MOST_ADDRESSES:
            return found
    entry.give_to(found)
    return found


def address(text: str) -> str:
    """Return an address as it is compared: lower case, the domain in ASCII; empty when unsound."""
    words = text.strip().strip("<>").strip()
    if not _ADDRESS.fullmatch(words) or not words.isprintable():
        return ""
    local, _, domain = words.lower().rpartition("@")
    labels = [_label(label) for label in domain.strip(".").split(".")]
    return f"{local}@{'.'.join(labels)}" if all(labels) else ""


def addresses_in(text: str) -> list[str]:
    """Return every address that stands somewhere in a text, in lower case, each once."""
    return list(dict.fromkeys(filter(None, map(address, _ADDRESS.findall(text)))))


def answerable(person: Person) -> Person:
    """Return the person; without an address, named by it, when no mail can be sent to that."""
    if not person.address or is_email(person.address):
        return person
    return Person(person.name or person.address[:_LONGEST_NAME], "")


class _Entry:
    """One address while it is read."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.address = ""
        self.comment = ""
        self.inside = False
        self.plain = True
        """Nothing quoted, no angle brackets: the words may be an address themselves."""

    def take(self, quoted: str, sign: str, plain: str) -> None:
        if sign == "<":
            self.inside, self.address, self.plain = True, "", False
        elif sign == ">":
            self.inside = False
        elif self.inside:
            self.address = (self.address + (quoted or plain or sign))[:_LONGEST_ADDRESS]
        else:
            self.words.append(_ESCAPED.sub(r"\1", quoted) if quoted else plain)
            self.plain = self.plain and not quoted

    def give_to(self, found: list[Person]) -> None:
        words = "".join(self.words)
        if self.plain and "@" in words:
            self.address, words = words, self.comment
        sound = address(self.address)
        written = words.strip() or ("" if sound else self.address)
        person = Person(_name(written, sound), sound)
        if person.name or person.address:
            found.append(person)


def _label(label: str) -> str:
    """Return a step of a domain in ASCII: no two that differ become the same (RFC 5891)."""
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return label if label.isascii() else ""
    return f"xn--{normalize('NFC', label).encode('punycode').decode('ascii')}"


def _name(words: str, its_address: str) -> str:
    name = one_line(decode_words(words)).strip("'\" ")
    others = [other for other in addresses_in(name) if other != its_address]
    return "" if others else name[:_LONGEST_NAME]  # a name that poses as another address
