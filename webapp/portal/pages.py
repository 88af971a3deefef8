"""A customer's own requests: the list, one request, and what can be said to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import AppError, InvalidInputError, NotFoundError, NotWaitingError
from engine.forms.formats import UNSTORABLE
from engine.forms.validation import Problem
from processes.cases import settings
from processes.cases.models import Case
from processes.cases.policies import visitor_may_see
from processes.cases.queries import cases_of_contact, get_case, timeline
from processes.cases.timeline import Author
from processes.closure.services import customer_agrees
from processes.files.queries import of_activities
from processes.files.services import claim
from processes.request.services import receive_reply
from webapp.auth import Visitor, requires_visitor, visitor
from webapp.context import app, give_up, tx
from webapp.files import uploads
from webapp.forms.sentences import problem_sentence
from webapp.portal import keys
from webapp.portal.blueprint import bp
from webapp.portal.stages import stages
from webapp.portal.story import answer, days, question, situation
from webapp.sentences import sentence

View = Callable[..., ResponseReturnValue]

LONGEST = 20_000
"""Letters a message may have, as `processes.cases.services.checked` takes them."""

_MENDABLE = frozenset({409, 413, 422, 429, 503, 507})
"""Answers after which the form is shown again with what was typed."""


@dataclass(frozen=True)
class _Draft:
    """A message that could not be taken in, and why."""

    text: str = ""
    sent: Sequence[str] = ()
    """Keys of its files."""
    error: AppError | None = None

    @property
    def problems(self) -> list[str]:
        """Return what is wrong with the text."""
        fields = self.error.fields if isinstance(self.error, InvalidInputError) else {}
        facts = {"label": gettext("Your message"), "max": LONGEST}
        return [problem_sentence(Problem(code, facts)) for code in fields.get("text", ())]

    @property
    def file_problem(self) -> str:
        """Return what is wrong with the files, or with the message as a whole."""
        return sentence(self.error) if self.error is not None and not self.problems else ""


_NOTHING = _Draft()


def requires_own_case(view: View) -> View:
    """Give the view its case; one that is not there and one that is not theirs read the same."""

    @wraps(view)
    def guarded(number: str, **more: Any) -> ResponseReturnValue:
        try:
            case = get_case(tx(), number)
        except NotFoundError:
            case = None
        if case is None or not visitor_may_see(_guest(), case):
            back = url_for("portal.show_case", number=number)
            return render_template("portal/missing.html", back=back), 404
        return view(case, **more)

    return guarded


@bp.get("/")
@requires_visitor
def cases() -> ResponseReturnValue:
    """Show the customer's requests, those that wait for them first."""
    guest = _guest()
    found = cases_of_contact(tx(), guest.contact_id, only_case=guest.case_id)
    told = [(case, situation(case)) for case in found]
    groups = {
        "yours": [each for each in told if each[1] in {"deciding", "waiting"}],
        "ours": [each for each in told if each[1] in {"new", "working"}],
        "closed": [each for each in told if each[1] == "closed"],
    }
    return render_template("portal/cases.html", groups=groups, limited=guest.case_id is not None)


@bp.get("/cases/<number>")
@requires_visitor
@requires_own_case
def show_case(case: Case) -> ResponseReturnValue:
    """Show a request: how far it is, what we need, what was said."""
    return _page(case)


@bp.post("/cases/<number>/messages")
@requires_visitor
@requires_own_case
def reply(case: Case) -> ResponseReturnValue:
    """Take in what the customer writes; a closed request opens again by it."""
    text = UNSTORABLE.sub("", request.form.get("text", ""))
    sent = request.form.getlist(uploads.KEYS)
    try:
        sent = uploads.collect()
        return _take_in(get_case(tx(), case.number), text, sent)
    except AppError as error:
        if error.status not in _MENDABLE:
            raise
        give_up()
        return _page(get_case(tx(), case.number), _Draft(text, sent, error)), error.status


@bp.post("/cases/<number>/agreement")
@requires_visitor
@requires_own_case
def agree(case: Case) -> ResponseReturnValue:
    """Take in that the customer agrees with the final answer: the request is closed."""
    try:
        customer_agrees(app(), tx(), case, _author())
    except NotWaitingError:
        tx().expire_all()
        return _page(get_case(tx(), case.number), has_moved=True), 409
    flash(gettext("Thank you. Your request is closed."), "ok")
    return redirect(url_for("portal.show_case", number=case.number), 303)


def _take_in(case: Case, text: str, sent: Sequence[str]) -> ResponseReturnValue:
    """Put a message with its files on the request, once however often it is sent."""
    key = keys.read(request.form.get(keys.FIELD, ""))
    here = url_for("portal.show_case", number=case.number)
    if key.state is not keys.State.FORGED and not keys.spend(tx(), key.raw):
        return redirect(here, 303)  # it has arrived the first time
    thanks = _taken_in(case)
    entry = receive_reply(app(), tx(), case, text, author=_author(), medium="portal")
    for attachment in claim(tx(), sent, _guest().actor):
        attachment.activity_id = entry.id
    flash(thanks, "ok")
    return redirect(f"{here}#entry-{entry.id}", 303)


def _page(case: Case, draft: _Draft = _NOTHING, *, has_moved: bool = False) -> str:
    told = timeline(tx(), case, public_only=True)
    thread = days(told, _guest().actor)
    return render_template(
        "portal/case.html",
        case=case,
        situation=situation(case),
        stages=stages(tx(), case),
        days=thread,
        question=question(thread),
        answer=answer(thread, case),
        company=settings.get(tx(), settings.COMPANY),
        text=draft.text,
        sent=uploads.listed(draft.sent),
        files=of_activities(tx(), [entry.id for entry in told]),
        longest=LONGEST,
        problems=draft.problems,
        file_problem=draft.file_problem,
        has_moved=has_moved,
        key=keys.issue(),
        key_name=keys.FIELD,
    )


def _taken_in(case: Case) -> str:
    """Return what to say once a message is there, by what the request is before it."""
    if case.is_closed:
        words = gettext("Your message has arrived, and your request is open again.")
    elif case.assignee is None:
        words = gettext("Your message has arrived.")
    else:
        words = gettext("Your message has arrived. %(name)s is told.", name=case.assignee.name)
    return str(words)


def _author() -> Author:
    guest = _guest()
    return Author(guest.actor, guest.contact.name)


def _guest() -> Visitor:
    found = visitor()
    if found is None:
        raise NotFoundError
    return found
