"""The area of the demo's mail program, and what all its pages know."""

import re
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext

from engine.errors import ConflictError, NotFoundError, UnavailableError
from processes.demo.post import customers
from processes.demo.post.place import Place, at
from webapp import context

bp = Blueprint("demo_mail", __name__, url_prefix="/demo/mail")

_ADDRESS = re.compile(r"[A-Za-z0-9.!$&'*+=^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,180}[a-z0-9])?")


class OwnMailboxError(ConflictError):
    """{address} is a mailbox of the house, which reads it by itself."""

    code = "own_mailbox"


def world() -> Place:
    """Return the mail world of this demo.

    Raises NotFoundError when it has none, as when it was installed without the extra `demo`.
    """
    place = at(context.app().settings.data_dir)
    if place is None:
        raise NotFoundError
    return place


def customer(address: str) -> customers.Customer:
    """Return whose mailbox an address is.

    Raises NotFoundError for what is no address, OwnMailboxError for one of the house.
    """
    if not address or address != normal(address):
        raise NotFoundError
    session = context.tx()
    if customers.is_ours(session, address):
        raise OwnMailboxError(address=address)
    return customers.Customer(address, customers.name_of(session, address))


def normal(typed: str) -> str:
    """Return an address as it stands in links; nothing when it is none."""
    lowered = typed.strip().lower()
    return lowered if _ADDRESS.fullmatch(lowered) else ""


def page(template: str, status: int = 200, **known: Any) -> Response:
    """Return a page of the mail program, with the list of customers at its side."""
    session = context.tx()
    shown = render_template(
        f"demo/{template}.html",
        people=customers.latest(session),
        house=customers.ours(session),
        **known,
    )
    return make_response(shown, status)


@bp.app_template_global()
def has_mail_world() -> bool:
    """Return whether this demo has a mail world to look into."""
    return at(context.app().settings.data_dir) is not None


@bp.errorhandler(OwnMailboxError)
def _own_mailbox(error: OwnMailboxError) -> Response:
    context.give_up()
    words = gettext(
        "%(address)s is our own mailbox; agents see its mail on the desk. Choose a customer.",
        address=error.params["address"],
    )
    return page("start", error.status, refusal=words)


@bp.errorhandler(UnavailableError)
def _away(error: UnavailableError) -> Response:
    context.give_up()
    return page("start", error.status, refusal=away())


def away() -> str:
    """Return what to say while the mail world does not answer."""
    return gettext("The demo's mail server does not answer just now. Try again in a few seconds.")
