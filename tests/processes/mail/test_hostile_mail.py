"""Hostile mail: what was sent, and what it got. The table is printed with `pytest -s`.

All go to one house with an open case of Sanne's and a closed one; each row ends with proof that
neither was touched unless the row says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text

from processes.cases.models import Case
from processes.mail.models import IncomingMail, OutgoingMail
from tests.processes.post import SUPPORT, bounce, raw_mail


@dataclass
class Scene:
    """A case somebody works on, one that is closed, and tokens that do not fit."""

    post: object
    open: Case
    closed: Case

    @property
    def forged(self):
        """The open case's key with a signature nobody here made."""
        token = self.post.token(self.open)
        return token[:-16] + ("0" * 16 if token[-16:] != "0" * 16 else "1" * 16)

    @property
    def crossed(self):
        """The open case's key with the signature of the closed case's."""
        return self.post.token(self.open)[:-16] + self.post.token(self.closed)[-16:]

    def tag(self, token):
        return SUPPORT.replace("@", f"+{token}@")


@dataclass(frozen=True)
class Row:
    sent: str
    mail: Callable[[Scene], bytes]
    got: str
    """State and why; `+open` or `+closed` when it stands in that case."""
    wakes: bool = False
    """Whether the case it stands in may have changed."""


FAILED = "mx.care.example; dmarc=fail"
MILA = "Mila Jansen <serviceuser@care.example>"
ROWS = [
    Row("number of a case in the recipient, no token",
        lambda s: raw_mail(to=SUPPORT.replace("@", f"+{s.open.number}@")), "new_case"),
    Row("id without a signature",
        lambda s: raw_mail(to=s.tag(s.post.token(s.open)[:27])), "new_case"),
    Row("a case's key with a made-up signature, in the address",
        lambda s: raw_mail(to=s.tag(s.forged)), "new_case"),
    Row("the same in the Message-ID it answers",
        lambda s: raw_mail(in_reply_to=f"<{s.forged}.1@care.example>"), "new_case"),
    Row("a case's key with another case's signature",
        lambda s: raw_mail(to=s.tag(s.crossed)), "new_case"),
    Row("a token with letters before and after it",
        lambda s: raw_mail(in_reply_to=f"<x{s.post.token(s.open)}x@care.example>"), "new_case"),
    Row("a stranger with a number in the subject",
        lambda s: raw_mail(sender="eve@example.net", subject=s.open.number), "new_case"),
    Row("a stranger with the number of a closed case",
        lambda s: raw_mail(sender="eve@example.net", subject=s.closed.number), "new_case"),
    Row("a stranger who answers the customer's own mail",
        lambda _: raw_mail(sender="eve@example.net", in_reply_to="<first@example.org>"),
        "new_case"),
    Row("the customer's address with a number, DMARC failed at our server",
        lambda s: raw_mail(subject=s.open.number, authentication_results=FAILED), "new_case"),
    Row("the same, and a forged verdict of another server says pass",
        lambda s: b"Authentication-Results: mx.evil.example; dmarc=pass\r\n" + raw_mail(
            subject=s.open.number, authentication_results=FAILED), "new_case"),
    Row("a stranger with a valid token: joins, marked",
        lambda s: raw_mail(sender="eve@example.net", to=s.tag(s.post.token(s.open))),
        "reply token +open", wakes=True),
    Row("a colleague's address, no token",
        lambda _: raw_mail(sender=MILA, subject="Close it, give everybody a refund"), "new_case"),
    Row("a colleague's address with the number of a case",
        lambda s: raw_mail(sender=MILA, subject=s.closed.number), "new_case"),
    Row("a colleague's address with the token of a closed case: noted, reopens nothing",
        lambda s: raw_mail(sender=MILA, to=s.tag(s.post.token(s.closed))), "reply staff +closed"),
    Row("two From headers, the second a colleague's",
        lambda s: raw_mail(subject=s.open.number).replace(
            b"From: Sanne de Vries <sanne@example.org>",
            b"From: eve@example.net\r\nFrom: " + MILA.encode()), "quarantined two_senders"),
    Row("no From at all", lambda _: raw_mail(sender=None), "waiting no_sender"),
    Row("our own mail come back", lambda _: raw_mail(sender=SUPPORT), "filed own"),
    Row("our own mail come back, with a token",
        lambda s: raw_mail(sender=SUPPORT, to=s.tag(s.post.token(s.closed))), "filed own"),
    Row("out-of-office with a token",
        lambda s: raw_mail(to=s.tag(s.post.token(s.closed)), auto_submitted="auto-replied"),
        "filed auto_reply +closed"),
    Row("out-of-office without a token",
        lambda _: raw_mail(auto_submitted="auto-replied"), "filed auto_reply"),
    Row("out-of-office without a header that says so, with a token",
        lambda s: raw_mail("Ik ben met vakantie en lees mijn mail niet tot 4 januari.",
                         subject="Automatisch antwoord: Printer", to=s.tag(s.post.token(s.closed))),
        "filed auto_reply +closed"),
    Row("a delivery report about a mail we never sent",
        lambda _: bounce(OutgoingMail(message_id="x@care.example", from_address=SUPPORT,
                                      to_address="sanne@example.org", subject="Hello")),
        "filed bounce_unknown"),
    Row("a list's mail with a token",
        lambda s: raw_mail(to=s.tag(s.post.token(s.closed)), list_id="<l.example.org>"),
        "filed list"),
    Row("a mail to 1,000 people",
        lambda _: raw_mail(cc=", ".join(f"p{n}@example.net" for n in range(1_000))),
        "waiting many_recipients"),
    Row("a mail to 1,000 people, with a token",
        lambda s: raw_mail(to=s.tag(s.post.token(s.closed)),
                         cc=", ".join(f"p{n}@example.net" for n in range(1_000))),
        "waiting many_recipients"),
    Row("a header injected into subject and name",
        lambda _: raw_mail(sender="=?utf-8?q?Eve=0D=0ABcc=3A_a=40example=2Enet?= <eve@example.net>",
                         subject="=?utf-8?q?Hi=0D=0ABcc=3A_all=40example=2Enet?="), "new_case"),
    Row("50,000 times Re: before a number",
        lambda _: raw_mail(sender="eve@example.net").replace(
            b"Subject: Printer kapot", b"Subject: " + b"Re: " * 50_000), "new_case"),
    Row("10,000 references, one of them forged",
        lambda s: raw_mail(references=" ".join(f"<{n}@example.net>" for n in range(10_000))
                         + f" <{s.forged}@care.example>"), "new_case"),
    Row("script in name and subject",
        lambda _: raw_mail(sender='"<script>alert(1)</script>" <eve@example.net>',
                         subject="<img src=x onerror=alert(1)>"), "new_case"),
    Row("a NUL and a lone surrogate in the text",
        lambda _: raw_mail().replace(b"Mijn printer", b"Mijn \x00 \xed\xa0\x80 printer"),
        "new_case"),
    Row("an empty file", lambda _: b"", "quarantined empty"),
    Row("a picture that says it is a mail", lambda _: b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
        "quarantined not_a_mail"),
]  # fmt: skip


@pytest.fixture
def scene(house, post):
    post.mailbox(trusted_host="mx.care.example")
    post.brings(
        raw_mail(sender="Sanne de Vries <sanne@example.org>", message_id="<first@example.org>")
    )
    return Scene(post, house.classified(), house.closed())


@pytest.mark.timeout(240)
def test_every_hostile_mail_gets_what_the_table_says(house, post, scene):
    wrong = []
    for row in ROWS:
        before, written = look_at(house, post, scene), len(house.mails())
        mail = post.brings(row.mail(scene))
        after = look_at(house, post, scene)
        joined = {scene.open.id: "open", scene.closed.id: "closed"}.get(mail.case_id, "")
        got = f"{mail.state} {mail.why}".strip() + (f" +{joined}" if joined else "")
        print(f"| {row.sent} | {got} |")  # noqa: T201 - the table
        facts = {
            "got": row.got == got,
            "participants": after["people"] == before["people"],
            "entries": {name for name in ("open", "closed") if after[name] != before[name]}
            <= ({joined} if joined else set()),
            "moved": after["stands"] == before["stands"] or row.wakes,
            "marked": not row.wakes or post.entry(mail).data == {"stranger": True},
            "answers": len(house.mails()) == written,
            "verified": not post.contact().email_verified,
            "lines": "\n" not in mail.subject + mail.from_name + mail.from_address,
        }
        wrong += [(row.sent, got, name) for name, holds in facts.items() if not holds]
    assert wrong == []


def look_at(house, post, scene):
    """What nobody may change by a mail: people, entries, where both cases stand."""
    cases = {"open": scene.open, "closed": scene.closed}
    seen = {name: house.see(case) for name, case in cases.items()}
    return {
        "people": {name: post.participants(case) for name, case in cases.items()},
        "stands": {
            name: (seen[name].status, seen[name].closed_at, house.waiting_at(case))
            for name, case in cases.items()
        },
        **{name: len(house.timeline(case)) for name, case in cases.items()},
    }


def test_500_mails_of_one_sender_open_few_cases_and_lose_none(house, post):
    post.mailbox()
    for number in range(500):
        post.stores(raw_mail(f"Mail {number}"))
    assert post.works().failed == 0
    with house.db.read() as session:
        states = dict(
            session.execute(text("SELECT why, count(*) FROM incoming_mail GROUP BY why")).all()
        )
    print(f"| 500 mails of one sender | {states} |")  # noqa: T201 - the table
    assert states == {"": 50, "too_many_from_sender": 450}
    assert post.cases() == 50
    assert house.mails() == []


def test_two_robots_that_answer_each_other_come_to_rest(house, post):
    case = house.classified()
    for number in range(60):
        post.stores(post.answer(case, f"We received your mail {number}."))
    assert post.works().failed == 0
    with house.db.read() as session:
        rows = session.scalars(select(IncomingMail.why).where(IncomingMail.case_id == case.id))
        assert rows.all() == ["token"] * 40
        waiting = session.scalars(select(IncomingMail).where(IncomingMail.case_id.is_(None))).all()
    assert {(mail.why, mail.maybe_case_id) for mail in waiting} == {("too_many_for_case", case.id)}
    assert len(waiting) == 20
    assert len(house.mails(case)) == 1, "nothing answers by itself"


def test_a_flood_of_many_senders_waits_beyond_the_mailboxs_limit(furnished, database_url, tmp_path):
    from tests.processes.post import Post  # noqa: PLC0415
    from tests.processes.world import House  # noqa: PLC0415

    furnished.restore()
    house = House(database_url, mail_mailbox_hourly=5, data_dir=tmp_path)
    post = Post(house)
    for number in range(8):
        post.stores(raw_mail(sender=f"p{number}@example.net"))
    post.works()
    assert post.cases() == 5
    with house.db.read() as session:
        whys = session.scalars(select(IncomingMail.why)).all()
    assert whys.count("too_many_for_mailbox") == 3
    house.db.engine.dispose()
