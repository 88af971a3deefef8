import pytest

from tests.processes.mail.boxes import Boxes
from tests.processes.post import Post


@pytest.fixture
def post(house) -> Post:
    """Mail that comes to the house."""
    return Post(house)


@pytest.fixture
def boxes(house) -> Boxes:
    """Mailboxes on a real IMAP server, fetched as a worker does."""
    return Boxes(house)


@pytest.fixture
def account(imap_server):
    return imap_server.account()


@pytest.fixture
def box(boxes, account):
    """A mailbox that is fetched from an empty account."""
    return boxes.create(imap=boxes.at(account))
