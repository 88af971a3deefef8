"""The mails a demo begins with: one of each kind, each where an agent expects it."""

import pytest
from sqlalchemy import select

from processes.demo import mailboxes
from processes.demo.post import samples
from processes.demo.post.place import settle
from processes.files.models import Attachment
from processes.mail.models import IncomingMail, Mailbox
from processes.people.models import Role
from tests.processes.post import Post

SUPPORT, SALES, INVOICES = "support@care.example", "sales@care.example", "invoices@care.example"


@pytest.fixture
def place(house, tmp_path):
    """A mail world with the demo's mailboxes; the mails were laid in twice, after a bad start."""
    found = settle(tmp_path)
    with house.db.write() as session:
        house.hire(session, "superuser", "Noor Bakker", Role.SUPERUSER)
        mailboxes.settle(session, found)
    samples.lay_in(found, support=SUPPORT, sales=SALES, invoices=INVOICES)
    return found


def test_there_is_one_of_each_kind(house, place):
    post = Post(house)
    with house.db.read() as session:
        boxes = session.scalars(select(Mailbox)).all()
    for box in boxes:
        for path in (place.box(box.address) / "new").iterdir():
            post.stores(path.read_bytes(), box)
    post.works()

    with house.db.read() as session:
        mails = session.scalars(select(IncomingMail)).all()
        became = sorted((mail.subject, mail.state.value, mail.why) for mail in mails)
        files = session.scalars(select(Attachment.name)).all()
    assert became == [
        ("Afwezig: Re: uw bericht", "filed", "auto_reply"),
        ("Display stays dark, only E17", "new_case", ""),
        ("Five beans to try before the year ends", "filed", "list"),
        ("Offerte voor drie machines", "waiting", "inbox"),
        ("Rechnung 2026-1187", "filed", "alias_folder"),
        ("Your account will be closed today", "quarantined", "two_senders"),
    ]
    assert files == ["display.png"]
