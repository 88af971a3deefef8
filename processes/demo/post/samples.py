"""The mails that lie in the house's own mailboxes when a demo begins: one of each kind that comes.

The worker fetches them as it fetches any mail, so the first look at the desk shows a case that
came by mail, mails that wait for an agent, mails that need nobody, and one nobody should trust.
"""

from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from engine import clock
from processes.demo.post import maildir
from processes.demo.post.place import Place

_DISPLAY_SIZE: Final = (640, 360)
"""Pixels of the customer's photo."""


def lay_in(place: Place, *, support: str, sales: str, invoices: str) -> None:
    """Put the mails into the mailboxes of these addresses; `invoices` is an alias of `sales`.

    Doing it twice delivers nothing twice.
    """
    mails = [
        (support, _broken_machine(support)),
        (support, _away(support)),
        (support, _newsletter(support)),
        (support, _two_senders(support)),
        (sales, _offer_wanted(sales)),
        (sales, _bill(invoices)),
    ]
    for number, (box, raw) in enumerate(mails):
        maildir.deliver(place.box(box), raw, name=f"sample {number}", lasting=False)


def _broken_machine(to: str) -> bytes:
    message = _mail(
        "Miriam Stone <miriam.stone@northpier.example>",
        to,
        "Display stays dark, only E17",
        "Hello,\n\nsince lunch the machine on our third floor heats no more. The display is dark"
        " apart from what you see in the photo. We have twenty guests tomorrow at ten; can somebody"
        " come before that?\n\nMiriam Stone\nNorth Pier Architects, third floor",
        hours_ago=0.4,
    )
    message.add_attachment(_photo(), maintype="image", subtype="png", filename="display.png")
    return message.as_bytes(policy=SMTP)


def _away(to: str) -> bytes:
    message = _mail(
        "Sanne Visser <sanne.visser@example.org>",
        to,
        "Afwezig: Re: uw bericht",
        "Ik ben tot en met 4 december afwezig. Voor spoed: receptie@example.org.",
        hours_ago=3,
    )
    message["Auto-Submitted"] = "auto-replied"
    return message.as_bytes(policy=SMTP)


def _newsletter(to: str) -> bytes:
    message = _mail(
        "Roasters' Weekly <news@roasters-weekly.example>",
        to,
        "Five beans to try before the year ends",
        "This week: a washed Ethiopian, two from Huila, and why your grinder matters more.",
        hours_ago=5,
    )
    message["List-Id"] = "<weekly.roasters-weekly.example>"
    message["List-Unsubscribe"] = "<https://roasters-weekly.example/stop>"
    message["Precedence"] = "bulk"
    return message.as_bytes(policy=SMTP)


def _two_senders(to: str) -> bytes:
    """Return a mail that claims to come from two people; programs disagree on which they show."""
    message = _mail(
        "Your bank <service@bank.example>",
        to,
        "Your account will be closed today",
        "Confirm your password at once.",
        hours_ago=1,
    )
    forged = b"From: Casewright <support@casewright-billing.example>\r\n"
    return forged + message.as_bytes(policy=SMTP)


def _offer_wanted(to: str) -> bytes:
    message = _mail(
        "Fatima El Amrani <fatima@brunchbar.example>",
        to,
        "Offerte voor drie machines",
        "Goedemiddag,\n\nwe openen in februari een tweede zaak en zoeken drie machines, waarvan een"
        " voor cappuccino in grote aantallen. Kunt u een offerte sturen, met en zonder"
        " onderhoud?\n\nVriendelijke groet,\nFatima El Amrani",
        hours_ago=2,
    )
    return message.as_bytes(policy=SMTP)


def _bill(to: str) -> bytes:
    message = _mail(
        "Buchhaltung Kaffeehof <rechnung@kaffeehof.example>",
        to,
        "Rechnung 2026-1187",
        "Guten Tag,\n\nunsere Rechnung 2026-1187 über 412,60 € ist am 10. Dezember fällig.\n\n"
        "Mit freundlichen Grüßen\nIhre Buchhaltung",
        hours_ago=6,
    )
    return message.as_bytes(policy=SMTP)


def _mail(sender: str, to: str, subject: str, text: str, *, hours_ago: float) -> EmailMessage:
    address = parseaddr(sender)[1]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(clock.utc_now() - timedelta(hours=hours_ago))
    message["Message-ID"] = f"<sample.{address}>"  # it must have an @ (RFC 5322 3.6.4)
    message.set_content(text)
    return message


def _photo() -> bytes:
    """Return a picture of a dark display that says E17, as PNG."""
    picture = Image.new("RGB", _DISPLAY_SIZE, "#3b3431")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle(
        (90, 70, 550, 290), radius=24, fill="#0b0f10", outline="#6d625c", width=6
    )
    draw.text((320, 180), "E17", fill="#ff5a36", anchor="mm", font_size=120)
    buffer = BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
