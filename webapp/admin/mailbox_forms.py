"""What the forms of mailboxes hold, and what is entered in them."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from flask_babel import LazyString, lazy_gettext
from werkzeug.datastructures import MultiDict

from engine.errors import InvalidInputError
from processes.mail.mailboxes import Account, AliasFacts, Facts
from processes.mail.models import Intake, Mailbox, Security
from webapp.numbers import whole_number

Problems = Mapping[str, Sequence[str]]
Choice = TypeVar("Choice", Intake, Security)

PROVIDERS: tuple[tuple[str, str, str, LazyString], ...] = (
    (
        "Google",
        "imap.gmail.com, 993, TLS",
        "smtp.gmail.com, 465, TLS",
        lazy_gettext("Needs an app password, which Google makes once two-step sign-in is on."),
    ),
    (
        "Fastmail",
        "imap.fastmail.com, 993, TLS",
        "smtp.fastmail.com, 465, TLS",
        lazy_gettext("Needs an app password."),
    ),
    (
        "IONOS",
        "imap.ionos.de, 993, TLS",
        "smtp.ionos.de, 465, TLS",
        lazy_gettext("The user is the address."),
    ),
    (
        "STRATO",
        "imap.strato.de, 993, TLS",
        "smtp.strato.de, 465, TLS",
        lazy_gettext("The user is the address."),
    ),
    (
        "TransIP",
        "imap.transip.email, 993, TLS",
        "smtp.transip.email, 465, TLS",
        lazy_gettext("The user is the address."),
    ),
    (
        "Microsoft 365",
        "-",
        "-",
        lazy_gettext(
            "Takes no passwords any more: have its mail forwarded to a mailbox that does."
        ),
    ),
)
"""Name, receiving, sending, and what else there is to know; hints only."""

_DEFAULTS = {
    "intake": Intake.CASE.value,
    "language": "en",
    "plus_addresses": "yes",
    "imap_port": "993",
    "imap_security": Security.TLS.value,
    "folder": "INBOX",
    "smtp_port": "465",
    "smtp_security": Security.TLS.value,
}


def values_of(mailbox: Mailbox | None) -> "MultiDict[str, str]":
    """Return what the form begins with; never a password."""
    if mailbox is None:
        return MultiDict(_DEFAULTS)
    named = {
        name: str(getattr(mailbox, name))
        for name in (
            "address",
            "sender_name",
            "language",
            "intake",
            "trusted_host",
            "folder",
            "done_folder",
            *(
                f"{way}_{fact}"
                for way in ("imap", "smtp")
                for fact in ("host", "port", "security", "user")
            ),
        )
    }
    values = MultiDict(named)
    values["owner"], values["queue"] = str(mailbox.owner_id), str(mailbox.queue_id)
    if mailbox.plus_addresses:
        values["plus_addresses"] = "yes"
    return values


def facts(sent: Mapping[str, str]) -> Facts:
    """Return what was entered about a mailbox. Raises InvalidInputError for unknown choices."""
    return Facts(
        address=_text(sent, "address"),
        sender_name=_text(sent, "sender_name"),
        owner_id=number(sent, "owner") or 0,
        queue_id=number(sent, "queue") or 0,
        language=_text(sent, "language"),
        intake=_choice(Intake, sent, "intake"),
        plus_addresses="plus_addresses" in sent,
        trusted_host=_text(sent, "trusted_host"),
        imap=_account(sent, "imap"),
        folder=_text(sent, "folder"),
        done_folder=_text(sent, "done_folder"),
        smtp=_account(sent, "smtp"),
    )


def alias_facts(sent: Mapping[str, str]) -> AliasFacts:
    """Return what was entered about an alias."""
    return AliasFacts(_text(sent, "address"), _text(sent, "folder"), number(sent, "queue"))


def number(sent: Mapping[str, str], name: str) -> int | None:
    """Return an id or a port as it was sent; None for anything else."""
    return whole_number(sent.get(name, "").strip())


def _account(sent: Mapping[str, str], way: str) -> Account:
    return Account(
        host=_text(sent, f"{way}_host"),
        port=number(sent, f"{way}_port") or 0,
        security=_choice(Security, sent, f"{way}_security"),
        user=_text(sent, f"{way}_user"),
        password=sent.get(f"{way}_password", ""),
    )


def _choice(kind: type[Choice], sent: Mapping[str, str], name: str) -> Choice:
    given = sent.get(name, "")
    if given not in set(kind):
        raise InvalidInputError({name: ["invalid_choice"]})
    return kind(given)


def _text(sent: Mapping[str, str], name: str) -> str:
    return sent.get(name, "").replace("\r\n", "\n")
