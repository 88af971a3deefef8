"""A stored mail as it goes over the wire."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from engine import clock
from processes.mail.models import OutgoingMail
from processes.mail.reading.marker import OWN_HEADER

_WIRE = SMTP.clone(max_line_length=900)
"""Characters a line of a header may have; RFC 5322 2.1.1 allows 998. At its usual 78 the email
package writes a longer message id as an encoded word, which no mail program understands."""


@dataclass(frozen=True)
class Enclosed:
    """A file that goes along with a mail."""

    name: str
    media_type: str
    content: bytes


def compose(mail: OutgoingMail, files: Iterable[Enclosed] = ()) -> EmailMessage:
    """Return the mail with its files. Bcc stands in no header: it is told to the server only."""
    message = EmailMessage(policy=_WIRE)
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Date"] = format_datetime(clock.utc_now())
    message["From"] = _address(mail.from_name, mail.from_address)
    message["Reply-To"] = _address(mail.from_name, mail.reply_to or mail.from_address)
    message["To"] = _address(mail.to_name, mail.to_address)
    if mail.cc:
        message["Cc"] = [_address(name, address) for name, address in mail.cc]
    message["Subject"] = mail.subject
    if mail.in_reply_to:
        message["In-Reply-To"] = f"<{mail.in_reply_to}>"
    if mail.references:
        message["References"] = " ".join(f"<{each}>" for each in mail.references)
    if mail.automatic:
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message[OWN_HEADER] = mail.from_address
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for file in files:
        main, _, sub = _enclosable(file.media_type).partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message


def recipients(mail: OutgoingMail) -> list[str]:
    """Return every address the server is told, each once: To, Cc and Bcc."""
    further = [address for _, address in [*mail.cc, *mail.bcc]]
    return list(dict.fromkeys([mail.to_address, *further]))


def _enclosable(media_type: str) -> str:
    """Return a type for bytes; a mail within a mail may not be encoded (RFC 2046 5.2.1)."""
    main = media_type.partition("/")[0]
    return "application/octet-stream" if main in {"message", "multipart"} else media_type


def _address(name: str, address: str) -> Address:
    return Address(display_name=name, addr_spec=address)
