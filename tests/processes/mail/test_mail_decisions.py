"""What agents make of mail that waits; of two who do the same, the second is told."""

import threading

import pytest
from sqlalchemy import select

from engine.models import Incident, Job
from processes.cases.models import CaseStatus
from processes.mail import incoming
from processes.mail.errors import AlreadyHandledError
from processes.mail.incoming import INCOMING_MAIL
from processes.mail.models import IncomingMail, IncomingState
from processes.request import mail_decisions, mail_intake
from tests.processes.post import raw_mail


def on(post, verb, mail, *more, **options):
    with post.db.write() as session:
        return verb(session, session.get_one(IncomingMail, mail.id), *more, **options)


def promote(post, mail, staff):
    with post.db.write() as session:
        return mail_decisions.make_case(
            post.app, session, session.get_one(IncomingMail, mail.id), staff
        )


def link(post, mail, case, staff, **options):
    with post.db.write() as session:
        fresh = session.merge(post.house.see(case))
        mine = session.get_one(IncomingMail, mail.id)
        return mail_decisions.link_to_case(post.app, session, mine, fresh, staff, **options)


def test_a_promoted_mail_is_a_case_with_body_sender_and_files(house, post):
    post.inbox()
    mail = post.brings(raw_mail(files=[("foto.bin", b"\1")]))
    promote(post, mail, house.mila)
    case, seen = post.case(mail), post.see(mail)
    assert (seen.state, seen.why, seen.handled_by_id) == (
        IncomingState.NEW_CASE, "by_hand", house.mila.id
    )  # fmt: skip
    assert case.description == "Mijn printer doet het niet."
    assert case.contact.email == "sanne@example.org"
    entry = post.entry(mail)
    assert [file.activity_id for file in post.files(mail)] == [entry.id]
    assert house.waiting_at(case) == ["classify"]


def test_a_linked_mail_shows_on_the_timeline_and_wakes_the_case(house, post):
    post.inbox()
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Welke telefoon?")
    mail = post.brings(raw_mail(sender="eve@example.net", files=[("foto.bin", b"\1")]))
    entry = link(post, mail, case, house.mila)
    assert house.timeline(case)[-1].id == entry.id
    assert (entry.incoming_mail_id, entry.data) == (mail.id, {"linked_by": "Mila Jansen"})
    assert [file.activity_id for file in post.files(mail)] == [entry.id]
    assert house.see(case).status is CaseStatus.IN_PROGRESS
    assert "eve@example.net" in post.participants(case)
    assert post.see(mail).state is IncomingState.REPLY


def test_a_linked_mail_reopens_a_closed_case_only_as_a_reply(house, post):
    post.inbox()
    case = house.closed()
    link(post, post.brings(raw_mail()), case, house.mila, reply=False)
    assert house.see(case).is_closed
    link(post, post.brings(raw_mail("Nog een.")), case, house.mila)
    assert not house.see(case).is_closed


def test_a_machines_mail_wakes_nothing_when_it_is_linked(house, post):
    case = house.closed()
    mail = post.brings(raw_mail(list_id="<news.example.org>"))
    link(post, mail, case, house.mila)
    assert house.see(case).is_closed
    assert house.timeline(case)[-1].incoming_mail_id == mail.id


def test_a_mail_put_aside_can_be_taken_up_again(house, post):
    post.inbox()
    mail = post.brings(raw_mail())
    on(post, mail_decisions.put_aside, mail, house.mila)
    assert (post.see(mail).state, post.see(mail).why) == (IncomingState.FILED, "not_a_case")
    on(post, mail_decisions.take_up, mail)
    assert post.see(mail).state is IncomingState.WAITING
    promote(post, mail, house.emma)
    assert post.cases() == 1


def test_the_second_agent_hears_who_was_faster_and_when(house, post):
    post.inbox()
    mail = post.brings(raw_mail())
    promote(post, mail, house.mila)
    for verb in (promote, lambda p, m, s: on(p, mail_decisions.put_aside, m, s)):
        with pytest.raises(AlreadyHandledError) as refused:
            verb(post, mail, house.emma)
        assert (refused.value.status, refused.value.params["by"]) == (409, "Mila Jansen")
        assert refused.value.params["at"] == post.see(mail).handled_at
        assert refused.value.params["number"] == post.case(mail).number
    assert post.cases() == 1


def test_a_mail_that_is_in_a_case_by_itself_cannot_be_handled_again(house, post):
    mail = post.brings(raw_mail())
    with pytest.raises(AlreadyHandledError):
        promote(post, mail, house.mila)


def test_of_many_agents_at_once_one_promotes(house, post):
    post.inbox()
    mail = post.brings(raw_mail())
    gate, told = threading.Barrier(6), []

    def try_it(staff):
        gate.wait()
        try:
            promote(post, mail, staff)
            told.append("done")
        except AlreadyHandledError:
            told.append("told")

    agents = [threading.Thread(target=try_it, args=(house.mila,)) for _ in range(6)]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()
    assert sorted(told) == ["done", *["told"] * 5]
    assert post.cases() == 1


def test_a_mail_in_quarantine_can_be_opened_by_hand_with_the_whole_as_a_file(house, post):
    raw = b"\x00\x01 no mail at all"
    mail = post.brings(raw)
    assert mail.state is IncomingState.QUARANTINED
    case = promote(post, mail, house.mila)
    assert [file.name for file in post.files(mail)] == ["message.eml"]
    assert house.waiting_at(case) == ["classify"]
    assert house.see(case).contact_id is None


def test_a_mail_that_fails_each_time_is_quarantined_and_can_be_released(house, post):
    mail = post.stores(raw_mail())
    (whole,) = house.app.settings.data_dir.rglob(mail.sha256)
    hidden = whole.rename(whole.with_suffix(".away"))
    for _ in range(5):
        with house.db.write() as session:
            job = session.scalars(select(Job).where(Job.kind == INCOMING_MAIL)).one()
            job.due_at, job.lease_until = job.created_at, None
        post.fails()
    seen = post.see(mail)
    assert (seen.state, seen.why) == (IncomingState.QUARANTINED, "failed")
    with house.db.read() as session:
        assert session.scalars(select(Incident)).one().resolved_at is None
    hidden.rename(whole)
    on(post, mail_decisions.release, mail, house.mila)
    assert post.works().failed == 0
    assert post.see(mail).state is IncomingState.NEW_CASE
    with house.db.read() as session:
        assert session.scalars(select(Incident)).one().resolved_by == house.mila.actor


def test_retrying_the_incident_takes_the_mail_in(house, post):
    mail = post.stores(raw_mail())
    with house.db.write() as session:
        job = session.scalars(select(Job).where(Job.kind == INCOMING_MAIL)).one()
        job.attempts = 5  # its worker died each time
    post.fails()
    held = post.see(mail)
    assert (held.state, held.why, held.subject, held.from_address) == (
        IncomingState.QUARANTINED, "failed", "Printer kapot", "sanne@example.org"
    )  # fmt: skip
    with house.db.write() as session:
        number = session.scalars(select(Incident.id)).one()
        assert house.app.engine.retry(session, number, "staff:1")
    post.works()
    assert post.see(mail).state is IncomingState.NEW_CASE


def test_a_mail_of_which_we_have_only_headers_makes_no_case_when_it_is_looked_at_again(house, post):
    mail = post.stores(raw_mail())
    with house.db.write() as session:
        incoming.quarantine(session.get_one(IncomingMail, mail.id), "too_large", raw_mail())
    on(post, mail_decisions.release, mail, house.mila)
    post.works()
    seen = post.see(mail)
    assert (seen.state, seen.why, seen.subject) == (
        IncomingState.QUARANTINED, "too_large", "Printer kapot"
    )  # fmt: skip
    assert post.cases() == 0


def test_only_what_is_in_quarantine_can_be_released(house, post):
    mail = post.brings(raw_mail())
    with pytest.raises(AlreadyHandledError):
        on(post, mail_decisions.release, mail, house.mila)


def test_a_mail_that_was_taken_in_is_left_alone(house, post):
    mail = post.brings(raw_mail())
    opened = mail_intake.open_mail(post.app, mail.id)
    assert opened is None
    with post.db.write() as session:
        mail_intake.process(post.app, session, mail.id, opened)
    assert post.cases() == 1
