"""The request form: anybody may send it, nobody needs an account, machines have a hard time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import AppError, InvalidInputError, NotFoundError
from engine.forms.definition import FormDefinition
from engine.forms.validation import Bound, Lookups, initial, refresh, validate
from processes.cases import numbers
from processes.cases.models import Case
from processes.files.services import Prepared
from processes.people import contacts, rate_limits
from processes.request import services
from processes.request.services import Intake
from webapp import auth
from webapp.context import app, tx
from webapp.files import uploads
from webapp.forms.view import form_view, wants_refresh
from webapp.i18n import language
from webapp.portal import keys
from webapp.portal.blueprint import bp
from webapp.portal.keys import State
from webapp.portal.repeats import sent_before
from webapp.security import csrf
from webapp.sentences import sentence

TRAP = "website"
"""A field no person sees; machines fill it in."""

LARGEST = 500_000
"""Bytes of a whole form: far more than its longest texts."""

_PROCESS, _FORM = "request", "start"
_FORM_ID = "request"
_PRESETS = ("category", "subcategory")


@dataclass(frozen=True)
class Refusal:
    """Why a form is not taken as it is: the sentence, and the status that says so."""

    words: str
    status: int = 422


@bp.get("/request")
def new_request() -> ResponseReturnValue:
    """Show the request form; its address may choose the topic."""
    form, lookups = _form(), _lookups()
    values = {name: request.args[name] for name in _PRESETS if name in request.args}
    guest = auth.visitor()
    if guest is not None:
        values |= {"name": guest.contact.name, "email": guest.contact.email or ""}
    return _page(form, initial(form, values, lookups), key=keys.issue())


@bp.post("/request")
def submit_request() -> ResponseReturnValue:
    """Take a request in; what is wrong with it is said at the fields, and nothing typed is lost."""
    if not request.mimetype.startswith("multipart/"):
        request.max_content_length = LARGEST
    form, lookups, key = _form(), _lookups(), keys.read(request.form.get(keys.FIELD, ""))
    if wants_refresh(request.form):
        return _page(form, refresh(form, request.form, lookups), key=_kept(key))
    bound = validate(form, request.form, lookups, language())
    if not bound.ok:
        return _page(form, bound, key=_kept(key)), 422
    refusal = _suspicion(key)
    files, fault = ([], None) if refusal else _files()
    refusal = refusal or fault or _too_often(str(bound.values["email"]))
    if refusal is not None:
        return _page(form, bound, key=_kept(key), refusal=refusal), refusal.status
    try:
        case = _case(bound, key, files)
    except InvalidInputError as error:
        return _page(form, bound, key=_kept(key), problems=error.fields), 422
    return redirect(url_for("portal.thanks", number=case.number), 303)


csrf.exempt(submit_request)  # the form brings a signed key of its own and needs no cookie


@bp.get("/request/thanks")
def thanks() -> ResponseReturnValue:
    """Show the number of a request that has just been sent, and what happens next."""
    number = numbers.normal(request.args.get("number", "")[:40])
    if number is None:
        raise NotFoundError
    return render_template("portal/thanks.html", number=number)


def _files() -> tuple[list[tuple[Prepared, str]], Refusal | None]:
    """Bring what came along to the store, or say why it cannot be taken."""
    try:
        return uploads.bring(request.remote_addr or ""), None
    except AppError as error:
        return [], Refusal(sentence(error), error.status)


def _case(bound: Bound, key: keys.Key, files: Sequence[tuple[Prepared, str]]) -> Case:
    """Return the new case; for a form sent twice the case it made the first time."""
    told = {name: str(value) for name, value in bound.values.items() if value is not None}
    is_first = keys.spend(tx(), key.raw)
    known = None if is_first else sent_before(tx(), told["email"], told["description"])
    if known is not None:
        return known
    intake = Intake(
        name=told["name"],
        email=told["email"],
        category=told["category"],
        subcategory=told["subcategory"],
        description=told["description"],
        language=language(),
        subject=told.get("subject", ""),
        phone=told.get("phone", ""),
        files=files,
    )
    return services.submit_request(app(), tx(), intake)


def _suspicion(key: keys.Key) -> Refusal | None:
    """Return why this may not come from a person who has seen our form."""
    if request.form.get(TRAP):
        return Refusal(gettext("Please leave the field “Website” empty and send once more."))
    if key.state is State.FORGED:
        return Refusal(gettext("Please check what you entered and send it once more."), 400)
    if key.state is State.TOO_FAST:
        return Refusal(gettext("That was very fast. Please read it over and send it once more."))
    if key.state is State.TOO_OLD:
        return Refusal(gettext("This page was open for a long time. Please send it once more."))
    return None


def _too_often(email: str) -> Refusal | None:
    """Count what is sent for an address and from a place; only what is taken in counts."""
    here = rate_limits.hit(tx(), rate_limits.PORTAL_REQUEST_PLACE, request.remote_addr or "")
    address = contacts.normal_email(email) or ""
    if rate_limits.hit(tx(), rate_limits.PORTAL_REQUEST, address) and here:
        return None
    words = gettext("We have had very many requests from you. Please try again in an hour.")
    return Refusal(words, 429)


def _kept(key: keys.Key) -> str:
    """Return the key for the next try: the same one as long as it is good."""
    return key.raw if key.state in {State.GOOD, State.TOO_FAST} else keys.issue()


def _form() -> FormDefinition:
    return app().engine.definitions.active(tx(), _PROCESS).form(_PROCESS, _FORM)


def _lookups() -> Lookups:
    return app().lookups(tx(), language())


def _page(
    form: FormDefinition,
    bound: Bound,
    *,
    key: str,
    refusal: Refusal | None = None,
    problems: Mapping[str, Sequence[str]] | None = None,
) -> str:
    view = form_view(form, bound, language(), form_id=_FORM_ID, problems=problems)
    return render_template(
        "portal/request.html",
        form=view,
        key=key,
        key_name=keys.FIELD,
        trap=TRAP,
        refusal=refusal.words if refusal else "",
        again=any(each.filename for each in request.files.getlist(uploads.FIELD)),
    )
