"""Where the rails, bars and menus lead."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext

from webapp import auth


@dataclass(frozen=True)
class Entry:
    """A place on the rail and who may go there."""

    endpoint: str
    words: LazyString
    short: LazyString
    symbol: str
    area: str
    keys: str


@dataclass(frozen=True)
class Place:
    """An entry as one reader sees it."""

    key: str
    address: str
    words: str
    short: str
    symbol: str
    keys: str
    here: bool


_DESK = (
    Entry("desk.cases", lazy_gettext("Cases"), lazy_gettext("Cases"), "inbox", "requests", "g i"),
    Entry("desk.mails", lazy_gettext("Mail"), lazy_gettext("Mail"), "mail", "requests", "g m"),
    Entry(
        "designer.index",
        lazy_gettext("Processes"),
        lazy_gettext("Processes"),
        "flow",
        "processes",
        "g p",
    ),
    Entry(
        "admin.instances",
        lazy_gettext("Running cases"),
        lazy_gettext("Running"),
        "chart",
        "instances",
        "g r",
    ),
    Entry(
        "admin.settings",
        lazy_gettext("Settings"),
        lazy_gettext("Settings"),
        "settings",
        "settings",
        "g s",
    ),
)
_PORTAL = (
    ("portal.cases", lazy_gettext("My requests")),
    ("portal.new_request", lazy_gettext("New request")),
)


def init(web: Flask) -> None:
    """Give templates the places."""
    web.jinja_env.globals.update(
        places=places,
        portal_places=portal_places,
        portal_home=portal_home,
        in_language=in_language,
        shortcuts=shortcuts,
    )


def places() -> list[Place]:
    """Return where the signed-in member of staff may go, the present place marked."""
    open_to_me = [e for e in _DESK if exists(e.endpoint) and auth.may(e.area, "read")]
    addresses = {entry.endpoint: url_for(entry.endpoint) for entry in open_to_me}
    around = [address for address in addresses.values() if request.path.startswith(address)]
    nearest = max(around, key=len, default="")
    return [
        Place(
            key=entry.endpoint,
            address=addresses[entry.endpoint],
            words=str(entry.words),
            short=str(entry.short),
            symbol=entry.symbol,
            keys=entry.keys,
            here=addresses[entry.endpoint] == nearest,
        )
        for entry in open_to_me
    ]


def portal_places() -> list[Place]:
    """Return where a customer may go."""
    return [
        Place(
            key=endpoint,
            address=url_for(endpoint),
            words=str(words),
            short=str(words),
            symbol="",
            keys="",
            here=request.endpoint == endpoint,
        )
        for endpoint, words in _PORTAL
        if exists(endpoint)
    ]


def start() -> str:
    """Return the address of the first page for whoever asks."""
    if auth.current_staff() is None:
        return url_for("account.sign_in")
    first = places()
    return first[0].address if first else url_for("account.preferences")


def portal_home() -> str:
    """Return the address the portal's brand leads to."""
    return url_for("portal.cases") if exists("portal.cases") else url_for("home")


def in_language(code: str) -> str:
    """Return this page's address in another language."""
    words = request.args.to_dict() | {"lang": code}
    path = request.path if request.method == "GET" else url_for("home")
    return f"{path}?{urlencode(words)}"


def exists(endpoint: str) -> bool:
    """Return whether that part of the product is there."""
    return endpoint in current_app.view_functions


def shortcuts() -> list[tuple[tuple[str, ...], str]]:
    """Return the keys of the help sheet and what they do."""
    return [
        (("j", "k"), gettext("Next and previous line of the list")),
        (("o",), gettext("Open the chosen line")),
        (("e",), gettext("Go to the step that is to be done; put a mail aside")),
        (("r",), gettext("Reply to the customer")),
        (("n",), gettext("Write a note; on a mail that is done, the next mail")),
        (("z",), gettext("Take back the reply that is about to go out")),
        (("Ctrl", "Enter"), gettext("Send the form you are in")),
        (("m",), gettext("Make a case of the mail")),
        (("l",), gettext("Link the mail to a case")),
        (("u",), gettext("Mark the mail as unread")),
        (("/",), gettext("Search")),
        (("c",), gettext("New case")),
        (("g", "i"), gettext("Go to the cases")),
        (("g", "m"), gettext("Go to the mail")),
        (("g", "c"), gettext("Go to the case of the mail")),
        (("g", "p"), gettext("Go to the processes")),
        (("g", "r"), gettext("Go to the running cases")),
        (("Esc",), gettext("Close what is open, leave a field")),
        (("?",), gettext("This sheet")),
    ]
