"""The command `casewright mail-in`: raw messages in, exactly as if they had been fetched."""

import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from casewright.printing import printable
from engine.errors import AppError
from processes.bootstrap import App, build
from processes.cases.models import Case
from processes.config import Settings
from processes.files import services as files
from processes.mail import incoming
from processes.mail.incoming import INCOMING_MAIL
from processes.mail.models import IncomingMail, IncomingState, Mailbox
from workers import look
from workers.config import WorkerSettings

DONE, UNREADABLE = 0, 2
_ADVICE = "`casewright migrate` prepares it"
_STDIN = "-"
_PAUSE_SECONDS = 0.05
_OUTCOMES = {
    IncomingState.NEW_CASE: "new_case",
    IncomingState.REPLY: "reply",
    IncomingState.FILED: "filed",
    IncomingState.WAITING: "filed",
    IncomingState.QUARANTINED: "quarantined",
}
_NOT_YET = ("quarantined", "will_be_tried_again")
"""Of a mail whose first attempt failed: it is kept, and workers try it again."""


@dataclass(frozen=True)
class Line:
    """What became of one file."""

    file: str
    stored: bool
    """False when the mail was here before."""
    outcome: str
    """new_case, reply, filed or quarantined."""
    case: str | None
    """The number of its case."""
    why: str


class UnknownMailboxError(Exception):
    """There is no mailbox with this address."""


def run(names: Sequence[str], *, address: str, as_json: bool) -> int:
    """Feed files, folders of files, and standard input (`-`); print a line a file.

    Returns 0 when every one was stored, now or before, and 2 when a file could not be read or
    kept, or there is no database to keep it in.
    """
    logging.getLogger("workers").setLevel(logging.ERROR)  # the lines say how it went
    product = build(Settings())
    code = DONE
    try:
        mailbox = _mailbox(product, address)
        for name, raw in _messages(names):
            try:
                if isinstance(raw, Exception):
                    raise raw
                _print(feed(product, name, raw, mailbox), as_json=as_json)
            except (OSError, ValueError, AppError) as error:
                code = _complain(name, _reason(error))
    except UnknownMailboxError as error:
        code = _complain(address, str(error.__doc__))
    except DBAPIError as error:
        code = _complain("The database cannot be used", f"{error.orig} ({_ADVICE})")
    finally:
        product.db.engine.dispose()
    return code


def feed(product: App, name: str, raw: bytes, mailbox: Mailbox | None = None) -> Line:
    """Store a mail and take it in, or wait until a worker that was quicker has done so."""
    settings = WorkerSettings()
    kept = files.prepare(product.settings, raw)
    with product.db.write() as session:
        mail = incoming.store(session, kept, mailbox=mailbox)
        claimed = look.claim_within(session, settings, INCOMING_MAIL) if mail is not None else []
    for job in claimed:
        look.run(product, job, look.Tally(), settings)
    stored = mail is not None
    if mail is None:
        with product.db.read() as session:
            mail = incoming.same_contents(session, raw, mailbox)
    if mail is None:
        message = "a mail that was stored before is gone"
        raise LookupError(message)
    return _taken_in(product, name, mail.id, stored=stored)


def _taken_in(product: App, name: str, mail_id: int, *, stored: bool) -> Line:
    """Take mails in, the oldest first, until this one has been, by us or by a worker."""
    settings = WorkerSettings()
    while True:
        with product.db.read() as session:
            line = _line(session, name, mail_id, stored=stored)
        if line is not None:
            return line
        if not any(_take_one_in(product, settings, tried=tried) for tried in (False, True)):
            # A worker has it in hand; a command hears no bell, so it looks again as workers do.
            time.sleep(_PAUSE_SECONDS)


def _take_one_in(product: App, settings: WorkerSettings, *, tried: bool) -> bool:
    claimed = look.claim(product, settings, INCOMING_MAIL, tried=tried)
    for job in claimed:
        look.run(product, job, look.Tally(), settings)
    return bool(claimed)


def _line(session: Session, name: str, mail_id: int, *, stored: bool) -> Line | None:
    """Return what became of a mail; None while it is to be taken in."""
    mail = session.get_one(IncomingMail, mail_id)
    if mail.state is IncomingState.STORED:
        if incoming.is_put_off(session, mail):
            outcome, why = _NOT_YET
            return Line(name, stored, outcome, None, why)
        return None
    case = session.get(Case, mail.case_id) if mail.case_id else None
    return Line(name, stored, _OUTCOMES[mail.state], case.number if case else None, mail.why)


def _mailbox(product: App, address: str) -> Mailbox | None:
    if not address:
        return None
    with product.db.read() as session:
        found = incoming.route(session, [address], None).mailbox
    if found is None:
        raise UnknownMailboxError
    return found


def _messages(names: Sequence[str]) -> Iterator[tuple[str, bytes | Exception]]:
    """Yield every file by name, with what it holds or why it cannot be read."""
    for name in names:
        if name == _STDIN:
            yield name, sys.stdin.buffer.read()
            continue
        path = Path(name)
        try:
            found = sorted(path.rglob("*")) if path.is_dir() else [path]
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
            yield name, error
            continue
        for each in found:
            if each == path or each.is_file():
                yield str(each), _content(each)


def _content(path: Path) -> bytes | Exception:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        return error


def _reason(error: Exception) -> str:
    words = error.__doc__ if isinstance(error, AppError) else getattr(error, "strerror", None)
    return words or str(error)


def _complain(name: str, words: str) -> int:
    print(printable(f"{name}: {words}"), file=sys.stderr)
    return UNREADABLE


def _print(line: Line, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(line)), flush=True)
        return
    case = f" {line.case}" if line.case else ""
    why = f" ({line.why})" if line.why else ""
    before = "" if line.stored else ", stored before"
    print(printable(f"{line.file}: {line.outcome}{case}{why}{before}"), flush=True)
