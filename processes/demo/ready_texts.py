"""The ready texts agents of a demo find beside their reply."""

from typing import Final

from sqlalchemy.orm import Session

from processes.mail.canned import Wording, add
from processes.people.models import Staff

_TEXTS: Final = (
    Wording(
        "Which machine is it?",
        {
            "en": "Dear {{customer_name}},\n\nplease tell us the number on the silver plate at the"
            " back of the machine. With it we know the model, its age and what was done to it,"
            " and need not ask again.",
            "nl": "Beste {{customer_name}},\n\nwilt u ons het nummer noemen op het zilveren plaatje"
            " aan de achterkant van de machine? Dan weten we welk model het is, hoe oud het is en"
            " wat er al aan gedaan is.",
            "de": "Guten Tag {{customer_name}},\n\nbitte nennen Sie uns die Nummer auf dem"
            " silbernen Schild an der Rückseite der Maschine. Damit kennen wir Modell, Alter und"
            " alles, was schon daran getan wurde.",
        },
        None,
    ),
    Wording(
        "A technician will come",
        {
            "en": "Dear {{customer_name}},\n\na technician will come to you. You will hear the day"
            " from us today, and two hours before the visit they will call you."
            "\n\n{{handler_name}}",
            "nl": "Beste {{customer_name}},\n\ner komt een monteur bij u langs. U hoort vandaag nog"
            " van ons op welke dag, en twee uur van tevoren belt de monteur u."
            "\n\n{{handler_name}}",
            "de": "Guten Tag {{customer_name}},\n\nein Techniker kommt zu Ihnen. Den Tag nennen wir"
            " Ihnen noch heute, und zwei Stunden vorher werden Sie angerufen.\n\n{{handler_name}}",
        },
        None,
    ),
    Wording(
        "The corrected invoice",
        {
            "en": "Dear {{customer_name}},\n\nyou are right, and we are sorry. The corrected"
            " invoice is enclosed; the wrong one is cancelled and you need do nothing about it.",
            "nl": "Beste {{customer_name}},\n\nu heeft gelijk, onze excuses. De verbeterde factuur"
            " vindt u in de bijlage; de foute is vervallen en daar hoeft u niets mee te doen.",
            "de": "Guten Tag {{customer_name}},\n\nSie haben recht, bitte entschuldigen Sie. Die"
            " berichtigte Rechnung liegt bei; die falsche ist storniert, Sie müssen nichts weiter"
            " tun.",
        },
        None,
    ),
)


def write(session: Session, admin: Staff) -> None:
    """Add them, for the mails of every mailbox."""
    for wording in _TEXTS:
        add(session, wording, admin)
