"""What is wrong with what an admin enters about a mailbox."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from engine.forms.formats import UNSTORABLE, is_email
from engine.sentences import Sentence
from processes.mail.models import Security
from processes.mail.servers import is_mail_port, is_this_machine
from processes.people.models import LANGUAGES

if TYPE_CHECKING:
    from processes.mail.mailboxes import Account, AliasFacts, Facts

Problems = dict[str, list[Sentence | str]]
"""Codes and sentences by field."""

TAKEN = Sentence("{address} belongs to the mailbox {mailbox} already.")
NO_OWNER = Sentence(
    "An alias needs a mailbox it belongs to: without one nobody owns the mail that comes to it."
)
ENTER_AGAIN = Sentence("The password was entered for another server or user. Enter it again.")
_NO_ADDRESS = Sentence("This is no e-mail address.")
_NO_HOST = Sentence("This is no name of a server.")
_ODD_PORT = Sentence("Mail servers use 25, 143, 465, 587, 993 or a port from 1024 on.")
_IN_THE_OPEN = Sentence(
    "Without protection everybody on the way could read the mail and the password. "
    "Only a server on this machine may do without."
)
_OTHER_PORT = Sentence("Port {port} speaks TLS from the first byte. Choose TLS as protection.")
_PLAIN_LETTERS = Sentence("Servers that send mail take plain letters, digits and signs only.")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[?[0-9a-f:.]{2,45}\]?")
_TLS_PORTS = frozenset({465, 993})
_LONGEST_NAME, _LONGEST_FOLDER, _LONGEST_SHARED, _LONGEST_USER = 120, 200, 80, 254
_LONGEST_PASSWORD = 500


def of_facts(facts: "Facts", queues: Collection[int]) -> Problems:
    """Return what can be told to be wrong with a mailbox without looking elsewhere."""
    found: Problems = {}
    _add(found, "address", _address(facts.address))
    _add(found, "sender_name", _text(facts.sender_name, _LONGEST_NAME, needed=True))
    _add(found, "queue", None if facts.queue_id in queues else "invalid_choice")
    _add(found, "language", None if facts.language in LANGUAGES else "invalid_choice")
    host = normal(facts.trusted_host)
    _add(found, "trusted_host", _NO_HOST if host and not _HOST.fullmatch(host) else None)
    for name, account in (("imap", facts.imap), ("smtp", facts.smtp)):
        if account.host.strip():
            _account(found, name, account)
    if facts.imap.host.strip():
        _add(found, "imap_user", _text(facts.imap.user, _LONGEST_USER, needed=True))
        _add(found, "folder", _text(facts.folder, _LONGEST_FOLDER, needed=True))
        _add(found, "done_folder", _text(facts.done_folder, _LONGEST_FOLDER))
    if not (facts.smtp.user + facts.smtp.password).isascii():
        _add(found, "smtp_password", _PLAIN_LETTERS)
    return found


def of_alias(facts: "AliasFacts", queues: Collection[int]) -> Problems:
    """Return what can be told to be wrong with an alias without looking elsewhere."""
    found: Problems = {}
    _add(found, "address", _address(facts.address))
    _add(found, "folder", _text(facts.folder, _LONGEST_SHARED))
    good = facts.queue_id is None or facts.queue_id in queues
    _add(found, "queue", None if good else "invalid_choice")
    return found


def normal(text: str) -> str:
    """Return an address or a host as it is stored: trimmed, in lower case."""
    return text.strip().lower()


def one_line(text: str) -> str:
    """Return a name on one line, trimmed."""
    return " ".join(text.split())


def _account(found: Problems, name: str, account: "Account") -> None:
    host = normal(account.host)
    _add(found, f"{name}_host", None if _HOST.fullmatch(host) else _NO_HOST)
    _add(found, f"{name}_port", None if is_mail_port(account.port) else _ODD_PORT)
    _add(found, f"{name}_user", _text(account.user, _LONGEST_USER))
    if UNSTORABLE.search(account.password) or "\n" in account.password:
        _add(found, f"{name}_password", "invalid")
    _add(found, f"{name}_password", _too_long(account.password, _LONGEST_PASSWORD))
    if account.security is Security.NONE and not is_this_machine(host):
        _add(found, f"{name}_security", _IN_THE_OPEN)
    if account.security is not Security.TLS and account.port in _TLS_PORTS:
        _add(found, f"{name}_port", _OTHER_PORT.filled(port=str(account.port)))


def _address(text: str) -> Sentence | str | None:
    if not text.strip():
        return "required"
    return None if is_email(normal(text)) else _NO_ADDRESS


def _text(text: str, longest: int, *, needed: bool = False) -> str | None:
    if needed and not text.strip():
        return "required"
    if UNSTORABLE.search(text) or "\n" in text.strip():
        return "invalid"
    return _too_long(text, longest)


def _too_long(text: str, longest: int) -> str | None:
    return "too_long" if len(text.strip()) > longest else None


def _add(found: Problems, name: str, problem: Sentence | str | None) -> None:
    if problem is not None:
        found.setdefault(name, []).append(problem)
