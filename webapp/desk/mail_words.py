"""What became of a mail, and why, in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, gettext, lazy_gettext
from markupsafe import Markup

from processes.cases.desk_mail import CaseName
from processes.cases.models import CaseStatus
from processes.mail.inbox import MailRow
from processes.mail.models import IncomingMail, IncomingState, MailKind

_KINDS: Mapping[MailKind, LazyString] = {
    MailKind.AUTO_REPLY: lazy_gettext("Automatic reply"),
    MailKind.BOUNCE: lazy_gettext("Delivery report"),
    MailKind.LIST: lazy_gettext("Newsletter or list"),
    MailKind.OWN: lazy_gettext("Our own mail"),
}
_WHY: Mapping[str, LazyString] = {
    # it waits
    "inbox": lazy_gettext("Its mailbox leaves every new mail to an agent."),
    "no_sender": lazy_gettext("It names no sender, so nobody could be answered."),
    "many_recipients": lazy_gettext(
        "It went to more than a hundred people, so it may be no question to us."
    ),
    "too_many_for_case": lazy_gettext(
        "The case it belongs to has had too many mails within an hour."
    ),
    "too_many_from_sender": lazy_gettext(
        "This sender has opened too many cases of late; a person should look at it."
    ),
    "too_many_for_mailbox": lazy_gettext(
        "More mail came to this mailbox within an hour than becomes cases by itself."
    ),
    "taken_up": lazy_gettext("It had been put aside and was taken up again."),
    # it is in a case
    "by_hand": lazy_gettext("An agent has decided so."),
    "staff": lazy_gettext(
        "It has the address of a colleague. It stands in the case for colleagues only, and moves "
        "nothing: anybody can write such an address."
    ),
    "token": lazy_gettext("It carries the signed token of the case."),
    "message_id": lazy_gettext("It answers a mail we sent in the case."),
    "reference": lazy_gettext("It answers a mail of the case, and its sender takes part in it."),
    "number": lazy_gettext("It names the number of the case, and its sender takes part in it."),
    # it is filed
    "came_twice": lazy_gettext("The same mail came by another way and is dealt with there."),
    "bounce": lazy_gettext("A mail of ours could not be delivered; the case says which."),
    "bounce_unknown": lazy_gettext(
        "A server reports a mail that could not be delivered, but names none of ours."
    ),
    "delayed": lazy_gettext("A mail of ours is late; its server keeps trying."),
    # it is held back
    "failed": lazy_gettext(
        "Reading it failed again and again. Administrators find the error among the incidents."
    ),
    "too_many_parts": lazy_gettext("It has far more parts than a mail has."),
    "too_deep": lazy_gettext("Its parts lie within each other deeper than we follow."),
    "headers_too_large": lazy_gettext("Its headers are far longer than those of any mail."),
    "too_large": lazy_gettext("It is larger than the mails we read."),
    "unreadable_there": lazy_gettext("Its server could not give it; only its headers are here."),
    "empty": lazy_gettext("There is nothing in it at all."),
    "not_a_mail": lazy_gettext("It is no mail: it has no headers as a mail has."),
    "two_senders": lazy_gettext("It names more than one sender, so nobody can tell whose it is."),
}
_NOT_A_CASE, _BY_RULE = "not_a_case", "alias_folder"
"""Told by the sentence of the state itself."""
_OUTCOMES: Mapping[IncomingState, tuple[str, LazyString, str]] = {
    IncomingState.WAITING: ("clock", lazy_gettext("Waits for a decision"), "warn"),
    IncomingState.NEW_CASE: ("flow", lazy_gettext("New case"), ""),
    IncomingState.REPLY: ("link", lazy_gettext("Reply"), ""),
    IncomingState.QUARANTINED: ("shield", lazy_gettext("Held back"), "bad"),
    IncomingState.STORED: ("clock", lazy_gettext("Being read"), ""),
}
_BY_HAND: Mapping[IncomingState, LazyString] = {
    IncomingState.NEW_CASE: lazy_gettext("%(who)s made case %(number)s of this mail."),
    IncomingState.REPLY: lazy_gettext("%(who)s linked this mail to case %(number)s."),
    IncomingState.FILED: lazy_gettext("%(who)s put this mail aside: it is not a case."),
}
_BY_ITSELF: Mapping[IncomingState, LazyString] = {
    IncomingState.WAITING: lazy_gettext("Belongs to no case yet: somebody has to decide."),
    IncomingState.NEW_CASE: lazy_gettext("Became case %(number)s by itself."),
    IncomingState.REPLY: lazy_gettext("Went to case %(number)s by itself."),
    IncomingState.QUARANTINED: lazy_gettext("Held back, and kept whole."),
    IncomingState.STORED: lazy_gettext("Has just come in and is being read."),
    IncomingState.FILED: lazy_gettext("Put aside by itself."),
}
_KIND_WHY: Mapping[MailKind, LazyString] = {
    MailKind.AUTO_REPLY: lazy_gettext(
        "A machine has sent this, such as an out-of-office reply. It opens no case and moves none."
    ),
    MailKind.BOUNCE: lazy_gettext("A mail server reports how the delivery of a mail went."),
    MailKind.LIST: lazy_gettext("It was sent to many readers at once: a newsletter or a list."),
    MailKind.OWN: lazy_gettext("It is a mail of ours that came back."),
}


@dataclass(frozen=True)
class Outcome:
    """What became of a mail, for a line of the list."""

    symbol: str
    words: str
    tone: str = ""


def outcome(row: MailRow, names: Mapping[int, CaseName]) -> Outcome:
    """Return what became of the mail, in a few words."""
    case, maybe = names.get(row.case_id or 0), names.get(row.maybe_case_id or 0)
    if row.state is IncomingState.WAITING and maybe is not None:
        return Outcome("help", gettext("Maybe %(number)s", number=maybe.number), "warn")
    if row.state is IncomingState.FILED:
        return Outcome(*_filed(row))
    symbol, words, tone = _OUTCOMES[row.state]
    return Outcome(symbol, case.number if case is not None else str(words), tone)


def _filed(row: MailRow) -> tuple[str, str]:
    if row.kind in _KINDS:
        return "bolt", str(_KINDS[row.kind])
    return ("tag", row.folder) if row.folder else ("check", gettext("Put aside"))


def kind(mail: IncomingMail | MailRow) -> str:
    """Return what a mail that no person wrote is; empty for one a person wrote."""
    return str(_KINDS.get(mail.kind, ""))


def sentence(mail: IncomingMail, case: CaseName | None) -> Markup:
    """Return what became of the mail and by whom, with names set off."""
    facts = {
        "who": Markup("<b>{}</b>").format(mail.handled_by.name) if mail.handled_by else "",
        "number": Markup("<b class='num'>{}</b>").format(case.number if case else ""),
        "folder": Markup("<b>{}</b>").format(mail.folder),
    }
    return Markup(_template(mail)) % facts  # noqa: S704  # the words are ours, the rest is escaped


def why(mail: IncomingMail) -> str:
    """Return the reason in a sentence of its own; empty when there is nothing to explain."""
    said = _WHY.get(mail.why)
    if said is not None:
        return str(said)
    if mail.state is IncomingState.FILED and mail.kind in _KIND_WHY:
        return str(_KIND_WHY[mail.kind])
    if mail.state is IncomingState.QUARANTINED:
        return gettext("It cannot be read safely; nothing of it is lost.")
    return ""


def is_put_aside(mail: IncomingMail) -> bool:
    """Return whether somebody has said that the mail is not a case."""
    return mail.state is IncomingState.FILED and mail.why == _NOT_A_CASE


def effect(mail: IncomingMail, case: CaseName) -> str:
    """Return what a reply does to the case, and whether its customer wrote the mail."""
    if mail.kind is not MailKind.PERSON:
        return gettext("A machine wrote the mail: it is shown there and moves nothing.")
    if case.is_closed:
        moves = gettext("As a reply it opens the case again.")
    elif case.status is CaseStatus.WAITING_CUSTOMER:
        moves = gettext("As a reply it is what the case waits for.")
    elif case.status is CaseStatus.UNCLASSIFIED:
        moves = gettext("The case waits to be classified; it gets the mark of news.")
    else:
        moves = gettext("The case is being worked on; it gets the mark of news.")
    if case.contact_email and case.contact_email != mail.from_address:
        return gettext("Its customer writes from another address.") + " " + moves
    return moves


def reasons() -> frozenset[str]:
    """Return the codes that have a sentence, be it that of the state or the kind."""
    kinds = {kind.value for kind in _KIND_WHY}
    return frozenset({*_WHY, *kinds, _NOT_A_CASE, _BY_RULE})


def _template(mail: IncomingMail) -> str:
    if mail.state is IncomingState.FILED and mail.case_id is not None:
        return gettext("Filed with case %(number)s; it moves nothing there.")
    by_hand = mail.handled_by is not None
    if mail.state is IncomingState.FILED and mail.folder and not by_hand:
        return gettext("Filed in the folder %(folder)s, as the rule of its address says.")
    return str((_BY_HAND if by_hand else _BY_ITSELF).get(mail.state) or _BY_ITSELF[mail.state])
