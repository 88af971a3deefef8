"""Raw mails in, as `casewright mail-in` does: kept, read, decided, one after the other."""

import os

from casewright import mail_in
from processes.cases import mail_tokens
from processes.cases.models import Case
from tests.bench.house import House
from tests.bench.measure import Figure, Watch
from tests.bench.split import split

MAILS = 150
_WORDS = "The machine has leaked water at the back since this morning. Can you help me, please?\n"


def figures(house: House, name: str, floor: float) -> list[Figure]:
    """Time new mails, every fifth with a file, answers to one case each, and the same once more."""
    new = [_raw_mail(number) for number in range(MAILS)]
    tokens = [_token(house, house.submit()) for _ in range(MAILS)]
    answers = [_raw_mail(MAILS + place, token) for place, token in enumerate(tokens)]
    return [
        _fed(house, new, "a mail becomes a case", name, floor),
        _fed(house, answers, "a mail joins its case", name, floor),
        _fed(house, new, "a mail that is here already", name, floor),
    ]


def _fed(house: House, mails: list[bytes], words: str, name: str, floor: float) -> Figure:
    watch = Watch()
    with split() as parts:
        for raw in mails:
            watch(lambda raw=raw: mail_in.feed(house.app, "bench", raw))  # type: ignore[misc]
    return watch.figure(words, name, floor, parts.note(len(mails)))


def _raw_mail(number: int, token: str = "") -> bytes:
    file = os.urandom(20_000).hex() if number % 5 == 0 else ""
    attached = (
        f"--b\r\nContent-Type: application/x-log; name=a.log\r\n\r\n{file}\r\n" if file else ""
    )
    return (
        f"From: Jane <jane{number}@customer.example>\r\nTo: support@casewright.example\r\n"
        f"Subject: It leaks\r\nMessage-ID: <bench{number}@customer.example>\r\n"
        + (f"In-Reply-To: <{token}.1@casewright.example>\r\n" if token else "")
        + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\n{_WORDS * 5}\r\n{attached}--b--\r\n"
    ).encode()


def _token(house: House, case_id: int) -> str:
    with house.db.write() as session:
        return mail_tokens.token(session, session.get_one(Case, case_id))
