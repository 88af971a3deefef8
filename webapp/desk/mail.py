"""The page of one mail, and what of it is sent anew when something happens."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from processes.cases import mail_marks, presence
from processes.mail import inbox
from webapp.auth import requires, staff
from webapp.context import by_script, tx
from webapp.desk import mail_page
from webapp.desk.blueprint import bp
from webapp.desk.mail_answers import done, render


@bp.get("/mail/<int:mail_id>")
@requires("requests", "read")
def mail(mail_id: int) -> ResponseReturnValue:
    """Show a mail beside the list it stands in."""
    return render(mail_page.sheet(mail_id))


@bp.get("/mail/<int:mail_id>/head")
@requires("requests", "read")
def mail_head(mail_id: int) -> ResponseReturnValue:
    """Send what may have changed; what stands in the search for a case is left alone."""
    return render(mail_page.sheet(mail_id), "desk/mail/live.html")


@bp.get("/mail/<int:mail_id>/cases")
@requires("requests", "read")
def mail_cases(mail_id: int) -> ResponseReturnValue:
    """Send the cases that fit what is being typed."""
    return render(mail_page.sheet(mail_id, linking=True), "desk/mail/offered.html")


@bp.post("/mail/<int:mail_id>/read")
@requires("requests", "read")
def read_mail(mail_id: int) -> ResponseReturnValue:
    """Note that the mail was read: it is read for everybody."""
    mail_marks.mark_read(tx(), inbox.open_mail(tx(), mail_id).mail)
    return "" if by_script() else done(mail_id, "")


@bp.post("/mail/<int:mail_id>/look")
@requires("requests", "read")
def look_at_mail(mail_id: int) -> ResponseReturnValue:
    """Note that somebody has the mail open, or has left it; say who else has it open."""
    if request.form.get("leaves"):
        presence.leave(tx(), staff())
        return "", 204
    found = inbox.open_mail(tx(), mail_id).mail
    presence.look(tx(), found.id, staff())
    others = presence.others(tx(), found.id, staff())
    return render_template("desk/mail/others.html", others=others, mail_id=found.id)
