"""What becomes of what a person wrote."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from engine import queries
from processes.cases.models import CaseStatus, Channel, LinkKind, Queue
from processes.mail.incoming import INCOMING_MAIL
from processes.mail.models import IncomingMail, IncomingState, MailKind
from tests.processes.post import SANNE, SUPPORT, raw_mail
from workers import look
from workers.config import WorkerSettings


@pytest.mark.requirement("CON-14")
def test_a_mail_from_a_new_customer_becomes_a_case(house, post):
    post.mailbox()
    mail = post.brings(raw_mail(cc="Tom <tom@example.org>", files=[("foto.bin", b"\1\2")]))
    case = post.case(mail)
    assert (mail.state, mail.why, mail.unread) == (IncomingState.NEW_CASE, "", True)
    assert (case.channel, case.status) == (Channel.EMAIL, CaseStatus.UNCLASSIFIED)
    assert (case.subject, case.original_description, case.language) == (
        "Printer kapot", "Mijn printer doet het niet.", "nl"
    )  # fmt: skip
    assert (case.contact.name, case.contact.email) == ("Sanne de Vries", "sanne@example.org")
    assert not case.contact.email_verified
    assert house.waiting_at(case) == ["classify"]
    entry = post.entry(mail)
    assert (entry.kind, entry.medium, entry.direction) == ("mail", "email", "in")
    assert (entry.author, entry.author_name, entry.internal) == (
        case.contact.actor, "Sanne de Vries", False
    )  # fmt: skip
    assert [(f.name, f.activity_id) for f in post.files(mail)] == [("foto.bin", entry.id)]
    assert post.participants(case) == {"sanne@example.org", "tom@example.org"}
    assert house.mails() == []


@pytest.mark.requirement("COV-04")
def test_a_mail_to_each_address_starts_a_case_in_its_own_queue(house, post):
    support = post.mailbox()
    post.mailbox("orders@care.example", queue="sales")
    post.alias(support, "help@care.example", queue_id=queue_id(house, "triage"))
    queues = {}
    for address in (SUPPORT, "orders@care.example", "help@care.example"):
        queues[address] = post.case(post.brings(raw_mail(to=address))).queue.key
    assert queues == {
        SUPPORT: "support", "orders@care.example": "sales", "help@care.example": "triage"
    }  # fmt: skip


def test_a_house_without_mailboxes_takes_mail_in_all_the_same(house, post):
    case = post.case(post.brings(raw_mail()))
    assert (case.mailbox_id, case.queue.key, case.language) == (None, "triage", "nl")


def test_a_mail_whose_words_do_not_tell_is_in_the_language_of_its_writer_or_its_mailbox(post):
    post.mailbox(language="de")
    assert post.case(post.brings(raw_mail("Tschüss"))).language == "de"
    post.brings(raw_mail("Wij hebben het niet.", sender="jan@example.org"))
    assert post.case(post.brings(raw_mail("ok?", sender="jan@example.org"))).language == "nl"


def test_the_same_mail_fetched_again_is_one(house, post):
    box = post.mailbox()
    raw = raw_mail()
    assert post.stores(raw, box, uid_validity=1, uid=7) is not None
    assert post.stores(raw, box, uid_validity=2, uid=1) is None, "by its contents"
    assert post.stores(raw_mail(), box, uid_validity=1, uid=7) is None, "by its number"
    post.works()
    assert post.cases() == 1


def test_a_mail_to_two_mailboxes_is_one_case(house, post):
    first, second = post.mailbox(), post.mailbox("orders@care.example", queue="sales")
    raw = raw_mail(to=f"{SUPPORT}, orders@care.example")
    mail, twin = post.brings(raw, first), post.brings(b"X-Came-By: two\r\n" + raw, second)
    assert (twin.state, twin.why, twin.case_id) == (
        IncomingState.FILED, "came_twice", mail.case_id
    )  # fmt: skip
    assert post.cases() == 1


@pytest.mark.requirement("COV-62")
@pytest.mark.parametrize("way", ["address", "delivered_to", "in_reply_to", "references"])
def test_a_reply_finds_its_case_by_the_token_whatever_its_subject(house, post, way):
    post.mailbox()
    case, other = house.classified(), house.classified()
    token = post.token(case)
    marked = f"<{token}.1@care.example>"
    headers = {
        "address": {"to": post.tagged(case)},
        "delivered_to": {"delivered_to": post.tagged(case)},
        "in_reply_to": {"in_reply_to": marked},
        "references": {"references": f"<other@example.org> {marked} <third@example.org>"},
    }[way]
    mail = post.brings(
        raw_mail("Het gaat om mijn telefoon.", subject="Heel iets anders", **headers)
    )
    assert (mail.state, mail.case_id, mail.why) == (IncomingState.REPLY, case.id, "token")
    entry = house.timeline(case)[-1]
    assert (entry.text, entry.subject) == ("Het gaat om mijn telefoon.", "Heel iets anders")
    assert entry.author == post.contact().actor
    assert house.see(case).unread
    assert house.timeline(other)[-1].incoming_mail_id is None


def test_a_reply_to_a_mail_from_before_the_tokens_finds_its_case_by_message_id(house, post):
    case = house.classified()
    with house.db.write() as session:
        session.execute(text("UPDATE outgoing_mail SET message_id = 'a1b2c3@care.example'"))
    mail = post.brings(raw_mail("Ja.", subject="Re: x", in_reply_to="<a1b2c3@care.example>"))
    assert (mail.state, mail.case_id, mail.why) == (IncomingState.REPLY, case.id, "message_id")


def test_a_participant_answers_the_customers_own_mail(house, post):
    first = post.brings(raw_mail(cc="Tom <tom@example.org>", message_id="<first@example.org>"))
    mail = post.brings(
        raw_mail("Bij mij ook.", sender="tom@example.org", in_reply_to="<first@example.org>")
    )
    assert (mail.case_id, mail.why) == (first.case_id, "reference")
    assert post.entry(mail).author_name == "tom@example.org"


def test_a_number_in_the_subject_counts_for_somebody_who_takes_part(house, post):
    case = house.classified()
    mail = post.brings(raw_mail("Hier weer ik.", subject=f"Vraag over {case.number.lower()}"))
    assert (mail.case_id, mail.why) == (case.id, "number")
    assert not post.contact().email_verified, "a number proves nothing"


def test_a_number_with_a_wrong_check_character_is_no_number(house, post):
    case = house.classified()
    wrong = case.number[:-1] + ("0" if case.number[-1] != "0" else "1")
    mail = post.brings(raw_mail(subject=f"Vraag over {wrong}"))
    assert (mail.state, mail.maybe_case_id) == (IncomingState.NEW_CASE, None)


def test_a_mail_that_only_hints_at_a_case_becomes_one_linked_as_maybe(house, post):
    case = house.classified()
    mail = post.brings(raw_mail(sender="eve@example.net", subject=f"Re: [{case.number}]"))
    fresh = post.case(mail)
    assert fresh.id != case.id
    assert [(link.other_id, link.kind) for link in post.links(fresh)] == [(case.id, LinkKind.MAYBE)]
    assert house.timeline(case)[-1].incoming_mail_id is None


def test_an_answer_with_the_token_proves_the_customers_address(house, post):
    case = house.classified()
    with house.db.write() as session:
        session.execute(text("UPDATE contact SET bounced_at = created_at, bounce = 'full'"))
    post.brings(post.answer(case))
    contact = post.contact()
    assert (contact.email_verified, contact.bounced_at, contact.bounce) == (True, None, None)


def test_a_stranger_with_the_token_joins_visibly_and_proves_nothing(house, post):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Welke telefoon?")
    mail = post.brings(post.answer(case, sender="Eve <eve@example.net>"))
    entry = post.entry(mail)
    assert (mail.case_id, entry.data, entry.author_name) == (case.id, {"stranger": True}, "Eve")
    assert "handle" in house.waiting_at(case), "a person looks at it"
    assert "eve@example.net" not in post.participants(case)
    assert not post.contact().email_verified
    again = post.brings(raw_mail(sender="eve@example.net", subject=case.number))
    assert again.case_id != case.id


@pytest.mark.requirement("COV-16")
def test_mail_to_an_alias_with_a_folder_is_filed_there_without_hands(house, post):
    box = post.mailbox()
    post.alias(box, "press@care.example", folder="Press")
    mail = post.brings(raw_mail(to="press@care.example"), box)
    assert (mail.state, mail.why, mail.folder, mail.unread) == (
        IncomingState.FILED, "alias_folder", "Press", True
    )  # fmt: skip
    assert (post.cases(), mail.case_id) == (0, None)


@pytest.mark.parametrize(
    ("headers", "folder"),
    [
        ({"to": "Press <PRESS@care.example>", "delivered_to": SUPPORT}, "Press"),
        ({"to": "friends@example.org", "delivered_to": "press@care.example"}, "Press"),
        ({"to": "press+news@care.example"}, "Press"),
        ({"to": SUPPORT, "cc": "press@care.example"}, ""),
    ],
)
def test_the_first_of_our_addresses_that_the_writer_named_counts(post, headers, folder):
    box = post.mailbox()
    post.alias(box, "press@care.example", folder="Press")
    for mailbox in (box, None):
        mail = post.brings(raw_mail(**headers, message_id=f"<{mailbox and 1}@x.example>"), mailbox)
        assert (mail.folder, mail.mailbox_id) == (folder, box.id)


def test_a_mailbox_may_let_new_mail_wait_but_not_replies(house, post):
    post.inbox()
    case = house.classified()
    mail = post.brings(raw_mail())
    assert (mail.state, mail.why, mail.unread) == (IncomingState.WAITING, "inbox", True)
    assert post.brings(post.answer(case)).state is IncomingState.REPLY


def test_a_reply_wakes_a_waiting_case(house, post):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Welke telefoon?")
    assert house.see(case).status is CaseStatus.WAITING_CUSTOMER
    post.brings(post.answer(case, "Een rode."))
    assert house.see(case).status is CaseStatus.IN_PROGRESS


def test_a_reply_in_the_closing_week_stops_the_closing(house, post):
    case = house.answered()
    post.brings(post.answer(case, "Het werkt nog niet."))
    house.waits(days=9)
    seen = house.see(case)
    assert (seen.status, seen.closed_at) == (CaseStatus.IN_PROGRESS, None)


@pytest.mark.requirement("COV-94")
def test_a_reply_to_an_old_mail_reopens_and_an_out_of_office_does_not(house, post):
    case = house.closed()
    old = house.mails(case)[0]
    away = post.brings(post.answer(case, "Ik ben er niet.", auto_submitted="auto-replied"))
    assert (away.kind, away.state, away.case_id) == (
        MailKind.AUTO_REPLY, IncomingState.FILED, case.id
    )  # fmt: skip
    assert house.see(case).is_closed
    mail = post.brings(raw_mail("Toch niet.", subject="Hallo?", in_reply_to=f"<{old.message_id}>"))
    assert mail.case_id == case.id
    assert not house.see(case).is_closed


@pytest.mark.requirement("COV-95")
def test_the_note_to_the_handler_names_the_mail_that_opened_the_case_again(house, post):
    case = house.closed()
    mail = post.brings(post.answer(case, "Het gaat weer mis."))
    note = house.timeline(case)[-1]
    assert (note.internal, note.text) == (True, "Het gaat weer mis.")
    assert note.data["code"] == "reopened"
    assert note.data["activity_id"] == post.entry(mail).id
    assert note.data["from"] == "Sanne de Vries"
    seen = house.see(case)
    assert (seen.unread, seen.assignee.name) == (True, "Mila Jansen")


def test_a_mail_longer_than_a_timeline_shows_its_beginning_and_is_kept_whole(house, post):
    mail = post.brings(raw_mail("woord " * 5_000))
    entry = post.entry(mail)
    assert len(entry.text) == 20_000
    assert entry.data["cut"]
    assert len(mail.text) > 29_000


def test_a_mail_of_files_only_is_taken_in(house, post):
    mail = post.brings(raw_mail("", subject="", files=[("scan.pdf", b"%PDF-1.4")]))
    assert post.entry(mail).data["wordless"]
    assert [file.name for file in post.files(mail)] == ["scan.pdf"]
    assert post.case(mail).description == ""


def test_a_machine_that_wants_no_answers_gets_none(house, post):
    case = post.case(post.brings(raw_mail(x_auto_response_suppress="All")))
    assert not case.automatic_mail


def test_a_mail_that_cannot_be_read_is_kept_with_the_reason(house, post):
    mail = post.brings(b"\x00\x01 no mail at all")
    assert mail.state is IncomingState.QUARANTINED
    assert mail.why
    assert mail.unread


def test_of_a_mail_with_two_senders_neither_is_believed(house, post):
    raw = raw_mail(subject="=?utf-8?q?Caf=C3=A9?=")
    mail = post.brings(b"From: Eve <eve@example.net>\r\n" + raw)
    assert (mail.why, mail.subject, mail.from_address) == ("two_senders", "Café", "")
    assert mail.from_name == "eve@example.net, sanne@example.org"


def test_a_colleague_who_is_the_customer_is_answered_as_one(house, post):
    case = house.classified(contact_email=house.emma.email, contact_name="Emma Clarke")
    house.completes(case, "handle", next="reply_and_wait", message="Welke telefoon?")
    mail = post.brings(post.answer(case, sender=f"Emma Clarke <{house.emma.email}>"))
    assert (mail.why, post.entry(mail).internal) == ("token", False)
    assert "handle" in house.waiting_at(case)


def test_an_answer_to_a_mail_as_it_really_left_finds_its_case(house, post):
    case = house.classified()
    ours = house.mails(case)[-1]
    by_address = post.brings(raw_mail("Een.", to=ours.reply_to))
    by_id = post.brings(raw_mail("Twee.", in_reply_to=f"<{ours.message_id}>"))
    assert (by_address.case_id, by_id.case_id) == (case.id, case.id)


def test_the_folder_is_told_of_each_mail(house, post):
    post.inbox()
    post.brings(raw_mail())
    with house.db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM change WHERE topic = 'mail'")) == 1
        assert session.scalar(select(IncomingMail.from_address)) in SANNE


def queue_id(house, key):
    with house.db.read() as session:
        return session.scalars(select(Queue.id).where(Queue.key == key)).one()


def test_an_answer_waits_for_the_mail_that_came_just_before_it(house, post):
    first = post.stores(raw_mail(message_id="<first@example.org>"))
    settings, tally = WorkerSettings(), look.Tally()
    (slow,) = look.claim(post.app, settings, INCOMING_MAIL, tried=False)
    second = post.stores(raw_mail("Nog iets.", in_reply_to="<first@example.org>"))
    (quick,) = look.claim(post.app, settings, INCOMING_MAIL, tried=False)
    look.run(post.app, quick, tally, settings)
    assert post.see(second).state is IncomingState.STORED
    look.run(post.app, slow, tally, settings)
    with house.db.write() as session:
        session.execute(text("UPDATE job SET due_at = created_at WHERE state = 'ready'"))
    post.works()
    assert post.see(second).case_id == post.see(first).case_id
    assert tally.failed == 0


def test_two_workers_make_one_case_of_a_mail_that_came_by_two_ways(house, post):
    boxes = post.mailbox(), post.mailbox("sales@care.example", queue="sales")
    for number in range(12):
        raw = raw_mail(f"Mail {number}", sender=f"New <new{number % 6}@example.org>")
        for box in boxes:
            post.stores(f"X-Came-To: {box.address}\n".encode() + raw, box)
    tallies = side_by_side(post, 3)
    assert [tally.failed for tally in tallies] == [0, 0, 0]
    assert sum(tally.done for tally in tallies) == 24
    assert post.cases() == 12
    with house.db.read() as session:
        whys = session.scalars(select(IncomingMail.why)).all()
    assert sorted(whys) == [""] * 12 + ["came_twice"] * 12


def test_many_answers_at_once_open_a_closed_case_once(house, post):
    case = house.closed()
    for number in range(12):
        post.stores(post.answer(case, f"Antwoord {number}", sender=f"p{number}@example.net"))
    tallies = side_by_side(post, 3)
    assert [tally.failed for tally in tallies] == [0, 0, 0]
    came = [entry for entry in house.timeline(case) if entry.incoming_mail_id]
    assert len(came) == 12
    with house.db.read() as session:
        rows = queries.instances_of(session, str(case.id))
    assert [row.status for row in rows].count("running") == 1
    notes = [entry for entry in house.timeline(case) if entry.data.get("code") == "reopened"]
    assert len(notes) == 1


def side_by_side(post, workers):
    with ThreadPoolExecutor(workers) as pool:
        return [each.result() for each in [pool.submit(post.works) for _ in range(workers)]]
