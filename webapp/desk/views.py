"""Every page of the desk; importing it puts them all on the blueprint."""

from webapp.desk import (
    cases,
    intake,
    listing,
    mail,
    mail_actions,
    mail_frame,
    mail_list,
    mail_source,
    replies,
    switches,
    tasks,
    writing,
)
from webapp.desk.blueprint import bp

__all__ = [
    "bp",
    "cases",
    "intake",
    "listing",
    "mail",
    "mail_actions",
    "mail_frame",
    "mail_list",
    "mail_source",
    "replies",
    "switches",
    "tasks",
    "writing",
]
