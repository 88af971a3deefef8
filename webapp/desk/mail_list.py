"""The list of mails: its folders, its search, and the list beside an open mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, lazy_gettext

from processes.cases import desk_mail
from processes.cases.desk_mail import Around, CaseName
from processes.mail import inbox
from processes.mail.inbox import COUNTED, Counts, Folder, MailPage, MailRow, View
from webapp.auth import requires, staff
from webapp.context import tx
from webapp.desk import mail_place, mail_words
from webapp.desk.blueprint import bp
from webapp.desk.mail_place import MailPlace
from webapp.desk.mail_words import Outcome
from webapp.numbers import whole_number

PER_PAGE = 40

_NAMES: Mapping[View, LazyString] = {
    "waiting": lazy_gettext("To decide"),
    "unread": lazy_gettext("Unread"),
    "all": lazy_gettext("All"),
    "aside": lazy_gettext("Put aside"),
    "quarantine": lazy_gettext("Quarantine"),
}
_EMPTY: Mapping[View, tuple[LazyString, LazyString]] = {
    "waiting": (
        lazy_gettext("Nothing waits for a decision"),
        lazy_gettext("Mail that belongs to no case appears here when its mailbox says so."),
    ),
    "unread": (
        lazy_gettext("Everything is read"),
        lazy_gettext("New mail appears here by itself."),
    ),
    "all": (lazy_gettext("No mail yet"), lazy_gettext("What comes in appears here by itself.")),
    "aside": (
        lazy_gettext("Nothing was put aside"),
        lazy_gettext("Automatic replies, newsletters and what is not a case are kept here."),
    ),
    "quarantine": (
        lazy_gettext("Nothing is held back"),
        lazy_gettext("Mail that cannot be read safely is kept here, with the reason."),
    ),
}


@dataclass(frozen=True)
class Tab:
    """A folder beside the others."""

    folder: Folder
    words: str
    count: str
    here: bool


@dataclass(frozen=True)
class MailListing:
    """Some mails of a folder, with the folders beside it."""

    place: MailPlace
    counts: Counts
    page: MailPage
    names: Mapping[int, CaseName]
    """Cases the rows speak of."""
    around: Around

    @property
    def rows(self) -> list[MailRow]:
        """Return the lines, latest first."""
        return self.page.rows

    @property
    def title(self) -> str:
        """Return the name of the folder."""
        here = self.place.folder
        return here.alias or str(_NAMES[here.view])

    @property
    def views(self) -> list[Tab]:
        """Return the fixed folders."""
        numbers: dict[str, int] = {
            "waiting": self.counts.waiting,
            "unread": self.counts.unread,
            "quarantine": self.counts.quarantine,
        }
        return [self._tab(Folder(view), str(_NAMES[view]), numbers.get(view, 0)) for view in _NAMES]

    @property
    def folders(self) -> list[Tab]:
        """Return the folders of aliases, with how many unread mails each has."""
        unread = self.counts.unread_by_folder
        return [self._tab(Folder(alias=name), name, number) for name, number in unread.items()]

    @property
    def empty(self) -> tuple[str, str]:
        """Return what to say when there is nothing."""
        if self.place.folder.alias:
            return gettext("This folder is empty"), gettext("Mail to its address is filed here.")
        title, words = _EMPTY[self.place.folder.view]
        return str(title), str(words)

    @property
    def to_do(self) -> str:
        """Return the number on the rail; empty when nothing is to be done."""
        return told(self.counts.to_do)

    def outcome(self, row: MailRow) -> Outcome:
        """Return what became of the mail of a line."""
        return mail_words.outcome(row, self.names)

    def _tab(self, folder: Folder, words: str, number: int) -> Tab:
        return Tab(folder, words, told(number), here=folder == self.place.folder)


def told(number: int) -> str:
    """Return a number as one reads it; empty for none."""
    return f"{COUNTED - 1}+" if number >= COUNTED else str(number or "")


def listing(here: MailPlace, counts: Counts, keep: int = 0, *more: int | None) -> MailListing:
    """Return the mails of a place; `keep` is the open one, `more` further cases to name."""
    page = inbox.list_mails(
        tx(),
        here.folder,
        q=here.q,
        before=here.before,
        after=here.after,
        keep=keep,
        per_page=PER_PAGE,
    )
    spoken = [case_id for row in page.rows for case_id in (row.case_id, row.maybe_case_id)]
    names = desk_mail.names(tx(), [*spoken, *more])
    return MailListing(here, counts, page, names, desk_mail.around(tx(), staff()))


@bp.get("/mail")
@requires("requests", "read")
def mails() -> ResponseReturnValue:
    """Show the list of mails alone."""
    return _render("desk/mails.html", 0)


@bp.get("/mail/list")
@requires("requests", "read")
def mail_list() -> ResponseReturnValue:
    """Send the list anew to a page that shows it."""
    opened = whole_number(request.args.get("open", ""))
    return _render("desk/mail/rows_anew.html", opened or 0)


def _render(template: str, open_id: int, **more: Any) -> str:
    counts = inbox.counts(tx())
    shown = listing(mail_place.asked(counts), counts, open_id)
    return render_template(template, listing=shown, open_id=open_id, **more)
