import pytest
from sqlalchemy import select

from processes.cases.models import Case, Channel
from processes.files.models import Attachment
from processes.mail.models import IncomingMail, IncomingState
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import SCRIPT, part, tree, words


def act(browser, mail, verb, headers=None, **data):
    """Do something with a mail, as its page does."""
    return browser.post(f"/desk/mail/{mail.id}/{verb}?folder=all", data=data, headers=headers)


def case_of(house, mail) -> Case:
    with house.db.read() as session:
        found = session.get_one(IncomingMail, mail.id)
        assert found.case_id is not None
        return session.get_one(Case, found.case_id)


@pytest.mark.requirement("COV-32")
def test_a_mail_becomes_a_case_with_its_text_sender_and_files_and_shows_the_link(desk, house, post):
    mail = post.brings("Where is my parcel?", text="It was to come on Monday.")
    post.encloses(mail, "bill.txt", b"You owe us nothing.")
    menu = tree(page(desk.get(f"/desk/mail/{mail.id}"))).xpath("//details[@class='menu']")[0]
    assert "Make case" in menu.text_content()

    answer = act(desk, mail, "case")

    case = case_of(house, mail)
    shown = page(desk.get(answer.location))
    assert answer.status_code == 303
    assert case.number in part(shown, "decision")
    assert f"/desk/cases/{case.number}" in tree(shown).xpath("//*[@id='decision']//a/@href")
    assert "Mila Jansen made case" in part(shown, "decision")
    assert case.channel is Channel.EMAIL
    talk = part(page(desk.get(f"/desk/cases/{case.number}")), "talk")
    assert "It was to come on Monday." in talk
    assert "Sanne de Vries" in talk
    assert "bill.txt" in talk
    with house.db.read() as session:
        files = session.scalars(select(Attachment).filter_by(incoming_mail_id=mail.id)).all()
    assert [file.activity_id is not None for file in files] == [True]


@pytest.mark.requirement("COV-63")
def test_a_linked_mail_shows_on_the_timeline_and_moves_the_case_only_as_a_reply(desk, house, post):
    case, other = house.answered(), house.answered()
    reply, aside = post.brings(text="It still does not work."), post.brings(text="Only to know.")

    assert act(desk, reply, "link", case=case.number, reply="1").status_code == 303
    assert act(desk, aside, "link", case=other.number).status_code == 303

    for mail, there, told in (
        (reply, case, "It still does not work."), (aside, other, "Only to know."),
    ):  # fmt: skip
        assert case_of(house, mail).id == there.id
        assert told in part(page(desk.get(f"/desk/cases/{there.number}")), "talk")
    assert house.waiting_at(case) != house.waiting_at(other)
    assert post.sees(reply).state is IncomingState.REPLY


def test_a_mail_is_put_aside_and_taken_up_again(desk, post):
    mail = post.brings()

    act(desk, mail, "aside")
    assert post.sees(mail).state is IncomingState.FILED
    shown = page(desk.get(f"/desk/mail/{mail.id}"))
    assert "Mila Jansen put this mail aside" in part(shown, "decision")
    assert "Make case" not in words(shown)

    act(desk, mail, "back")
    assert post.sees(mail).state is IncomingState.WAITING
    assert "Make case" in words(page(desk.get(f"/desk/mail/{mail.id}")))


def test_a_mail_that_is_held_back_is_read_again(desk, house, post):
    mail = post.brings("Held", state=IncomingState.QUARANTINED, why="too_deep")

    answer = act(desk, mail, "again", SCRIPT)

    assert answer.status_code == 200
    assert "is being read" in part(answer.text, "decision")
    assert post.sees(mail).state is IncomingState.STORED


def test_a_mail_that_is_held_back_becomes_a_case_all_the_same(desk, house, post):
    mail = post.brings("Held", state=IncomingState.QUARANTINED, why="too_deep", text="")

    act(desk, mail, "case")

    talk = part(page(desk.get(f"/desk/cases/{case_of(house, mail).number}")), "talk")
    assert "message.eml" not in talk  # its headers are not for the customer
    with house.db.read() as session:
        (whole,) = session.scalars(select(Attachment).filter_by(incoming_mail_id=mail.id))
    assert (whole.name, whole.activity_id) == ("message.eml", None)


@pytest.mark.parametrize("headers", [None, SCRIPT], ids=["plain", "by script"])
@pytest.mark.parametrize("verb", ["case", "link", "aside"])
def test_the_second_of_two_agents_reads_who_was_faster_and_where_it_went(
    desk, colleague, house, post, verb, headers
):
    case = house.classified()
    mail = post.brings()
    act(colleague, mail, "case")

    answer = act(desk, mail, verb, headers, case=case.number, find="typed before", reply="1")

    made = case_of(house, mail)
    assert answer.status_code == 409
    decision = part(answer.text, "decision")
    assert "Emma Clarke dealt with this mail at" in part(answer.text, "trouble")
    assert made.number in decision
    assert f"/desk/cases/{made.number}" in tree(answer.text).xpath("//*[@id='decision']//a/@href")
    if verb == "link":
        assert tree(answer.text).xpath("//input[@name='find']/@value")[0] == "typed before"
    with house.db.read() as session:
        assert len(session.scalars(select(Case)).all()) == 2


@pytest.mark.parametrize("number", ["", "AAAA-AAAA-A", "%00", "x" * 4_000])
def test_a_number_nobody_has_is_told_and_what_was_typed_is_kept(desk, post, number):
    mail = post.brings()

    answer = act(desk, mail, "link", SCRIPT, case=number, find="espresso")

    assert answer.status_code == 422
    assert "There is no case with this number" in part(answer.text, "trouble")
    assert tree(answer.text).xpath("//input[@name='find']/@value")[0] == "espresso"
    assert not tree(answer.text).xpath("//input[@name='reply'][@checked]")
    assert post.sees(mail).state is IncomingState.WAITING


def test_by_script_the_answer_brings_list_folders_and_number_along(desk, post):
    mail = post.brings()
    post.brings("Another")

    answer = act(desk, mail, "aside", SCRIPT)

    assert "The mail is put aside." in answer.text
    assert part(answer.text, "badge-desk-mails") == "1"
    assert part(answer.text, "bar-badge-desk-mails") == "1"  # on phones
    assert "To decide 1" in part(answer.text, "folders")


def test_the_pages_of_cases_tell_how_much_mail_waits(desk, house, post):
    case = house.classified()
    post.brings()
    post.brings("Bill", state=IncomingState.FILED, folder="Invoices", why="alias_folder")

    for address in ("/desk/", f"/desk/cases/{case.number}"):
        assert part(page(desk.get(address)), "badge-desk-mails") == "2"
        assert part(page(desk.get(address)), "bar-badge-desk-mails") == "2"
