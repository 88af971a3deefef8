"""What went wrong with a mail server, in words a person can act on."""

import imaplib
import json
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from imap_tools.errors import (
    MailboxFetchError,
    MailboxFolderSelectError,
    MailboxLoginError,
    UnexpectedCommandStatusError,
)
from pydantic import SecretStr

from engine.sentences import Sentence, as_json, from_json
from processes.mail.models import Mailbox
from processes.mail.passwords import UnreadablePasswordError
from processes.mail.servers import Server

_LONGEST_WORDS = 200
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\uffff]+")
_EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 10, 62, 64
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED, …_HOSTNAME_MISMATCH and …_IP_ADDRESS_MISMATCH."""

_UNREADABLE = Sentence("The stored password cannot be read any more. Enter it again.")
_EXPIRED_WORDS = Sentence("The certificate of {host} has expired.")
_OTHER_NAME_WORDS = Sentence("The certificate of {host} is made out to another name.")
_UNTRUSTED = Sentence("The certificate of {host} comes from nobody this machine trusts.")
_NO_TLS = Sentence(
    "{host} does not speak TLS on port {port}. Another port or another protection may be right."
)
_NO_STARTTLS = Sentence(
    "{host} offers no STARTTLS on port {port}. Another port or another protection may be right."
)
_UNKNOWN_NAME = Sentence("There is no server called {host}.")
_CLOSED = Sentence("{host} takes no connections on port {port}.")
_SILENT = Sentence("{host} does not answer on port {port}.")
_BROKEN = Sentence("The connection to {host} broke off.")
_OTHER_PROTOCOL = Sentence("What answers on port {port} of {host} is not a mail server.")
_REFUSED_LOGIN = Sentence("{host} refuses the user name or the password. It says: {words}")
_NO_FOLDER = Sentence("There is no folder “{folder}” for this account. It has: {folders}")
_READ_ONLY = Sentence("The folder “{folder}” may only be read, not changed.")
_REFUSED_SENDER = Sentence("{host} does not let this account send as {address}. It says: {words}")
_REFUSED_RECIPIENT = Sentence("{host} does not take mail to {address}. It says: {words}")
_NOT_OFFERED = Sentence(
    "{host} does not offer what is asked of it on port {port}. "
    "Another port or another protection may be right: {words}"
)
_SAID_NO = Sentence("{host} refuses. It says: {words}")

_CERTIFICATES = {
    _EXPIRED: _EXPIRED_WORDS,
    _OTHER_NAME: _OTHER_NAME_WORDS,
    _OTHER_ADDRESS: _OTHER_NAME_WORDS,
}
_SMTP_SENTENCES: dict[type[Exception], Sentence] = {
    smtplib.SMTPNotSupportedError: _NOT_OFFERED,
    smtplib.SMTPAuthenticationError: _REFUSED_LOGIN,
    smtplib.SMTPConnectError: _OTHER_PROTOCOL,
    smtplib.SMTPResponseException: _SAID_NO,
}
"""The nearest class first."""


class MailServerError(Exception):
    """Something a mail server did, or did not do; `sentence` says it.

    `lasting` faults go away only when somebody changes something. One `about_one` mail says
    nothing about the others.
    """

    def __init__(self, sentence: Sentence, *, lasting: bool, about_one: bool = False) -> None:
        super().__init__(str(sentence))
        self.sentence, self.lasting, self.about_one = sentence, lasting, about_one


def explained(error: BaseException, server: Server, *, folder: str = "") -> MailServerError:
    """Return what an error of a conversation with a server means.

    A server's own words are repeated only once it has proved to be a mail server, and never with
    our password in them.
    """
    if isinstance(error, MailServerError):
        return error
    for explain in (_of_certificate, _of_network, _of_imap, _of_smtp):
        found = explain(error, server, folder)
        if found is not None:
            return found
    return _fault(_BROKEN, server, lasting=False)


def known(read: Callable[[Mailbox, SecretStr], Server], mailbox: Mailbox, key: SecretStr) -> Server:
    """Return a server of a mailbox. Raises MailServerError when its password cannot be read."""
    try:
        return read(mailbox, key)
    except UnreadablePasswordError as error:
        raise MailServerError(_UNREADABLE, lasting=True) from error


def no_folder(server: Server, folder: str, folders: list[str]) -> MailServerError:
    """Return the fault of a folder that is not there; names those that are."""
    names = ", ".join(_clean(name, server) for name in folders[:20]) or "-"
    return _fault(_NO_FOLDER, server, lasting=True, folder=folder, folders=names)


def refused_sender(server: Server, address: str, words: Any) -> MailServerError:
    """Return the fault of an account that may not send as an address."""
    return _fault(
        _REFUSED_SENDER, server, lasting=True, address=address, words=_clean(words, server)
    )


def kept(sentence: Sentence | None) -> str:
    """Return a sentence as text for a column; empty for None."""
    return "" if sentence is None else json.dumps(as_json(sentence))


def read(text: str) -> Sentence | str:
    """Return the sentence `kept` wrote; a plain text as it is."""
    try:
        found = from_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return text
    return found if isinstance(found, str) else text


def _of_certificate(error: BaseException, server: Server, _folder: str) -> MailServerError | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _fault(_CERTIFICATES.get(error.verify_code, _UNTRUSTED), server, lasting=True)
    if isinstance(error, ssl.SSLError):
        return _fault(_NO_TLS, server, lasting=True)
    return None


def _of_network(error: BaseException, server: Server, _folder: str) -> MailServerError | None:
    if isinstance(error, socket.gaierror | UnicodeError):
        return _fault(_UNKNOWN_NAME, server, lasting=False)
    if isinstance(error, ConnectionRefusedError):
        return _fault(_CLOSED, server, lasting=False)
    if isinstance(error, TimeoutError):
        return _fault(_SILENT, server, lasting=False)
    return None


def _of_imap(error: BaseException, server: Server, folder: str) -> MailServerError | None:
    if isinstance(error, UnexpectedCommandStatusError):
        return _of_imap_answer(error, server)
    if isinstance(error, imaplib.IMAP4.readonly):
        return _fault(_READ_ONLY, server, lasting=True, folder=folder)
    if isinstance(error, imaplib.IMAP4.error):  # abort among them
        return _of_imap_protocol(str(error), server)
    return None


def _of_imap_answer(error: UnexpectedCommandStatusError, server: Server) -> MailServerError:
    words = _imap_words(error, server)
    if isinstance(error, MailboxLoginError):
        return _fault(_REFUSED_LOGIN, server, lasting=True, words=words)
    if isinstance(error, MailboxFetchError):
        sentence = _SAID_NO.filled(host=server.host, words=words)
        return MailServerError(sentence, lasting=False, about_one=True)
    lasting = isinstance(error, MailboxFolderSelectError)
    return _fault(_SAID_NO, server, lasting=lasting, words=words)


def _of_imap_protocol(text: str, server: Server) -> MailServerError:
    """Tell apart what imaplib puts into one class of errors."""
    if "TLS not supported" in text or "STARTTLS" in text:
        return _fault(_NO_STARTTLS, server, lasting=True)
    if "AUTHENTICATE" in text.upper() or "LOGIN" in text.upper():
        return _fault(_REFUSED_LOGIN, server, lasting=True, words=_clean(text, server))
    if "unexpected response" in text or "imap4rev1" in text.lower():
        return _fault(_OTHER_PROTOCOL, server, lasting=True)
    return _fault(_BROKEN, server, lasting=False)


def _of_smtp(error: BaseException, server: Server, _folder: str) -> MailServerError | None:
    if isinstance(error, smtplib.SMTPSenderRefused):
        return refused_sender(server, error.sender, error.smtp_error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        address, (_code, said) = next(iter(error.recipients.items()))
        words = _clean(said, server)
        return _fault(_REFUSED_RECIPIENT, server, lasting=True, address=address, words=words)
    for kind, sentence in _SMTP_SENTENCES.items():
        if isinstance(error, kind):
            words = _clean(getattr(error, "smtp_error", error), server)
            return _fault(sentence, server, lasting=True, words=words)
    return None


def _fault(sentence: Sentence, server: Server, *, lasting: bool, **facts: str) -> MailServerError:
    known = {"host": server.host, "port": str(server.port)} | facts
    return MailServerError(sentence.filled(**known), lasting=lasting)


def _imap_words(error: UnexpectedCommandStatusError, server: Server) -> str:
    data = error.command_result[1]
    return _clean(data[0] if isinstance(data, list) and data else data, server)


def _clean(said: Any, server: Server) -> str:
    """Return a server's words: short, printable, and without our secret."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if server.password:
        text = text.replace(server.password, "····")
    return _UNPRINTABLE.sub(" ", text).strip()[:_LONGEST_WORDS]
