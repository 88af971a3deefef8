"""Every mail of a case is part of one thread, whatever program the customer reads it with."""

import pytest

from engine import clock
from processes.cases import services
from processes.cases.models import Activity, ActivityKind, Case, Direction
from processes.cases.threads import thread_of
from processes.files.models import StoredFile
from processes.mail.models import IncomingMail, IncomingState, Mailbox, MailKind
from processes.mail.thread_headers import MOST_REFERENCES, answer_to, references, with_number
from processes.people.models import Contact
from processes.request.services import send_reply

NUMBER = "7K3M-9QXT-4"


def test_all_our_mails_of_a_case_stand_in_one_thread(house):
    case = house.answered()
    first, second = house.mails(case)
    assert (first.in_reply_to, first.references) == ("", [])
    assert second.in_reply_to == first.message_id
    assert second.references == [first.message_id]


def test_an_answer_names_the_customers_latest_mail_and_the_whole_thread_oldest_first(house):
    case = house.classified()
    [ours] = house.mails(case)
    comes_in(house, case, "first@example.org", [ours.message_id], "Vraag over inloggen")
    comes_in(house, case, "second@example.org", [ours.message_id, "first@example.org"], "AW: x")
    reply(house, case)
    mail = house.mails(case)[-1]
    assert mail.in_reply_to == "second@example.org"
    assert mail.references == [ours.message_id, "first@example.org", "second@example.org"]


def test_an_out_of_office_is_not_what_we_answer(house):
    case = house.classified()
    comes_in(house, case, "person@example.org", [], "Vraag")
    comes_in(house, case, "away@example.org", [], "Afwezig", kind=MailKind.AUTO_REPLY)
    reply(house, case)
    assert house.mails(case)[-1].in_reply_to == "person@example.org"


def test_the_customers_subject_is_kept_with_our_number(house):
    case = house.classified()
    comes_in(house, case, "a@example.org", [], "Antw: RE: Kan niet inloggen")
    reply(house, case)
    assert house.mails(case)[-1].subject == f"Re: Kan niet inloggen [{case.number}]"


def test_reply_to_and_message_id_carry_the_token_of_the_case(house):
    case = house.answered()
    key = house.see(case).mail_key
    for mail in house.mails(case):
        assert mail.message_id.startswith(f"c{key}")
        assert mail.reply_to.startswith(f"support+c{key}")
        assert mail.reply_to.endswith("@care.example")


@pytest.mark.parametrize("plus", [True, False])
def test_the_mailbox_the_case_came_in_by_is_the_one_it_answers_from(house, plus):
    case = house.classified()
    with house.db.write() as session:
        box = Mailbox(
            address="help@shop.example",
            sender_name="The shop",
            owner_id=house.mila.id,
            queue_id=house.see(case).queue_id,
            plus_addresses=plus,
            created_at=clock.utc_now(),
        )
        session.add(box)
        session.flush()
        session.get_one(Case, case.id).mailbox_id = box.id
    reply(house, case)
    mail = house.mails(case)[-1]
    assert (mail.from_address, mail.from_name) == ("help@shop.example", "The shop")
    assert mail.mailbox_id is not None
    assert mail.message_id.endswith("@shop.example")
    assert mail.reply_to.startswith("help+c") == plus


def test_ids_that_cannot_stand_in_a_header_are_left_out(house):
    case = house.classified()
    hostile = ["a@b\r\nBcc: x@y.example", "<a@b>", "no-at-sign", "x" * 600 + "@b", 'a"b c@d', ""]
    comes_in(house, case, "good@example.org", hostile, "Hi")
    with house.db.write() as session:
        assert thread_of(session, session.get_one(Case, case.id)).ids == (
            house.mails(case)[0].message_id,
            "good@example.org",
        )


def test_a_long_thread_keeps_its_first_and_its_latest_mails():
    ids = [f"{number}@example.org" for number in range(100)]
    kept = references(ids)
    assert len(kept) == MOST_REFERENCES
    assert kept[0] == ids[0]
    assert kept[1:] == tuple(ids[-(MOST_REFERENCES - 1) :])
    assert references(["a@b", "c@d", "a@b"]) == ("a@b", "c@d")


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Hello", f"Re: Hello [{NUMBER}]"),
        ("Re: AW: Antw: Hello", f"Re: Hello [{NUMBER}]"),
        (f"Re: Hello [{NUMBER}]", f"Re: Hello [{NUMBER}]"),
        (f"Re: Your request {NUMBER}: Hello", f"Re: Your request {NUMBER}: Hello"),
        ("Re[2]: Hello", f"Re: Hello [{NUMBER}]"),
        ("Regarding: Hello", f"Re: Regarding: Hello [{NUMBER}]"),
        ("Re: ", ""),
        ("", ""),
    ],
)
def test_prefixes_of_answers_do_not_pile_up(subject, answer):
    assert answer_to(subject, NUMBER) == answer


def test_a_subject_without_end_keeps_room_for_the_number():
    assert with_number("x" * 5_000, NUMBER).endswith(f"[{NUMBER}]")
    assert len(answer_to("Re: " * 50_000 + "x" * 5_000, NUMBER)) <= 300


@pytest.mark.parametrize("verified", [False, True])
def test_an_automatic_mail_carries_a_strangers_words_only_to_a_proved_address(house, verified):
    case = house.submits(name="Buy now www.spam.example", subject="Win a prize")
    with house.db.write() as session:
        session.get(Contact, case.contact_id).email_verified = verified
    house.completes(case, "classify", subject="Win a prize")
    [mail] = house.mails(case)
    for words in ("Win a prize", "www.spam.example"):
        found = (words in mail.text, words in mail.html, words in mail.subject + mail.to_name)
        assert any(found) is verified
    assert case.number in mail.subject


def test_what_an_agent_writes_goes_out_with_name_and_conversation(house):
    case = house.classified()
    reply(house, case, "Welke telefoon is het?")
    mail = house.mails(case)[-1]
    assert "Beste Sanne de Vries," in mail.text
    assert mail.text.startswith("— antwoord boven deze regel —\n")
    quoted = "> Sinds gisteren kan ik niet meer inloggen."
    assert quoted in mail.text.split("\n")
    assert "schreef Sanne de Vries:" in mail.text
    assert '<blockquote type="cite">Sinds gisteren' in mail.html
    assert house.timeline(case)[-1].text == "Welke telefoon is het?"


def test_the_newest_is_quoted_first_and_internal_words_never(house):
    case = house.classified()
    house.replies(case, "Het gaat om mijn telefoon.")
    with house.db.write() as session:
        services.add_note(session, session.get_one(Case, case.id), "Lastige klant.", house.mila)
    reply(house, case)
    text = house.mails(case)[-1].text
    assert text.index("> Het gaat om mijn telefoon.") < text.index("> Sinds gisteren")
    assert "Lastige klant." not in text


def reply(house, case, text="Hallo"):
    with house.db.write() as session:
        send_reply(session, session.get_one(Case, case.id), text, house.mila)


@pytest.mark.parametrize("how", [{"internal": True}, {"stranger": True}, {"doubtful": True}])
def test_what_colleagues_and_strangers_wrote_gives_our_mails_neither_subject_nor_parent(house, how):
    case = house.classified()
    comes_in(house, case, "first@example.org", [], "Vraag over inloggen")
    comes_in(house, case, "secret@example.net", [], "Betaalt nooit", **how)
    reply(house, case)
    mail = house.mails(case)[-1]
    assert mail.in_reply_to == "first@example.org"
    assert "secret@example.net" not in mail.references
    assert "Betaalt nooit" not in mail.subject


def comes_in(
    house, case, message_id, known, subject, kind=MailKind.PERSON, *, internal=False, **facts
):
    sha256 = message_id.encode().hex().ljust(64, "0")[:64]
    with house.db.write() as session:
        now = clock.business_now(session)
        session.add(StoredFile(sha256=sha256, size=1, media_type="message/rfc822", created_at=now))
        session.flush()
        mail = IncomingMail(
            sha256=sha256,
            message_id=message_id,
            references=known,
            subject=subject,
            kind=kind,
            state=IncomingState.REPLY,
            case_id=case.id,
            received_at=now,
        )
        session.add(mail)
        session.flush()
        entry = Activity(
            case_id=case.id,
            at=now,
            kind=ActivityKind.MAIL,
            internal=internal,
            direction=Direction.IN,
            author="mail",
            author_name="",
            subject=subject,
            incoming_mail_id=mail.id,
            data=facts,
        )
        session.add(entry)
