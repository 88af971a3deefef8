"""The mails of D11 as files: every shape, answers to cases, answers to mails just before."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from engine import clock
from processes.cases import mail_tokens
from processes.cases.models import Case, Queue
from processes.mail.models import Mailbox
from processes.people.models import Staff
from processes.request import services as requests
from processes.request.services import Intake
from tests.faults.site import Site
from tests.mails.corpus import SUPPORT, messages

CASES = 20
"""How many are open before the first mail comes."""
_EVERY = 10
"""One mail in so many answers a case; one more answers the mail just before it."""


@dataclass(frozen=True)
class Sent:
    """A file, and what must come of it."""

    path: Path
    mark: str
    """A word that stands in no other mail."""
    quarantine: str | None = None
    case_id: int | None = None
    """The case it answers by a token."""
    answers: str = ""
    """The mark of the mail it answers."""


def write(site: Site, seed: int, count: int) -> list[Sent]:
    """Write `count` mails, in an order in which none stands before what it answers."""
    folder = site.folder / "mails"
    folder.mkdir()
    site.write(_open_mailbox)
    cases = [_known(site, number) for number in range(CASES)]
    found: list[Sent] = []
    for number, sample in enumerate(messages(seed, count - 3 * (count // _EVERY))):
        path = folder / f"{number:05}-0.eml"
        path.write_bytes(sample.raw)
        found.append(Sent(path, sample.mark, sample.quarantine))
        if number % (_EVERY - 3) == 0:
            found += _answers(folder, number, *cases[number % CASES])
    return found


def _answers(folder: Path, number: int, case_id: int, token: str) -> Iterator[Sent]:
    reply, first, second = (f"lemon{number:05}x{place}" for place in range(3))
    writer, other = f"p{number}@known.example", f"w{number}@pair.example"
    yield Sent(
        _write(folder, number, reply, sender=writer, answers=f"{token}.1@care.example"),
        reply,
        case_id=case_id,
    )
    yield Sent(_write(folder, number, first, sender=other), first)
    yield Sent(
        _write(folder, number, second, sender=other, answers=f"{first}@post.example"),
        second,
        answers=first,
    )


def _write(folder: Path, number: int, mark: str, *, sender: str, answers: str = "") -> Path:
    path = folder / f"{number:05}-{mark}.eml"
    path.write_text(
        f"From: {sender}\r\nTo: {SUPPORT}\r\nSubject: Something else\r\n"
        f"Message-ID: <{mark}@post.example>\r\n"
        + (f"In-Reply-To: <{answers}>\r\n" if answers else "")
        + f"\r\nHere is {mark}.\r\n"
    )
    return path


def _open_mailbox(session) -> None:
    session.add(
        Mailbox(
            address=SUPPORT,
            sender_name="Care",
            owner_id=session.scalar(select(Staff.id).limit(1)),
            queue_id=session.scalar(select(Queue.id).limit(1)),
            created_at=clock.utc_now(),
        )
    )


def _known(site: Site, number: int) -> tuple[int, str]:
    """Open a case and return its id and its token."""

    def work(session) -> tuple[int, str]:
        case: Case = requests.submit_request(
            site.app,
            session,
            Intake(
                name=f"Known {number}",
                email=f"p{number}@known.example",
                category="user_help",
                subcategory="signing_in",
                description="It does not work.",
                language="en",
            ),
        )
        return case.id, mail_tokens.token(session, case)

    return site.write(work)
