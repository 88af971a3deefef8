"""What kind of mail it is, by what its headers say, else by its words."""

import re

from processes.mail.models import MailKind
from processes.mail.reading.absence import sounds_automatic
from processes.mail.reading.addresses import address, addresses_in
from processes.mail.reading.bounces import EMPTY_PATHS, is_bounce, was_delivered
from processes.mail.reading.headers import Headers
from processes.mail.reading.marker import OWN_HEADER
from processes.mail.reading.parts import Piece

_AUTOMATIC = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Autoreply-From",
    "X-Auto-Reply-From",
    "X-Mail-Autoreply",
    "X-Vacation",
    "X-FC-MachineGenerated",
    "X-Zendesk-Auto-Reply",
    "X-MS-Exchange-Inbox-Rules-Loop-Reply",
)
_RECEIPTS = {"message/disposition-notification", "message/feedback-report"}
_LIST = ("List-Id", "List-Unsubscribe", "List-Post", "List-Help", "Mailing-List", "X-Mailing-List")
_BULK = {"bulk", "list", "junk"}
_NOT_AUTOMATIC = {"", "no"}
_LIST_ID = re.compile(r"<?([^<>\s]{1,250})>?\s*$")


def kind_of(message: Piece, sender: str, text: str, own: frozenset[str]) -> MailKind:
    """Return the kind; a person unless something says otherwise."""
    headers = message.headers
    if sender in own or address(headers.first(OWN_HEADER)) in own:
        return MailKind.OWN
    if is_bounce(message, sender, text):
        return MailKind.AUTO_REPLY if was_delivered(message) else MailKind.BOUNCE
    if _is_automatic(message):
        return MailKind.AUTO_REPLY
    if _is_list(headers, own):
        return MailKind.LIST
    if sounds_automatic(headers.text("Subject"), text):
        return MailKind.AUTO_REPLY
    return MailKind.PERSON


def wants_no_answer(headers: Headers, kind: MailKind) -> bool:
    """Say whether a mail asks that no automatic one goes back (RFC 3834 2)."""
    return (
        kind is not MailKind.PERSON
        or headers.word("Precedence") in _BULK
        or headers.word("Auto-Submitted") not in _NOT_AUTOMATIC
        or _suppresses_answers(headers)
        or any(name in headers for name in _LIST)
    )


def _suppresses_answers(headers: Headers) -> bool:
    """Say whether automatic replies are unwanted; DR, RN, OOF are about receipts and absences."""
    told = headers.first("X-Auto-Response-Suppress")[:200].lower()
    return bool({"all", "autoreply"}.intersection(re.split(r"[,;\s]+", told)))


def _is_automatic(message: Piece) -> bool:
    headers = message.headers
    if headers.word("Auto-Submitted") not in _NOT_AUTOMATIC:
        return True
    if headers.word("Precedence") in {"auto_reply", "auto-reply"}:
        return True
    if any(headers.word(name) not in {"", "no", "false", "0"} for name in _AUTOMATIC):
        return True
    if headers.first("Return-Path").strip().lower() in EMPTY_PATHS:
        return True
    return any(piece.type in _RECEIPTS for piece in message.walk())


def _is_list(headers: Headers, own: frozenset[str]) -> bool:
    """Say whether it came by a list; a list that is our own address is only our address."""
    listed = any(name in headers for name in _LIST) or headers.word("Precedence") in _BULK
    return listed and not _is_own_list(headers, own)


def _is_own_list(headers: Headers, own: frozenset[str]) -> bool:
    found = _LIST_ID.search(headers.first("List-Id")[-300:])
    names = {each.replace("@", ".") for each in own}
    return bool(
        (found and found[1].lower() in names)
        or own.intersection(addresses_in(headers.first("List-Post")[:1_000]))
    )
