"""What a customer, their mail program or their mail server sends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import getaddresses

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import UnavailableError
from processes.demo.post import customer_mail, customers, program
from processes.demo.post import writing as mails
from processes.demo.post.customer_mail import OpenMail
from processes.demo.post.customers import Customer
from webapp import context
from webapp.demo_mail.blueprint import away, bp, customer, normal, page, world
from webapp.demo_mail.reading import thread_of
from webapp.i18n import language, localtime

_MOST_RECIPIENTS, _MOST_FILES = 20, 20
_LARGEST_FILES = 20_000_000
_LONGEST_SUBJECT, _LONGEST_TEXT = 300, 200_000


@dataclass
class Draft:
    """What is being written, and what is wrong with it by field."""

    to: str
    subject: str
    text: str
    problems: dict[str, list[str]] = field(default_factory=dict)
    receivers: list[str] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)


@bp.get("/<address>/new")
def new(address: str) -> ResponseReturnValue:
    """Begin a mail to us."""
    me = customer(address)
    to = next(iter(customers.ours(context.tx())))
    return _form(me, Draft(to, "", ""))


@bp.post("/<address>/new")
def send_new(address: str) -> ResponseReturnValue:
    """Send a mail that answers nothing."""
    return _send(customer(address), _draft())


@bp.get("/<address>/<folder>/<int:uid>/reply")
def reply(address: str, folder: str, uid: int) -> ResponseReturnValue:
    """Begin an answer, with the mail quoted beneath."""
    me = customer(address)
    with program.opened(world(), address) as box:
        shown = box.open(folder, uid)
    known = shown.line
    attribution = gettext(
        "On %(date)s, %(name)s <%(address)s> wrote:",
        date=localtime(known.sent_at, "full"),
        name=known.from_name,
        address=known.from_address,
    )
    anew = "anew" in request.args
    subject = "" if anew else mails.answer_subject(known.subject)
    to = known.to_addresses if folder == customer_mail.SENT else shown.reply_to
    return _form(me, Draft(to, subject, mails.quoted(shown, attribution)), shown)


@bp.post("/<address>/<folder>/<int:uid>/reply")
def send_reply(address: str, folder: str, uid: int) -> ResponseReturnValue:
    """Send an answer; it names the mail it answers, whatever its subject says."""
    me = customer(address)
    context.give_way()
    with program.opened(world(), address) as box:
        shown = box.open(folder, uid)
    return _send(me, _draft(), shown)


@bp.post("/<address>/<folder>/<int:uid>/away")
def answer_away(address: str, folder: str, uid: int) -> ResponseReturnValue:
    """Send the automatic answer of somebody who is out of the office."""
    me, spoken = customer(address), language()
    done = gettext("The automatic reply is on its way.")

    def _answer(shown: OpenMail) -> None:
        to = _reachable(shown.reply_to)
        message = mails.out_of_office(_sender(me), shown, to, spoken)
        program.send(world(), message, sender=address, to=[to])

    return _react(address, folder, uid, _answer, done)


@bp.post("/<address>/<folder>/<int:uid>/bounce")
def bounce(address: str, folder: str, uid: int) -> ResponseReturnValue:
    """Send what a mail server reports when it could not deliver this mail."""
    customer(address)
    done = gettext("The delivery report is on its way.")

    def _answer(shown: OpenMail) -> None:
        to = _reachable(shown.returned_to or shown.reply_to)
        program.send(world(), mails.delivery_report(address, shown, to), sender="", to=[to])

    return _react(address, folder, uid, _answer, done)


def _react(
    address: str, folder: str, uid: int, answer: Callable[[OpenMail], None], done: str
) -> ResponseReturnValue:
    """Open a mail and answer it without anybody writing."""
    context.give_way()
    try:
        with program.opened(world(), address) as box:
            shown = box.open(folder, uid)
        answer(shown)
    except program.RefusedError as refused:
        flash(gettext("The mail server refused it: %(words)s", words=refused), "bad")
    else:
        flash(done, "ok")
    back = url_for("demo_mail.open_mail", address=address, folder=folder, uid=uid)
    return redirect(back, 303)


def _reachable(address: str) -> str:
    """Return an address mail can go to. Raises RefusedError for what is none."""
    found = normal(address)
    if not found:
        raise program.RefusedError(
            gettext("That is no mail address. It looks like name@example.org.")
        )
    return found


def _send(me: Customer, draft: Draft, answers: OpenMail | None = None) -> ResponseReturnValue:
    """Send what was written; what is wrong with it is said beside the fields."""
    if draft.problems:
        return _form(me, draft, answers, 422)
    context.give_way()
    message = mails.write(
        sender=_sender(me),
        to=draft.receivers,
        subject=draft.subject,
        text=draft.text,
        answers=answers,
        files=draft.files,
    )
    try:
        program.send(world(), message, sender=me.address, to=draft.receivers)
        with program.opened(world(), me.address) as box:
            box.keep(message)
    except program.RefusedError as refused:
        words = gettext("The mail server refused it: %(words)s", words=refused)
        draft.problems = {"to": [words]}
        return _form(me, draft, answers, 422)
    except UnavailableError as error:
        draft.problems = {"text": [away()]}
        return _form(me, draft, answers, error.status)
    flash(gettext("Sent. Casewright looks into its mailbox every few seconds."), "ok")
    return redirect(url_for("demo_mail.box", address=me.address), 303)


def _form(
    me: Customer, draft: Draft, answers: OpenMail | None = None, status: int = 200
) -> ResponseReturnValue:
    try:
        with program.opened(world(), me.address) as box:
            known = customer_mail.threads(box.mails())
    except UnavailableError:
        known = []  # what was typed is shown all the same
    thread = thread_of(known, answers) if answers else None
    shown = {"me": me, "threads": known, "draft": draft, "shown": answers, "thread": thread}
    return page("write", status, **shown)


def _draft() -> Draft:
    """Return what was typed, looked through."""
    typed = request.form
    draft = Draft(
        to=typed.get("to", ""),
        subject=" ".join(typed.get("subject", "").split()),
        text=typed.get("text", "").replace("\x00", ""),
    )
    draft.receivers = [normal(address) for _, address in getaddresses([draft.to])]
    sent = [file for file in request.files.getlist("files") if file.filename]
    if len(sent) <= _MOST_FILES:
        draft.files = [(" ".join((file.filename or "").split()), file.read()) for file in sent]
    size = sum(len(content) for _, content in draft.files)
    checks = {
        "to": (
            0 < len(draft.receivers) <= _MOST_RECIPIENTS and all(draft.receivers),
            gettext("That is no mail address. It looks like name@example.org."),
        ),
        "subject": (
            len(draft.subject) <= _LONGEST_SUBJECT,
            gettext("A subject has at most %(n)s characters.", n=_LONGEST_SUBJECT),
        ),
        "text": (
            0 < len(draft.text.strip()) <= _LONGEST_TEXT,
            gettext("Write something; at most %(n)s characters.", n=_LONGEST_TEXT),
        ),
        "files": (
            len(sent) <= _MOST_FILES and size <= _LARGEST_FILES,
            gettext("At most %(n)s files of 20 MB together; choose them again.", n=_MOST_FILES),
        ),
    }
    draft.problems = {name: [words] for name, (good, words) in checks.items() if not good}
    return draft


def _sender(me: Customer) -> Address:
    name = " ".join(me.name.split()) or me.address.partition("@")[0]
    return Address(display_name=name, addr_spec=me.address)
