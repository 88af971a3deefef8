"""Every mail the product has written, sent or not."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFoundError
from processes.mail import queries as mails
from processes.mail.models import MailState
from webapp.admin import cases
from webapp.admin.blueprint import bp
from webapp.auth import requires
from webapp.context import app, tx
from webapp.paging import asked_page
from webapp.security import draws_diagram

PER_PAGE = 50


@bp.get("/outbox")
@requires("settings", "read")
def outbox() -> ResponseReturnValue:
    """Show the mails, the newest first."""
    asked = request.args.get("state", "")
    state = MailState(asked) if asked in set(MailState) else None
    counts = mails.counts(tx())
    total = sum(counts.values()) if state is None else counts[state]
    pages = max(1, -(-total // PER_PAGE))
    page = min(asked_page(), pages)
    rows, _ = mails.outbox(tx(), state=state, page=page, per_page=PER_PAGE)
    return render_template(
        "admin/outbox.html",
        state=state,
        states=list(MailState),
        counts=counts,
        total=sum(counts.values()),
        mails=rows,
        numbers=cases.numbers(tx(), (str(row.case_id) for row in rows if row.case_id)),
        has_server=app().gateway is not None,
        page=page,
        pages=pages,
        page_address=lambda number: url_for("admin.outbox", state=state, page=number),
    )


@bp.get("/outbox/<int:mail_id>")
@requires("settings", "read")
def mail(mail_id: int) -> ResponseReturnValue:
    """Show one mail as text and as its reader sees it."""
    found = mails.get_mail(tx(), mail_id)
    if found is None:
        raise NotFoundError
    draws_diagram()  # a mail carries its style in attributes, and its frame obeys our policy
    number = cases.numbers(tx(), [str(found.case_id)]) if found.case_id else {}
    return render_template(
        "admin/mail.html",
        mail=found,
        case_number=number.get(str(found.case_id), ""),
        has_server=app().gateway is not None,
    )
