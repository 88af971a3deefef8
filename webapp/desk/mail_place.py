"""Which folder of the inbox an agent works from; it goes along in the address."""

from dataclasses import dataclass, field, replace
from typing import Any

from flask import request, url_for

from processes.mail.inbox import VIEWS, Counts, Folder
from webapp.numbers import LARGEST_ID, whole_number

_LONGEST_SEARCH = 100
_LONGEST_FOLDER = 80


@dataclass(frozen=True)
class MailPlace:
    """A folder, what is searched in it, and from which mail on."""

    folder: Folder = field(default_factory=Folder)
    q: str = ""
    before: int = 0
    """Only mails older than this one; 0 for the newest."""
    after: int = 0
    """Only mails newer than this one."""

    def args(self, **changed: Any) -> dict[str, Any]:
        """Return the place as arguments of an address, without what goes without saying."""
        where = {"alias": self.folder.alias} if self.folder.alias else {"folder": self.folder.view}
        found = {**where, "q": self.q, "before": self.before, "after": self.after, **changed}
        return {name: value for name, value in found.items() if value}

    def at(self, folder: Folder) -> "MailPlace":
        """Return the beginning of another folder."""
        return MailPlace(folder)

    def address(self, **changed: Any) -> str:
        """Return the address of the list."""
        return url_for("desk.mails", **self.args(**changed))

    def of_mail(self, mail_id: int, **more: Any) -> str:
        """Return the address of a mail, opened from here."""
        return url_for("desk.mail", mail_id=mail_id, **self.args(), **more)

    def action(self, endpoint: str, mail_id: int, **more: Any) -> str:
        """Return the address of something done with a mail; afterwards one is here again."""
        return url_for(f"desk.{endpoint}", mail_id=mail_id, **self.args(), **more)


def asked(counts: Counts) -> MailPlace:
    """Return the place the address names; else the first folder with something to do."""
    named = _named()
    if named is not None:
        return named
    q = _search()
    if q or not (counts.waiting or counts.unread):
        return MailPlace(Folder("all"), q)
    return MailPlace(Folder("waiting" if counts.waiting else "unread"))


def fitting(mail_id: int) -> MailPlace:
    """Return the place of the address, or else all mail from this one on."""
    return _named() or MailPlace(Folder("all"), before=min(mail_id + 1, LARGEST_ID))


def is_named() -> bool:
    """Return whether the address names a place."""
    return _named() is not None


def _named() -> MailPlace | None:
    alias = request.args.get("alias", "").replace("\0", "")[:_LONGEST_FOLDER]
    view = next((view for view in VIEWS if view == request.args.get("folder")), None)
    if not alias and view is None:
        return None
    here = MailPlace(Folder(alias=alias) if alias else Folder(view or "all"), _search())
    after, before = _id("after"), _id("before")
    return replace(here, after=after) if after else replace(here, before=before)


def _search() -> str:
    return request.args.get("q", "").replace("\0", " ").strip()[:_LONGEST_SEARCH]


def _id(name: str) -> int:
    """Return an id of the address; what makes no sense counts as not said."""
    return whole_number(request.args.get(name, "")) or 0
