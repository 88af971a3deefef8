
from processes.mail.models import IncomingState, MailKind
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import rows, tree


def folders(text: str) -> dict[str, str]:
    """Return the folders of the page and the number beside each."""
    return {
        " ".join(link.xpath("string(.)").split()).removesuffix(" unread"): link.get("href")
        for link in tree(text).xpath("//nav[@id='folders']/a")
    }


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

    assert list(folders(page(desk.get("/desk/mail")))) == [
        "To decide 2", "Unread 2", "All", "Put aside", "Quarantine 1", "Invoices 1",
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
