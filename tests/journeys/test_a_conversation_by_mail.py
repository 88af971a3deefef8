"""A conversation as most customers have it: by mail alone, over real SMTP and IMAP servers."""

import smtplib
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import urlsplit

import pytest
from imap_tools import MailMessage
from pydantic import SecretStr
from sqlalchemy import select

from processes.cases.models import Activity, Case, CaseStatus, Channel, Priority, Queue
from processes.config import Settings
from processes.mail import fetching, mailboxes
from processes.mail.mailboxes import Account, Facts
from processes.mail.models import IncomingMail, IncomingState, Security
from processes.people.models import Staff
from tests.journeys.installation import Installation, until
from tests.journeys.people import Agent
from tests.journeys.visitor import Visitor
from tests.servers.imap import HOST, ImapServer
from tests.servers.imap import Account as ImapAccount
from tests.servers.smtp import MailServer

_PATIENCE = 40
QUESTION = "It drips all night. Can you help?"
BY_MACHINE = {"Auto_Submitted": "auto-replied"}


class Writer:
    """A customer with an ordinary mail program."""

    def __init__(self, account: ImapAccount, smtp: str) -> None:
        self._account, self._smtp = account, smtp
        self.sent: list[str] = []
        """Message-IDs of what was sent, oldest first."""

    @property
    def address(self) -> str:
        return self._account.address

    def inbox(self) -> list[MailMessage]:
        """Return what arrived, oldest first."""
        with self._account.sign_in() as box:
            return list(box.fetch(mark_seen=False))

    def receives(self, number: int) -> MailMessage:
        """Wait until so many mails have arrived; return the last of them."""
        until(lambda: len(self.inbox()) >= number, _PATIENCE)
        found = self.inbox()
        assert len(found) == number
        return found[-1]

    def writes(
        self, to: str, subject: str, text: str, *, answers: MailMessage | None = None, **more: str
    ) -> str:
        """Send a mail as a mail program does; return its Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Lou Vos <{self.address}>", to, subject
        mail["Message-ID"] = make_msgid(domain="post.example")
        if answers is not None:
            own, before = header(answers, "message-id"), header(answers, "references")
            mail["In-Reply-To"], mail["References"] = own, f"{before} {own}".strip()
            quote = "\n".join(f"> {line}" for line in answers.text.splitlines())
            text = f"{text}\n\nOn 26 November 2026 at 10:00, Care wrote:\n{quote}"
        for name, value in more.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        place = urlsplit(self._smtp)
        with smtplib.SMTP(place.hostname or HOST, place.port or 25) as server:
            server.send_message(mail)
        self.sent.append(mail["Message-ID"])
        return str(mail["Message-ID"])


@pytest.fixture
def settings(settings: Settings, post_office: MailServer) -> Settings:
    """Mail goes out by a server that puts it into the customer's mailbox."""
    return settings.model_copy(update={"smtp_url": SecretStr(post_office.url)})


@pytest.fixture
def support(installation: Installation, imap_server: ImapServer) -> ImapAccount:
    """The mailbox customers write to, as an admin has set it up."""
    account = imap_server.account("care@post.example")
    imap = Account(HOST, account.port, Security.NONE, account.address, account.password)
    with installation.app.db.write() as session:
        owner = session.scalars(select(Staff.id).where(Staff.username == "serviceUser")).one()
        queue = session.scalars(select(Queue.id).where(Queue.key == "support")).one()
        facts = Facts(account.address, "Care", owner, queue, imap=imap)
        fetching.plan(session, mailboxes.create(session, facts, [queue]))
    return account


@pytest.fixture
def lou(imap_server: ImapServer, post_office: MailServer) -> Writer:
    return Writer(imap_server.account("lou@post.example"), post_office.url)


@pytest.mark.requirement("COV-94")
@pytest.mark.requirement("COV-95")
@pytest.mark.requirement("COV-62")
@pytest.mark.requirement("CON-14")
def test_a_case_lives_and_comes_back_by_mail_alone(
    installation: Installation, support: ImapAccount, lou: Writer
):
    talk = Talk(installation, support, lou)
    hello = talk.begins()
    talk.goes_on_under_another_subject(hello)
    talk.ends_in_spite_of_a_machine()
    talk.comes_back(hello)
    assert_one_thread(lou, lou.sent[0])


class Talk:
    """What is said, step by step, and what must be true after each step."""

    def __init__(self, installation: Installation, support: ImapAccount, lou: Writer) -> None:
        self.installation, self.support, self.lou = installation, support, lou
        self.look = Look(installation)
        self.agent = Agent(Visitor(installation.addresses, patience=40))
        self.agent.sign_in()

    def begins(self) -> MailMessage:
        """A mail becomes a case; its writer hears of it once somebody has classified it."""
        first = self.lou.writes(self.support.address, "The tap drips", QUESTION)
        until(lambda: bool(self.look.cases()), _PATIENCE)
        (case,) = self.look.cases()
        assert (case.channel, case.subject) == (Channel.EMAIL, "The tap drips")
        assert case.description == QUESTION
        self.number = case.number
        self.agent.classify(case.number, self.look.staff_id("serviceUser"))
        hello = self.lou.receives(1)
        assert case.number in hello.subject
        assert header(hello, "in-reply-to") == first
        assert "drips" not in hello.subject + hello.text  # nobody has proved the address yet
        self.address = hello.reply_to[0]
        assert self.address.startswith("care+c")
        return hello

    def goes_on_under_another_subject(self, hello: MailMessage) -> None:
        """An answer joins its case whatever its subject, without what it quotes."""
        self.lou.writes(self.address, "Wholly other words", "See the picture.", answers=hello)
        until(lambda: self.look.texts() == [QUESTION, "See the picture."], _PATIENCE)
        assert self.look.states() == [IncomingState.NEW_CASE, IncomingState.REPLY]

    def ends_in_spite_of_a_machine(self) -> None:
        """Automatic replies neither stop the closing nor open the case again."""
        self.agent.answer_finally(self.number)
        answer = self.lou.receives(2)
        assert "Tighten the hose." in answer.text
        case = self.look.case()
        assert (case.status, case.priority) == (CaseStatus.WAITING_CUSTOMER, Priority.LOW)
        self.lou.writes(self.address, "Away", "I am away.", answers=answer, **BY_MACHINE)
        until(lambda: self.look.states()[2:] == [IncomingState.FILED], _PATIENCE)
        assert self.look.case().status is CaseStatus.WAITING_CUSTOMER
        self.installation.later(days=8, minutes=1)
        closed = self.lou.receives(3)
        self.lou.writes(self.address, "Away", "Still away.", answers=closed, **BY_MACHINE)
        until(lambda: self.look.states()[3:] == [IncomingState.FILED], _PATIENCE)
        assert self.look.case().status is CaseStatus.CLOSED

    def comes_back(self, hello: MailMessage) -> None:
        """A person's answer to any mail of the case, however old, opens it again with a note."""
        self.lou.writes(self.address, f"Re: {hello.subject}", "Thanks, dry!", answers=hello)
        until(lambda: self.look.case().status is CaseStatus.IN_PROGRESS, _PATIENCE)
        (note,) = self.look.notes("reopened")
        assert note.text == "Thanks, dry!"
        assert note.data["from"] == "Lou Vos"
        assert self.look.case().unread


def assert_one_thread(writer: Writer, first: str) -> None:
    """A mail program puts mails together by References (RFC 5256, REFERENCES): all lead to one."""
    arrived = {header(mail, "message-id"): mail for mail in writer.inbox()}
    known = set(arrived) | set(writer.sent)
    for mail in arrived.values():
        chain = header(mail, "references").split()
        assert chain[0] == first
        assert chain[-1] == header(mail, "in-reply-to")
        assert set(chain) <= known


def header(mail: MailMessage, name: str) -> str:
    """Return a header in one line; empty when there is none."""
    return " ".join(" ".join(mail.headers.get(name, ())).split())


class Look:
    """What stands in the database."""

    def __init__(self, installation: Installation) -> None:
        self._db = installation.app.db

    def _all(self, query: object) -> list:
        with self._db.read() as session:
            return list(session.scalars(query))

    def cases(self) -> list[Case]:
        return self._all(select(Case))

    def case(self) -> Case:
        (case,) = self.cases()
        return case

    def texts(self) -> list[str]:
        """Return what the customer said, as the timeline shows it: without quotes."""
        query = select(Activity).where(Activity.direction == "in").order_by(Activity.id)
        return [entry.text for entry in self._all(query)]

    def notes(self, code: str) -> list[Activity]:
        query = select(Activity).order_by(Activity.id)
        return [entry for entry in self._all(query) if (entry.data or {}).get("code") == code]

    def states(self) -> list[IncomingState]:
        return [mail.state for mail in self._all(select(IncomingMail).order_by(IncomingMail.id))]

    def staff_id(self, username: str) -> int:
        return self._all(select(Staff.id).where(Staff.username == username))[0]
