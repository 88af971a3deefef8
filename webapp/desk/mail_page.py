"""Everything the page of one mail shows, read in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext

from processes.cases import desk_mail, presence
from processes.cases.desk_mail import CaseName
from processes.files.models import Attachment
from processes.mail import inbox
from processes.mail.inbox import MailFile, MailRow
from processes.mail.models import IncomingMail, IncomingState, MailKind
from processes.mail.reading import html
from webapp.auth import may, staff
from webapp.context import tx
from webapp.desk import mail_list, mail_place, mail_source, mail_words
from webapp.desk.mail_list import MailListing
from webapp.desk.mail_place import MailPlace

VIEWS = ("text", "sent", "source")
"""The writer's words; the mail as it was sent; the raw message."""

_OPEN = frozenset({IncomingState.WAITING, IncomingState.FILED, IncomingState.QUARANTINED})
_LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Linking:
    """The search for the case a mail belongs to."""

    q: str
    cases: Sequence[CaseName]
    as_reply: bool
    """Whether the mail counts as the customer's word."""


@dataclass(frozen=True)
class MailSheet:
    """One mail as an agent sees it."""

    file: MailFile
    listing: MailListing
    view: str
    """One of VIEWS."""
    pictures: bool
    """The reader has asked for pictures from the internet, for this one view."""
    others: list[str]
    """Colleagues who have it open."""
    linking: Linking | None
    """None while nobody searches."""
    trouble: str
    """Why the last action could not be done."""
    may_write: bool

    @property
    def mail(self) -> IncomingMail:
        """Return the mail itself."""
        return self.file.mail

    @property
    def place(self) -> MailPlace:
        """Return the folder it was opened from."""
        return self.listing.place

    @property
    def case(self) -> CaseName | None:
        """Return the case it belongs to."""
        return self.listing.names.get(self.mail.case_id or 0)

    @property
    def maybe(self) -> CaseName | None:
        """Return the case it may belong to, without proof."""
        return self.listing.names.get(self.mail.maybe_case_id or 0)

    @property
    def sentence(self) -> str:
        """Return what became of it."""
        return mail_words.sentence(self.mail, self.case)

    @property
    def why(self) -> str:
        """Return the reason, in a sentence."""
        return mail_words.why(self.mail)

    @property
    def kind(self) -> str:
        """Return what it is when no person wrote it."""
        return mail_words.kind(self.mail)

    @property
    def title(self) -> str:
        """Return the subject, or what stands in its place."""
        return self.mail.subject or gettext("Mail without a subject")

    @property
    def sender(self) -> str:
        """Return whom the mail says it is from."""
        return self.mail.from_name or self.mail.from_address or gettext("Unknown sender")

    @property
    def to(self) -> list[tuple[str, str]]:
        """Return names and addresses of the readers, as the sender wrote them."""
        return _people(self.mail, "to")

    @property
    def cc(self) -> list[tuple[str, str]]:
        """Return names and addresses of the further readers."""
        return _people(self.mail, "cc")

    @property
    def is_undecided(self) -> bool:
        """Return whether somebody has to say what becomes of it."""
        return self.mail.state is IncomingState.WAITING

    @property
    def is_held_back(self) -> bool:
        """Return whether it is in quarantine."""
        return self.mail.state is IncomingState.QUARANTINED

    @property
    def can_be_handled(self) -> bool:
        """Return whether a case can be made of it or it can be linked to one."""
        return self.may_write and _is_open(self.mail)

    @property
    def can_be_put_aside(self) -> bool:
        """Return whether somebody may say that it is not a case."""
        return self.can_be_handled and self.mail.state is not IncomingState.FILED

    @property
    def listed(self) -> list[Attachment]:
        """Return the files that are not part of the text."""
        return [each for each in self.file.attachments if not each.inline]

    @property
    def neighbours(self) -> tuple[MailRow | None, MailRow | None]:
        """Return the mails before and after this one in the list."""
        rows = self.listing.rows
        at = next((i for i, row in enumerate(rows) if row.id == self.mail.id), None)
        if at is None:
            return None, None
        before = rows[at - 1] if at > 0 else None
        return before, rows[at + 1] if at + 1 < len(rows) else None

    @property
    def may_come_back(self) -> bool:
        """Return whether somebody has put it aside, and it may be taken up again."""
        return self.may_write and mail_words.is_put_aside(self.mail)

    @property
    def is_from_person(self) -> bool:
        """Return whether it can be a customer's reply: no machine wrote it."""
        return self.mail.kind is MailKind.PERSON

    @property
    def has_remote_pictures(self) -> bool:
        """Return whether it shows pictures of other servers."""
        return html.has_remote_pictures(self.mail.html)

    @property
    def source(self) -> tuple[str, bool]:
        """Return how the raw message begins, and whether that is all."""
        return mail_source.beginning(self.mail)

    def effect(self, case: CaseName) -> str:
        """Return what linking to the case brings about."""
        return mail_words.effect(self.mail, case)

    def address(self, **more: Any) -> str:
        """Return the address of this mail, seen in another way."""
        return self.place.of_mail(self.mail.id, **more)


def sheet(mail_id: int, *, trouble: str = "", linking: bool | None = None) -> MailSheet:
    """Return the page of a mail. Raises NotFoundError.

    `linking` opens the search for a case; None leaves that to the address.
    """
    file = inbox.open_mail(tx(), mail_id)
    mail = file.mail
    counts = inbox.counts(tx())
    here = mail_place.fitting(mail_id)
    searches = request.args.get("do") == "link" if linking is None else linking
    return MailSheet(
        file=file,
        listing=mail_list.listing(here, counts, mail_id, mail.case_id, mail.maybe_case_id),
        view=next((view for view in VIEWS if view == request.args.get("show")), VIEWS[0]),
        pictures=request.args.get("pictures") == "1",
        others=presence.others(tx(), mail_id, staff()),
        linking=search(mail) if searches and (trouble or _is_open(mail)) else None,
        trouble=trouble,
        may_write=may("requests", "write"),
    )


def search(mail: IncomingMail) -> Linking:
    """Return the cases that fit what was typed, or those to offer first."""
    q = request.values.get("find", "").replace("\0", " ").strip()[:_LONGEST_SEARCH]
    was_sent = "find" in request.values
    as_reply = request.values.get("reply") == "1" if was_sent else True
    return Linking(q, desk_mail.offered(tx(), mail, q), as_reply)


def _is_open(mail: IncomingMail) -> bool:
    """Return whether nobody has decided about the mail yet."""
    return mail.state in _OPEN and mail.case_id is None and mail.handled_by_id is None


def _people(mail: IncomingMail, kind: str) -> list[tuple[str, str]]:
    found = (mail.recipients or {}).get(kind, [])
    return [(str(name), str(address)) for name, address in found]
