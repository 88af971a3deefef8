"""The words for what the tables store as keys."""

from collections.abc import Mapping
from enum import StrEnum

from flask import Flask
from flask_babel import LazyString, lazy_gettext
from wtforms.fields.choices import SelectChoice

_WORDS: Mapping[str, Mapping[str, LazyString]] = {
    "status": {
        "unclassified": lazy_gettext("Unclassified"),
        "in_progress": lazy_gettext("In progress"),
        "waiting_customer": lazy_gettext("Waiting for customer"),
        "closed": lazy_gettext("Closed"),
        "closed_by_escalation": lazy_gettext("Closed by escalation"),
    },
    "priority": {
        "urgent": lazy_gettext("Urgent"),
        "high": lazy_gettext("High"),
        "medium": lazy_gettext("Medium"),
        "low": lazy_gettext("Low"),
    },
    "request_type": {
        "information": lazy_gettext("Information request"),
        "action": lazy_gettext("Action request"),
        "comment": lazy_gettext("Comment"),
    },
    "channel": {
        "portal": lazy_gettext("Portal"),
        "phone": lazy_gettext("Phone"),
        "counter": lazy_gettext("Counter"),
        "fax": lazy_gettext("Fax"),
        "email": lazy_gettext("E-mail"),
        "chat": lazy_gettext("Chat"),
        "manual": lazy_gettext("Entered by hand"),
    },
    "closed_by": {
        "agent": lazy_gettext("by an agent"),
        "customer": lazy_gettext("by the customer"),
        "timer": lazy_gettext("automatically"),
    },
    "consent": {
        "explicit": lazy_gettext("The customer agreed"),
        "silent": lazy_gettext("No answer in time"),
        "immediate": lazy_gettext("Closed at once"),
    },
    "activity": {
        "note": lazy_gettext("Note"),
        "contact": lazy_gettext("Customer contact"),
        "mail": lazy_gettext("E-mail"),
        "message": lazy_gettext("Message"),
        "todo": lazy_gettext("To-do"),
        "event": lazy_gettext("Event"),
    },
    "mail_state": {
        "ready": lazy_gettext("Ready to send"),
        "sending": lazy_gettext("Being sent"),
        "sent": lazy_gettext("Sent"),
        "failed": lazy_gettext("Failed"),
        "not_sent": lazy_gettext("Not sent"),
        "cancelled": lazy_gettext("Taken back"),
        "uncertain": lazy_gettext("Perhaps sent"),
    },
    "mail_security": {
        "tls": lazy_gettext("TLS"),
        "starttls": lazy_gettext("STARTTLS"),
        "none": lazy_gettext("None (this machine only)"),
    },
    "mail_intake": {
        "case": lazy_gettext("becomes a case by itself"),
        "inbox": lazy_gettext("waits in the inbox for an agent"),
    },
    "mailbox_step": {
        "receive": lazy_gettext("Receiving"),
        "send": lazy_gettext("Sending"),
        "arrive": lazy_gettext("From us to ourselves"),
        "plus": lazy_gettext("Plus addresses"),
    },
    "mailbox_verdict": {
        "waiting": lazy_gettext("waiting"),
        "ok": lazy_gettext("works"),
        "failed": lazy_gettext("does not work"),
        "skipped": lazy_gettext("not tested"),
    },
    "instance": {
        "running": lazy_gettext("Running"),
        "completed": lazy_gettext("Completed"),
        "cancelled": lazy_gettext("Cancelled"),
    },
    "job": {
        "ready": lazy_gettext("Ready"),
        "done": lazy_gettext("Done"),
        "incident": lazy_gettext("Incident"),
        "cancelled": lazy_gettext("Cancelled"),
    },
    "incident": {
        "operation": lazy_gettext("Command failed"),
        "job": lazy_gettext("Work gave up"),
        "stuck": lazy_gettext("Stuck"),
        "overdue": lazy_gettext("Overdue"),
        "half_sent": lazy_gettext("Half sent"),
    },
    "incident_help": {
        "operation": lazy_gettext(
            "Somebody's command failed and was undone. "
            "Once the cause is gone they can simply do it again."
        ),
        "stuck": lazy_gettext(
            "The instance cannot move on as its rows stand. "
            "Retry writes them anew from its stored state."
        ),
        "overdue": lazy_gettext(
            "This work is more than five minutes late although workers look for work. "
            "Retry makes it due at once."
        ),
        "half_sent": lazy_gettext(
            "A worker began to send this e-mail and never came to the end. Sent again, it keeps "
            "its Message-ID; the reader may get it twice."
        ),
    },
    "role": {
        "agent": lazy_gettext("Agent"),
        "superuser": lazy_gettext("Superuser"),
        "faq_news": lazy_gettext("FAQ and news editor"),
        "designer": lazy_gettext("Process designer"),
        "admin": lazy_gettext("Administrator"),
    },
}
_SYMBOLS = {
    "portal": "web",
    "phone": "phone",
    "counter": "building",
    "fax": "fax",
    "email": "mail",
    "chat": "chat",
    "manual": "edit",
}
_TONES = {
    "unclassified": "info",
    "in_progress": "accent",
    "waiting_customer": "warn",
    "closed": "ok",
    "closed_by_escalation": "ok",
    "running": "accent",
    "completed": "ok",
    "sent": "ok",
    "done": "ok",
    "failed": "bad",
    "incident": "bad",
    "urgent": "bad",
    "high": "warn",
}


def init(web: Flask) -> None:
    """Give templates the filters `word`, `symbol` and `tone`."""
    web.jinja_env.filters.update(word=word, symbol=symbol, tone=tone)


def word(key: str | StrEnum | None, kind: str) -> str:
    """Return the reader's word for a stored key, for example of kind `status`."""
    if key is None:
        return ""
    return str(_WORDS[kind].get(str(key), key))


def choices(kind: str) -> list[SelectChoice]:
    """Return keys and words of a kind, for a select field."""
    return [SelectChoice(key, words) for key, words in _WORDS[kind].items()]


def symbol(channel: str | None) -> str:
    """Return the icon of a channel or medium."""
    return _SYMBOLS.get(str(channel or ""), "chat")


def tone(key: str | None) -> str:
    """Return the tone of a pill that shows a stored key."""
    return _TONES.get(str(key or ""), "")
