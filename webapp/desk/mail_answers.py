"""Answers to what an agent does with a mail."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.context import by_script, give_up
from webapp.desk import mail_place
from webapp.desk.mail_frame import SANDBOX
from webapp.desk.mail_page import MailSheet, sheet


def render(shown: MailSheet, template: str = "desk/mail.html", **more: Any) -> str:
    """Return the page of a mail or a part of it."""
    return render_template(
        template,
        sheet=shown,
        listing=shown.listing,
        open_id=shown.mail.id,
        sandbox=SANDBOX,
        **more,
    )


def done(mail_id: int, words: str) -> ResponseReturnValue:
    """Say what was done and show the mail as it is now."""
    if words:
        flash(words, "ok")
    if not by_script():
        return redirect(url_for("desk.mail", mail_id=mail_id, **_place(mail_id)), 303)
    return render(sheet(mail_id, linking=False), "desk/mail/answer.html")


def back(mail_id: int, words: str) -> ResponseReturnValue:
    """Say what was done and show the list alone."""
    flash(words, "ok")
    address = url_for("desk.mails", **_place(mail_id))
    return ("", 204, {"HX-Redirect": address}) if by_script() else redirect(address, 303)


def refused(mail_id: int, words: str, status: int, *, linking: bool) -> ResponseReturnValue:
    """Throw away what was begun, say why, and show the mail with what was typed."""
    give_up()
    shown = sheet(mail_id, trouble=words, linking=linking)
    return render(shown, "desk/mail/answer.html" if by_script() else "desk/mail.html"), status


def _place(mail_id: int) -> dict[str, Any]:
    """Return the folder the agent works from; nothing when the address names none."""
    return mail_place.fitting(mail_id).args() if mail_place.is_named() else {}
