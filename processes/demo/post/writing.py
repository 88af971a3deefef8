"""Mails as the programs and servers of customers write them."""

import html
import mimetypes
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime
from uuid import uuid4

from engine.clock import utc_now
from processes.demo.post.customer_mail import OpenMail

_AWAY = {
    "en": (
        "Automatic reply: {subject}",
        "Thank you for your message. I am out of the office this week; I will read it later.",
    ),
    "nl": (
        "Automatisch antwoord: {subject}",
        "Bedankt voor uw bericht. Ik ben deze week afwezig en lees het later.",
    ),
    "de": (
        "Automatische Antwort: {subject}",
        "Vielen Dank für Ihre Nachricht. Ich bin diese Woche abwesend und lese sie später.",
    ),
}
_RETURNED = (
    "This is the mail system at host post.localhost.\n\n"
    "I'm sorry to have to inform you that your message could not be delivered to one or more"
    " recipients.\n\n<{address}>: 550 5.1.1 the mailbox does not exist\n"
)
_ANSWERED = ("re:", "aw:", "antw:", "antwort:")


def write(
    *,
    sender: Address,
    to: Sequence[str],
    subject: str,
    text: str,
    answers: OpenMail | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> EmailMessage:
    """Return a mail with plain text and HTML; `answers` is the mail it replies to."""
    message = _begun(sender, to, subject)
    if answers is not None:
        _thread(message, answers)
    message.set_content(text.replace("\r\n", "\n"))
    message.add_alternative(_as_html(text), subtype="html")
    for name, content in files:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        maintype, _, subtype = kind.partition("/")
        if maintype in {"message", "multipart"}:  # taken apart by readers, sent as plain bytes
            maintype, subtype = "application", "octet-stream"
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message


def answer_subject(subject: str) -> str:
    """Return the subject of an answer, with one `Re:` however many there were."""
    return subject if subject.lower().startswith(_ANSWERED) else f"Re: {subject}"


def quoted(mail: OpenMail, attribution: str) -> str:
    """Return two empty lines and the mail quoted beneath, as mail programs begin an answer."""
    lines = mail.text.rstrip().splitlines()
    quote = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"\n\n{attribution}\n{quote}\n"


def out_of_office(me: Address, mail: OpenMail, to: str, language: str) -> EmailMessage:
    """Return what a mail program answers by itself while somebody is away (RFC 3834)."""
    subject, text = _AWAY[language]
    message = _begun(me, [to], subject.format(subject=mail.line.subject))
    _thread(message, mail)
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message["Precedence"] = "bulk"
    message.set_content(text)
    return message


def delivery_report(address: str, mail: OpenMail, to: str) -> MIMEMultipart:
    """Return what a server reports about a mail it could not deliver (RFC 3464)."""
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = f"Mail Delivery System <mailer-daemon@{address.rpartition('@')[2]}>"
    report["To"] = to
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(utc_now())
    report["Message-ID"] = f"<{uuid4().hex}@post.localhost>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(_RETURNED.format(address=address)))
    report.attach(_status(address))
    headers = MIMENonMultipart("text", "rfc822-headers")
    headers.set_payload(_head(mail.raw))
    report.attach(headers)
    return report


def _status(address: str) -> MIMENonMultipart:
    """Return the part of a report that machines read."""
    about_server, about_recipient = Message(), Message()
    about_server["Reporting-MTA"] = "dns; post.localhost"
    about_server["Arrival-Date"] = format_datetime(utc_now())
    about_recipient["Final-Recipient"] = f"rfc822; {address}"
    about_recipient["Action"] = "failed"
    about_recipient["Status"] = "5.1.1"
    about_recipient["Diagnostic-Code"] = "smtp; 550 5.1.1 the mailbox does not exist"
    status = MIMENonMultipart("message", "delivery-status")
    status.set_payload([about_server, about_recipient])
    return status


def _begun(sender: Address, to: Sequence[str], subject: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = [Address(addr_spec=one) for one in to]
    message["Subject"] = subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = f"<{uuid4()}@{sender.domain}>"
    return message


def _thread(message: EmailMessage, answers: OpenMail) -> None:
    """Say which mail this one answers (RFC 5322 3.6.4)."""
    known = answers.line
    if not known.message_id:
        return
    chain = dict.fromkeys((*known.references, known.message_id))
    message["In-Reply-To"] = f"<{known.message_id}>"
    message["References"] = " ".join(f"<{name}>" for name in chain)


def _as_html(text: str) -> str:
    """Return the text with its quote as mail programs mark it up."""
    parts: list[str] = []
    within = False
    for line in text.splitlines():
        is_quote = line.startswith(">")
        if is_quote != within:
            parts.append('<blockquote type="cite">' if is_quote else "</blockquote>")
            within = is_quote
        shown = line.removeprefix(">").removeprefix(" ") if is_quote else line
        parts.append(f"<div>{html.escape(shown) or '<br>'}</div>")
    parts += ["</blockquote>"] if within else []
    return f"<html><body>{''.join(parts)}</body></html>\n"


def _head(raw: bytes) -> str:
    """Return the headers of a mail as they came."""
    return (
        raw.replace(b"\r\n", b"\n")
        .partition(b"\n\n")[0]
        .decode("ascii", "replace")
        .replace("\ufffd", "?")
    )
