"""The conversation of a case, entry by entry, as an agent reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext
from markupsafe import Markup

from processes.cases.desk import Entry
from processes.cases.models import Activity, ActivityKind, Case, Direction
from processes.mail.models import MailState
from processes.people.models import Staff
from webapp.desk.deliveries import Delivery, delivery
from webapp.written import as_written

_BY: Mapping[str, LazyString] = {
    "email": lazy_gettext("by e-mail"),
    "portal": lazy_gettext("in the portal"),
    "phone": lazy_gettext("by phone"),
    "counter": lazy_gettext("at the counter"),
    "fax": lazy_gettext("by fax"),
    "chat": lazy_gettext("by chat"),
    "letter": lazy_gettext("by letter"),
}
_TO: Mapping[str, LazyString] = {
    "email": lazy_gettext("to %(name)s by e-mail"),
    "": lazy_gettext("to %(name)s in the portal"),
}
_EVENTS: Mapping[str, tuple[str, LazyString]] = {
    "classified": ("tag", lazy_gettext("%(who)s classified the request; %(handler)s handles it")),
    "assigned": ("users", lazy_gettext("%(who)s handed the case over to %(handler)s")),
    "portal_on": ("web", lazy_gettext("%(who)s opened the customer portal")),
    "portal_off": ("web", lazy_gettext("%(who)s closed the customer portal")),
    "code_expired": ("clock", lazy_gettext("The code for the portal was not used and has ended")),
    "automatic_mail_on": ("mail", lazy_gettext("%(who)s switched automatic mails on")),
    "automatic_mail_off": ("mail", lazy_gettext("%(who)s switched automatic mails off")),
    "no_reaction": ("clock", lazy_gettext("The customer has not reacted; the handler looks again")),
    "related": ("link", lazy_gettext("%(who)s linked this case to %(number)s")),
    "bounced": ("alert", lazy_gettext("A mail to %(address)s could not be delivered")),
    "mail_promoted": ("flow", lazy_gettext("%(who)s made a case of the mail")),
    "customer_agreed": ("check", lazy_gettext("%(who)s agrees: the case can be closed")),
}
_CLOSED: Mapping[tuple[str, str], LazyString] = {
    ("timer", "silent"): lazy_gettext("Closed: no answer came in time"),
    ("customer", "explicit"): lazy_gettext("Closed: %(who)s agreed"),
    ("agent", "explicit"): lazy_gettext("%(who)s closed the case; the customer agreed"),
    ("agent", "immediate"): lazy_gettext("%(who)s closed the case at once"),
}
_ABOUT: Mapping[str, LazyString] = {
    "centre": lazy_gettext("Comment about our service"),
    "employee": lazy_gettext("Comment about one of our people"),
    "other": lazy_gettext("Comment"),
}
_SYMBOLS = {
    "email": "mail",
    "portal": "web",
    "phone": "phone",
    "counter": "building",
    "fax": "fax",
    "chat": "chat",
    "letter": "document",
}


@dataclass(frozen=True)
class Line:
    """One entry, ready to be drawn."""

    id: int
    look: str
    """event, them, us, note, contact, todo or automatic."""
    at: datetime
    who: str
    about: str
    symbol: str
    medium: str
    """portal, email, phone … as it is filtered by; empty for what was said to nobody."""
    text: str
    rich: Markup
    """The same in the form it was written in; empty for plain text."""
    sentence: Markup
    mail_state: MailState | None
    mail_error: str
    is_solution: bool
    is_done: bool
    """For a to-do."""
    refers_to: int | None
    """Another entry that this one is about."""
    delivery: Delivery | None
    """How far it has come, when it is a mail of ours."""


def lines(entries: list[Entry], case: Case, reader: Staff) -> list[Line]:
    """Return the conversation, oldest first."""
    return [_line(entry, case, reader) for entry in entries]


def _line(entry: Entry, case: Case, reader: Staff) -> Line:
    activity = entry.activity
    data = activity.data or {}
    return Line(
        id=activity.id,
        look=_look(activity),
        at=activity.at,
        who=_who(activity, reader),
        about=_about(activity, case),
        symbol=_symbol(activity),
        medium=activity.medium,
        text=activity.text,
        rich=as_written(activity),
        sentence=_sentence(activity, reader),
        mail_state=entry.mail_state,
        mail_error=entry.mail_error or "",
        is_solution=activity.id == case.applied_solution_id,
        is_done=bool(data.get("done")),
        refers_to=data.get("activity_id"),
        delivery=delivery(entry, reader),
    )


def media(shown: list[Line]) -> dict[str, str]:
    """Return the media of a conversation with their words, in a fixed order (CARE-14)."""
    there = {line.medium for line in shown}
    return {medium: str(words) for medium, words in _BY.items() if medium in there}


def _look(activity: Activity) -> str:
    match activity.kind:
        case ActivityKind.EVENT:
            return "event"
        case ActivityKind.NOTE:
            return "note"
        case ActivityKind.TODO:
            return "todo"
        case ActivityKind.CONTACT:
            return "contact"
        case ActivityKind.MAIL | ActivityKind.MESSAGE:
            if activity.direction is Direction.IN:
                return "machine" if (activity.data or {}).get("automatic") else "them"
            return "automatic" if (activity.data or {}).get("automatic") else "us"


def _who(activity: Activity, reader: Staff) -> str:
    if activity.author == reader.actor and activity.direction is not Direction.IN:
        return gettext("You")
    return activity.author_name or gettext("Automatic")


def _about(activity: Activity, case: Case) -> str:
    by = str(_BY.get(activity.medium, ""))
    match _look(activity):
        case "them" | "machine":
            return by
        case "contact":
            return gettext("spoke with the customer %(by)s", by=by)
        case "us" | "automatic":
            to = _TO["email" if activity.mail_id else ""]
            name = case.contact.name if case.contact else gettext("the customer")
            return str(to) % {"name": name}
        case "note":
            return _about_note(activity)
        case _:
            return ""


def _about_note(activity: Activity) -> str:
    data = activity.data or {}
    match data.get("code"):
        case "reopened":
            return gettext("opened again by a message of %(name)s", name=data.get("from", ""))
        case "objected":
            return gettext("the customer does not agree")
        case "comment_recorded":
            return str(_ABOUT.get(str(data.get("about")), _ABOUT["other"]))
        case _ if data.get("told"):
            return gettext("internal, told to %(names)s", names=", ".join(data["told"]))
        case _:
            return ""


def _symbol(activity: Activity) -> str:
    code = str((activity.data or {}).get("code", ""))
    if code in _EVENTS:
        return _EVENTS[code][0]
    if code == "closed":
        return "check"
    return _SYMBOLS.get(activity.medium, "bolt")


def _sentence(activity: Activity, reader: Staff) -> Markup:
    """Return what the product noticed, with names set off."""
    data = activity.data or {}
    code = str(data.get("code", ""))
    if code == "closed":
        how = (str(data.get("by")), str(data.get("consent")))
        words = str(_CLOSED.get(how, gettext("Closed")))
    else:
        words = str(_EVENTS[code][1]) if code in _EVENTS else activity.text
        if code not in _EVENTS:
            return Markup("{}").format(words)
    named = {name: data.get(name, "") for name in ("handler", "address", "number")}
    facts = {"who": _who(activity, reader)} | named
    bold = {name: Markup("<b>{}</b>").format(value) for name, value in facts.items()}
    return Markup(words) % bold  # noqa: S704  # the words are ours, the names are escaped
