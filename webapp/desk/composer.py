"""What the box for a reply begins with."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from processes.cases.desk import Entry
from processes.cases.models import ActivityKind, Case, Direction
from processes.cases.outgoing_mail import usual_subject
from processes.cases.threads import is_unproved
from processes.cases.writing_aids import Aids, aids
from processes.files.models import Attachment
from processes.mail.rich import from_html
from webapp.context import tx
from webapp.desk.conversation import Line
from webapp.desk.steps import Draft
from webapp.files.uploads import KEYS, listed

PANEL = "reply"


@dataclass(frozen=True)
class Composer:
    """The first values of a reply, and what helps to write it."""

    aids: Aids
    subject: str
    """As it is sent unless it is changed."""
    html: str
    """What was written before, in its form; empty for a fresh reply or plain text."""
    held: Line | None
    """The reply that can still be taken back."""
    files: Sequence[Attachment]
    """Uploads that go along."""


def composer(
    case: Case, entries: Sequence[Entry], lines: Sequence[Line], draft: Draft | None
) -> Composer:
    """Return what the box for a reply to this case begins with."""
    mine = draft is not None and draft.panel == PANEL
    written = draft.text("html") if draft is not None and mine else ""
    return Composer(
        aids=aids(tx(), case),
        subject=usual_subject(case, _latest_subject(entries), case.language),
        html=from_html(written).html if written else "",
        files=listed(_keys(draft)) if draft is not None and mine else (),
        held=next(
            (line for line in reversed(lines) if line.delivery and line.delivery.leaves_at), None
        ),
    )


def _keys(draft: Draft) -> list[str]:
    """Return the uploads a form brought."""
    return draft.sent.getlist(KEYS) if isinstance(draft.sent, MultiDict) else []


def _latest_subject(entries: Sequence[Entry]) -> str:
    """Return the subject of the customer's latest mail; empty when none came."""
    mails = (
        entry.activity.subject
        for entry in reversed(entries)
        if entry.activity.kind is ActivityKind.MAIL
        and entry.activity.direction is Direction.IN
        and not entry.activity.internal
        and not is_unproved(entry.activity.data)
    )
    return next(mails, "")
