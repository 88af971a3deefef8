"""Files go along with a mail, and a mailbox's mail leaves by its own server."""

import pytest

from engine import clock, jobs
from processes.cases.models import Case, Queue
from processes.cases.outgoing_mail import Sending
from processes.files import services as files
from processes.files.errors import FileMissingError
from processes.mail.delivery import deliver
from processes.mail.gateways import Smtp
from processes.mail.models import Mailbox, MailState, Security
from processes.request.services import send_reply
from tests.processes.world import House

PDF = b"%PDF-1.7\n" + b"x" * 200_000
NESTED = b"From: a@example.org\r\nSubject: nested\r\n\r\nHello\r\n"


@pytest.fixture
def stored(furnished, database_url, tmp_path):
    """The product with a folder of its own for files."""
    furnished.restore()
    made = House(database_url, data_dir=tmp_path)
    yield made
    made.db.engine.dispose()


def writes(house, case, *uploads):
    """Send a reply with files, as its writer would."""
    with house.db.write() as session:
        keys = [
            files.attach(
                session, files.keep(session, content), name, uploaded_by=house.mila.actor
            ).key
            for name, content in uploads
        ]
        mine = session.get_one(Case, case.id)
        send_reply(session, mine, "Zie bijlage", house.mila, Sending(keys=tuple(keys)))


def sends(house, server):
    with house.db.write() as session:
        [job] = jobs.claim(session, kinds=(jobs.MAIL,), owner="test")
    deliver(house.db, server, job, lease_seconds=60)


@pytest.fixture
def case(stored):
    made = stored.classified()
    stored.works()
    return made


def test_files_arrive_whole_and_under_their_names(stored, case, mail_server):
    writes(stored, case, ("handleiding één.pdf", PDF), ("mail.eml", NESTED))

    sends(stored, Smtp(mail_server.url, 60))

    [message] = mail_server.messages
    came = {part.get_filename(): part for part in message.iter_attachments()}
    assert came["handleiding één.pdf"].get_content() == PDF
    assert came["handleiding één.pdf"].get_content_type() == "application/pdf"
    assert came["mail.eml"].get_content() in {NESTED, NESTED.decode()}
    assert "Zie bijlage" in message.get_body(("plain",)).get_content()


def test_a_file_that_is_gone_from_the_store_is_tried_again_and_sends_nothing_half(
    stored, case, mail_server, tmp_path
):
    writes(stored, case, ("a.pdf", PDF))
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.stat().st_size == len(PDF):
            path.unlink()

    with pytest.raises(FileMissingError):
        sends(stored, Smtp(mail_server.url, 60))

    assert mail_server.messages == []
    assert stored.mails(case)[-1].state is MailState.READY


def test_the_mail_of_a_mailbox_leaves_by_its_own_server(stored, case, mail_server):
    with stored.db.write() as session:
        box = Mailbox(
            address="help@shop.example",
            sender_name="The shop",
            owner_id=stored.mila.id,
            queue_id=session.query(Queue).first().id,
            smtp_host="127.0.0.1",
            smtp_port=mail_server.port,
            smtp_security=Security.NONE,
            created_at=clock.utc_now(),
        )
        session.add(box)
        session.flush()
        session.get_one(Case, case.id).mailbox_id = box.id
    writes(stored, case)

    sends(stored, None)

    [message] = mail_server.messages
    assert message["From"].addresses[0].addr_spec == "help@shop.example"
    assert stored.mails(case)[-1].state is MailState.SENT
