import pytest

from processes.mail import inbox
from processes.mail.models import IncomingState, MailKind
from tests.webapp.clients import counted
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import rows, tree, words


def folders(text: str) -> list[str]:
    """Return the folders of the page, each with the number beside it."""
    links = tree(text).xpath("//nav[@id='folders']/a")
    return [" ".join(link.text_content().split()) for link in links]


def test_each_folder_shows_its_mails_and_their_number(desk, post):
    post.brings("To be decided")
    post.brings("Read, not decided", unread=False)
    post.brings("Became a case", state=IncomingState.NEW_CASE, unread=False)
    post.brings("Newsletter", state=IncomingState.FILED, kind=MailKind.LIST, why="list")
    post.brings("Held", state=IncomingState.QUARANTINED, why="too_deep")
    post.brings("Bill", state=IncomingState.FILED, folder="Invoices", why="alias_folder")

    shown = {
        view: rows(page(desk.get(f"/desk/mail?folder={view}")))
        for view in ("waiting", "unread", "all", "aside", "quarantine")
    }

    assert folders(page(desk.get("/desk/mail"))) == [
        "To decide 2", "Unread 2", "All", "Put aside", "Quarantine 1", "Invoices 1 unread",
    ]  # fmt: skip
    assert {view: len(found) for view, found in shown.items()} == {
        "waiting": 2,
        "unread": 2,
        "all": 6,
        "aside": 1,
        "quarantine": 1,
    }
    assert "Newsletter or list" in shown["aside"][0]
    assert "Held back" in shown["quarantine"][0]


def test_mail_to_an_alias_stands_in_its_folder_and_in_no_other(desk, post):
    post.brings("Bill", state=IncomingState.FILED, folder="Invoices", why="alias_folder")
    post.brings("A question")

    in_folder = rows(page(desk.get("/desk/mail?alias=Invoices")))

    assert len(in_folder) == 1
    assert "Bill" in in_folder[0]
    assert not [row for row in rows(page(desk.get("/desk/mail?folder=aside"))) if "Bill" in row]


def test_an_address_without_a_folder_leads_to_where_something_is_to_be_done(desk, post):
    def here():
        return tree(page(desk.get("/desk/mail"))).xpath(
            "string(//nav[@id='folders']/a[@aria-current])"
        )

    assert here().split() == ["All"]
    post.brings("Bill", state=IncomingState.FILED, folder="Invoices", why="alias_folder")
    assert here().split()[0] == "Unread"
    post.brings("A question")
    assert here().split()[:2] == ["To", "decide"]


def test_a_line_says_what_became_of_the_mail(desk, house, post):
    case, maybe = house.classified(), house.classified()
    post.brings("One", state=IncomingState.REPLY, case_id=case.id)
    post.brings("Two", maybe_case_id=maybe.id)
    post.brings("Three", state=IncomingState.FILED, why="not_a_case")
    post.brings("Four", state=IncomingState.STORED, why="")

    three, two, one = rows(page(desk.get("/desk/mail?folder=all")))[1:]

    assert case.number in one
    assert f"Maybe {maybe.number}" in two
    assert "Put aside" in three
    assert "Being read" in rows(page(desk.get("/desk/mail?folder=all")))[0]


@pytest.mark.parametrize(
    "wanted", ["zieliński", "ESPRESSO tank", "tz@example.org", "%", "_", "nothing'--"]
)
def test_the_search_knows_sender_and_subject_and_takes_signs_as_signs(desk, post, wanted):
    post.brings(
        "The espresso tank leaks", from_name="Tomasz Zieliński", from_address="tz@example.org"
    )
    post.brings("Something else")

    answer = desk.get("/desk/mail", query_string={"folder": "all", "q": wanted})

    is_found = wanted not in {"%", "_", "nothing'--"}
    assert len(rows(page(answer))) == int(is_found)
    assert ("Nothing found" in answer.text) is not is_found


def test_one_leafs_through_a_long_folder_forth_and_back(desk, post):
    for number in range(45):
        post.brings(f"Mail {number:02}")

    first = page(desk.get("/desk/mail?folder=waiting"))
    older = tree(first).xpath("//a[@rel='next']/@href")[0]
    second = page(desk.get(older))
    newer = tree(second).xpath("//a[@rel='prev']/@href")[0]

    assert len(rows(first)) == 40
    assert not tree(first).xpath("//a[@rel='prev']")
    assert [row for row in rows(second) if "Mail 04" in row]
    assert len(rows(second)) == 5
    assert not tree(second).xpath("//a[@rel='next']")
    assert rows(page(desk.get(newer))) == rows(first)


def test_a_search_goes_through_all_mail_by_pieces(desk, post, monkeypatch):
    monkeypatch.setattr(inbox, "SEARCHED", 4)
    wanted = [post.brings("Espresso one"), post.brings("Espresso two")]
    for number in range(10):
        post.brings(f"Something else {number}")
    newest = post.brings("Espresso three")

    def found(address: str) -> tuple[list[str], str, str]:
        text = page(desk.get(address))
        older, newer = (
            tree(text).xpath(f"string(//a[@rel='{rel}']/@href)") for rel in ("next", "prev")
        )
        return tree(text).xpath("//ul[contains(@class, 'mails')]//a/@id"), older, newer

    pages, address = [], "/desk/mail?folder=all&q=espresso"
    while address and len(pages) < 4:
        ids, address, newer = found(address)
        pages.append(ids)
    back, _, newer = found(newer)
    further, _, newer = found(newer)

    two, one = (f"mail-{mail.id}" for mail in reversed(wanted))
    assert pages == [[f"mail-{newest.id}"], [], [two], [one]]
    assert (back, further) == ([two], [])
    assert found(newer)[0] == pages[0]


def test_the_open_mail_stays_in_the_list_after_it_was_read(desk, post):
    mail = post.brings("Read a moment ago", unread=False)
    post.brings("Unread")

    shown = page(desk.get(f"/desk/mail/{mail.id}?folder=unread"))

    assert len(rows(shown)) == 2
    assert "Read a moment ago" in tree(shown).xpath("string(//a[@aria-current='true'][@id])")


@pytest.mark.parametrize(
    "odd",
    [
        "folder=nonsense",
        "alias=nobody",
        "alias=%00",
        "alias=" + "a" * 3_000,
        "before=-3",
        "before=99999999999",
        "after=2147483647",
        "before=x&after=%D9%A3",
        "q=%00",
        "q=" + "a" * 5_000,
        "open=99999999999999",
        "open=-1",
    ],
)
def test_an_odd_address_shows_a_list_all_the_same(desk, post, odd):
    mail = post.brings()

    assert desk.get(f"/desk/mail?{odd}").status_code == 200
    assert desk.get(f"/desk/mail/list?{odd}").status_code == 200
    assert desk.get(f"/desk/mail/{mail.id}?{odd}").status_code == 200


def test_an_empty_folder_says_what_comes_here(desk, post):
    assert "Nothing waits for a decision" in words(page(desk.get("/desk/mail?folder=waiting")))
    assert "Nothing is held back" in words(page(desk.get("/desk/mail?folder=quarantine")))
    assert "This folder is empty" in words(page(desk.get("/desk/mail?alias=Invoices")))


def test_a_number_beyond_counting_is_told_as_such(desk, post, monkeypatch):
    monkeypatch.setattr(inbox, "COUNTED", 3)
    monkeypatch.setattr("webapp.desk.mail_list.COUNTED", 3)
    for _ in range(5):
        post.brings()

    assert folders(page(desk.get("/desk/mail")))[0] == "To decide 2+"


def test_the_pages_cost_the_same_however_many_mails_there_are(desk, house, post, product):
    case = house.classified()
    mail = post.brings(maybe_case_id=case.id)

    def asked(address: str) -> int:
        with counted(product.db) as seen:
            assert desk.get(address).status_code == 200
        return len(seen)

    addresses = (
        "/desk/mail?folder=all",
        f"/desk/mail/{mail.id}?folder=waiting",
        f"/desk/mail/{mail.id}?folder=waiting&do=link",
    )
    desk.get("/desk/mail")  # the session is renewed now and then, which costs extra
    few = [asked(address) for address in addresses]
    for _ in range(30):
        post.brings(maybe_case_id=case.id)

    assert [asked(address) for address in addresses] == few
    assert max(few) <= 12


@pytest.mark.parametrize("username", ["faqNewsUser", "designerUser", "adminUser"])
def test_whoever_has_no_business_with_requests_sees_no_mail(client, signed_in, post, username):
    mail = post.brings("Only for agents")
    signed_in(client, username)

    for rest in ("", f"/{mail.id}", f"/{mail.id}/raw", f"/{mail.id}/sent", f"/{mail.id}/head"):
        answer = client.get(f"/desk/mail{rest}")
        assert answer.status_code == 403
        assert "Only for agents" not in answer.text
    assert "/desk/mail" not in client.get("/preferences").text
