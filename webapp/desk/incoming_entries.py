"""Mails of customers in the conversation: what an agent must know beyond their words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from processes.cases.desk import Entry
from processes.cases.models import Activity, Case
from processes.mail.notes import LONGEST_QUOTE, MailNote
from processes.mail.thread_headers import bare
from webapp.desk.mail_frame import SANDBOX


@dataclass(frozen=True)
class Mark:
    """Something to be careful about."""

    words: str
    tone: str
    why: str


@dataclass(frozen=True)
class IncomingEntry:
    """A mail that came in, as its entry shows it."""

    mail_id: int
    address: str
    """Of the writer, when it is not the one of the customer."""
    subject: str
    """When it is not that of the case."""
    quoted: str
    is_cut: bool
    """More is quoted than is shown here, or the text itself is longer."""
    has_html: bool
    unread: bool
    marks: list[Mark]
    sandbox: str = SANDBOX
    """What its HTML may do."""


def incoming_entries(entries: Sequence[Entry], case: Case) -> dict[int, IncomingEntry]:
    """Return the mails among these entries, by entry."""
    return {
        entry.activity.id: _incoming_entry(entry.activity, entry.note, case)
        for entry in entries
        if entry.note is not None
    }


def _incoming_entry(activity: Activity, note: MailNote, case: Case) -> IncomingEntry:
    customer = (case.contact.email if case.contact else "") or ""
    data = activity.data or {}
    return IncomingEntry(
        mail_id=note.id,
        address=note.from_address if note.from_address != customer else "",
        subject=note.subject if bare(note.subject).lower() != bare(case.subject).lower() else "",
        quoted=note.quoted[:LONGEST_QUOTE],
        is_cut=len(note.quoted) > LONGEST_QUOTE or bool(data.get("cut")),
        has_html=note.has_html,
        unread=note.unread,
        marks=_marks(activity),
    )


def _marks(activity: Activity) -> list[Mark]:
    data = activity.data or {}
    found: list[Mark] = []
    if data.get("stranger"):
        why = gettext("It carries the token of the case, but its writer takes no part in it.")
        found.append(Mark(gettext("Stranger"), "warn", why))
    if data.get("doubtful"):
        why = gettext("Our mail server could not confirm that the sender is who it says.")
        found.append(Mark(gettext("Sender not confirmed"), "bad", why))
    if data.get("staff"):
        why = gettext("Anybody can write such an address; it moves nothing and stays internal.")
        found.append(Mark(gettext("From a colleague's address"), "warn", why))
    if data.get("linked_by"):
        why = gettext("%(name)s linked it by hand.", name=data["linked_by"])
        found.append(Mark(gettext("Linked by hand"), "", why))
    return found
