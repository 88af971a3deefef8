"""Reports that a mail could not be delivered: RFC 3464, and those in words only."""

import re
from collections.abc import Iterable, Iterator

from processes.mail.reading.addresses import address, addresses_in
from processes.mail.reading.charsets import Decoder, one_line
from processes.mail.reading.headers import Headers, split
from processes.mail.reading.message import Bounce, UnreadableMailError
from processes.mail.reading.parts import Piece

EMPTY_PATHS = frozenset({"<>", "<mailer-daemon>"})
"""Return paths of mail that wants no answer (RFC 5321 4.5.5); the second is written by Postfix."""
_SENDERS = re.compile(
    r"(?:mailer-?daemon|postmaster|mail-?daemon|microsoftexchange[0-9a-f]*|bounces?)\b.*",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:undeliver(?:able|ed)|mail delivery|delivery (?:status|failure|has failed"
    r"|delayed)|delivery notification|failure notice|returned mail|mail system error|warning:"
    r" (?:could not send|message)|unzustellbar|nicht zustellbar|onbestelbaar|niet bezorgd"
    r"|niet afgeleverd|bezorging|non remis|échec de remise|message not delivered|rejected)",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"could not be delivered|couldn'?t be delivered|was(?:n't| not) (?:be )?delivered"
    r"|unable to deliver|did not reach|delivery (?:to the following|has failed)|permanent(?:ly)? "
    r"(?:fatal )?(?:error|failed|failure)|returned to sender|nicht zugestellt|unzustellbar"
    r"|konnte nicht|niet (?:worden )?(?:afgeleverd|bezorgd)|kan niet worden (?:afgeleverd|bezorgd)"
    r"|onbestelbaar|qmail-send program|has been delayed|not yet been delivered|n'a pas pu être",
    re.IGNORECASE,
)
_WAITS = re.compile(
    r"delayed|will be retried|still trying|not yet been delivered|keep trying|no action is required"
    r"|nog niet (?:worden )?(?:afgeleverd|bezorgd)|opnieuw geprobeerd|verzögert|weitere versuche"
    r"|noch nicht zugestellt|retard[ée]",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^(?:-{2,}.{0,10}(?:this is a copy|below this line|original|returned|the header).*"
    r"|-{3,}\s.*(?:message|nachricht|bericht).*-{3,}"
    r"|(?:original message headers|ursprüngliche nachrichtenkopf|oorspronkelijke bericht).*)$",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(r"\b([45])\.\d{1,3}\.\d{1,3}\b|\b([45])\d\d[ -]")
_ID = re.compile(r"^message-id:\s*<([^<>\s]{1,990})>", re.IGNORECASE | re.MULTILINE)
_LOOKED_AT = 20_000
_LONGEST_WORDS = 1_000
_MOST = 100


def is_bounce(message: Piece, sender: str, text: str) -> bool:
    """Say whether a mail reports about the delivery of another."""
    if _reports(message):
        return True
    subject = message.headers.text("Subject")[:200]
    empty_path = message.headers.first("Return-Path").strip().lower() in EMPTY_PATHS
    failed = bool(_FAILED.search(text[:_LOOKED_AT]))
    if "X-Failed-Recipients" in message.headers:
        return True
    if _SENDERS.match(sender) or empty_path:
        return bool(_SUBJECT.search(subject)) or (failed and bool(_SENDERS.match(sender)))
    return False


def read_bounce(message: Piece, text: str, own: frozenset[str]) -> Bounce:
    """Return what a report says: whom the mail did not reach, why, and which mail it was."""
    recipients = [fields for report in _reports(message) for fields in _recipients(report)]
    ids = tuple(dict.fromkeys(_returned_ids(message, text)))[:_MOST]
    others = {*own, *(id_.lower() for id_ in ids)}
    failed = [fields for fields in recipients if fields.word("Action") in {"failed", "delayed", ""}]
    if failed:
        return _of_fields(failed, ids, text)
    above = text[: found.start()] if (found := _COPY.search(text[:_LOOKED_AT])) else text
    named = message.headers.first("X-Failed-Recipients") or above[:_LOOKED_AT]
    addresses = [
        each for each in addresses_in(named) if each not in others and not _SENDERS.match(each)
    ]
    return Bounce(tuple(addresses[:_MOST]), _is_permanent(above), _words(above), ids)


def was_delivered(message: Piece) -> bool:
    """Say whether a report tells only of deliveries that went well."""
    actions = {
        fields.word("Action") for report in _reports(message) for fields in _recipients(report)
    }
    return bool(actions) and actions <= {"delivered", "relayed", "expanded"}


def _reports(message: Piece) -> list[Piece]:
    kinds = {"message/delivery-status", "message/global-delivery-status"}
    return [piece for piece in message.walk() if piece.type in kinds][:5]


def _recipients(report: Piece) -> Iterator[Headers]:
    """Give the fields of each recipient: blocks between empty lines (RFC 3464 2.1)."""
    content = report.content()[:_LOOKED_AT].replace(b"\r\n", b"\n")
    for block in content.split(b"\n\n")[:_MOST]:
        block = block.strip(b"\n")  # noqa: PLW2901 - the same block, trimmed
        fields, _ = split(block, 0, len(block))
        if "Final-Recipient" in fields or "Original-Recipient" in fields:
            yield fields


def _of_fields(failed: list[Headers], ids: tuple[str, ...], text: str) -> Bounce:
    addresses = dict.fromkeys(each for fields in failed if (each := _address(fields)))
    said = (fields.first("Diagnostic-Code").partition(";")[2] for fields in failed)
    words = next((one_line(word) for word in said if word.strip()), "") or _words(text)
    permanent = any(
        fields.word("Action") != "delayed" and not fields.word("Status").startswith("4")
        for fields in failed
    )
    return Bounce(tuple(addresses)[:_MOST], permanent, words[:_LONGEST_WORDS], ids)


def _address(fields: Headers) -> str:
    for name in ("Original-Recipient", "Final-Recipient"):
        value = fields.first(name)
        found = address(value.partition(";")[2] or value)
        if found:
            return found
    return ""


def _returned_ids(message: Piece, text: str) -> Iterable[str]:
    for piece in message.walk():
        if piece.type == "message/rfc822":
            yield from (id_ for child in piece.children for id_ in child.headers.ids("Message-ID"))
        elif piece.type == "text/rfc822-headers":
            content = piece.content()
            try:
                yield from split(content, 0, len(content))[0].ids("Message-ID")
            except UnreadableMailError:
                yield from _ID.findall(Decoder().text(content[:_LOOKED_AT]))
    yield from _ID.findall(text[: _LOOKED_AT * 2])


def _is_permanent(text: str) -> bool:
    status = _STATUS.search(text[:_LOOKED_AT])
    if status:
        return "5" in {status[1], status[2]}
    return not _WAITS.search(text[:_LOOKED_AT])


def _words(text: str) -> str:
    return one_line(text[: _LONGEST_WORDS * 2])[:_LONGEST_WORDS]
