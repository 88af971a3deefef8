"""Making small pictures of files: slow work for one child of the pool, never an incident."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import jobs
from engine.errors import AppError
from engine.jobs import Claimed
from processes.bootstrap import App
from processes.cases import changes, mail_marks
from processes.cases.models import Activity
from processes.files import previews
from processes.files.models import Attachment
from processes.files.services import PREVIEW

__all__ = ["PREVIEW", "make"]

_log = logging.getLogger("workers")


def make(app: App, job: Claimed) -> bool:
    """Make the pictures a job asks for and show them on open pages; False when it is outdated.

    A file that cannot be drawn simply has none, also one whose drawing ended its worker each time.
    """
    sha256 = str(job.payload["sha256"])
    made = job.attempts <= job.max_attempts and _made(app, sha256)
    with app.db.write() as session:
        previews.note(session, sha256, made=made)
        if made:
            _tell_pages(session, sha256)
        return jobs.finish(session, job)


def _made(app: App, sha256: str) -> bool:
    try:
        return previews.make(app.settings, sha256)
    except AppError as error:  # the store is away or full: it is a picture, nobody waits for it
        _log.info("preview_failed sha256=%s error=%r", sha256, error)
        return False


def _tell_pages(session: Session, sha256: str) -> None:
    """Have the pages of cases and mails that show the file draw themselves anew."""
    query = (
        select(Activity.case_id)
        .join(Attachment, Attachment.activity_id == Activity.id)
        .where(Attachment.sha256 == sha256)
        .distinct()
    )
    for case_id in session.scalars(query).all():
        changes.record(session, "case", case_id)
    mails = select(Attachment.incoming_mail_id).where(
        Attachment.sha256 == sha256, Attachment.incoming_mail_id.is_not(None)
    )
    for mail_id in session.scalars(mails.distinct()).all():
        mail_marks.tell(session, mail_id or 0)
