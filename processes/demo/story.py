"""Tells the demo's cases by the real commands, in their order, on a moved clock."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import clock, jobs, queries
from processes.cases import services as cases
from processes.cases.models import Case, Channel, Direction
from processes.cases.ports import HasForms
from processes.cases.timeline import Author
from processes.closure import prefill
from processes.closure.services import customer_agrees
from processes.database import house
from processes.demo import ready_texts, tales_de, tales_en, tales_nl
from processes.demo import script as s
from processes.demo.post.past import hand_over
from processes.demo.post.place import at
from processes.demo.users import hire
from processes.mail.delivery import keep_unsent
from processes.people.models import Contact, Staff
from processes.people.staff import is_empty
from processes.request import services as requests

_PAUSE = timedelta(hours=8)
"""Time moves in steps no longer than this, so that timers fire about when they are due."""


@dataclass
class _Telling:
    """One tale on its way: its case, once it exists, and who looks after it."""

    tale: s.Tale
    case: Case | None = None
    handler: str = s.MILA


@dataclass(frozen=True)
class _Moment:
    """What happens so many hours ago; `deed` None is the beginning of a tale."""

    hours_ago: float
    telling: _Telling
    deed: s.Deed | None


def load(app: HasForms, session: Session) -> bool:
    """Fill an empty installation with staff and cases; returns whether it did.

    Runs in one transaction, and leaves business time equal to real time.
    """
    if not is_empty(session):
        return False
    staff = hire(session)
    ready_texts.write(session, staff["adminUser"])
    teller = _Teller(app, session, staff)
    moments = _moments()
    clock.advance(session, -timedelta(hours=moments[0].hours_ago + 1))
    here = moments[0].hours_ago + 1
    for moment in moments:
        teller.let_pass(timedelta(hours=here - moment.hours_ago))
        teller.tell(moment)
        here = moment.hours_ago
    teller.let_pass(timedelta(hours=here))
    if place := at(house(session).data_dir):
        hand_over(session, place)
    teller.put_mails_aside()
    clock.reset(session)
    return True


def _moments() -> list[_Moment]:
    """Return everything that happens in all tales, in the order of time."""
    moments = []
    for tale in [*tales_en.TALES, *tales_nl.TALES, *tales_de.TALES]:
        telling, hours_ago = _Telling(tale), tale.days_ago * 24
        moments.append(_Moment(hours_ago, telling, None))
        for deed in tale.deeds:
            hours_ago -= deed.hours
            if hours_ago > 0:
                moments.append(_Moment(hours_ago, telling, deed))
    return sorted(moments, key=lambda moment: -moment.hours_ago)


class _Teller:
    """Does what the tales say, as the people in them would."""

    def __init__(self, app: HasForms, session: Session, staff: dict[str, Staff]) -> None:
        self._app, self._session, self._staff = app, session, staff

    def let_pass(self, span: timedelta) -> None:
        """Let time pass and fire the timers that come due on the way."""
        while span > timedelta(0):
            step = min(span, _PAUSE)
            clock.advance(self._session, step)
            span -= step
            due = jobs.claim(self._session, kinds=(jobs.TIMER,), limit=100, owner="demo")
            self._app.engine.fire_due(self._session, due)

    def put_mails_aside(self) -> None:
        """Send nothing by any mail server; what was not delivered stays in the outbox."""
        while claimed := jobs.claim(self._session, kinds=(jobs.MAIL,), limit=200, owner="demo"):
            for job in claimed:
                keep_unsent(self._session, job)

    def tell(self, moment: _Moment) -> None:
        """Do one deed of one tale."""
        telling, deed = moment.telling, moment.deed
        if telling.case is None or deed is None:
            telling.case = self._begin(telling.tale)
            return
        case, staff = telling.case, self._staff[telling.handler]
        match deed:
            case s.TakeDown() | s.Classify():
                self._front_office(telling, case, deed)
            case s.Reply() | s.Agree():
                self._customer(case, deed)
            case s.Note() | s.Todo() | s.Call() | s.Write():
                self._beside(case, deed, staff)
            case _:
                self._handler(case, deed, staff)

    def _begin(self, tale: s.Tale) -> Case:
        if tale.channel != "portal":
            receiver = self._staff[s.EMMA if tale.language == "en" else s.MILA]
            return requests.open_blank(self._app, self._session, Channel(tale.channel), receiver)
        category, _, subcategory = tale.topic.partition("/")
        intake = requests.Intake(
            name=tale.name,
            email=tale.email,
            category=category,
            subcategory=subcategory,
            description=tale.text,
            language=tale.language,
        )
        return requests.submit_request(self._app, self._session, intake)

    def _front_office(self, telling: _Telling, case: Case, deed: s.Deed) -> None:
        if isinstance(deed, s.TakeDown):
            facts = vars(deed) | {"language": telling.tale.language}
            self._complete(case, facts, self._staff[s.EMMA])
        elif isinstance(deed, s.Classify):
            telling.handler = deed.handler
            self._complete(case, self._classified(case, deed), self._staff[s.EMMA])

    def _classified(self, case: Case, deed: s.Classify) -> dict[str, Any]:
        values = self._app.prefill(
            self._session, "request", "classify", case, self._staff[deed.handler]
        )
        return values | {
            "subject": deed.title,
            "handler": self._staff[deed.handler].id,
            "priority": deed.priority,
            "request_type": deed.request_type,
            "portal": deed.portal,
            "organization": deed.organization,
            "is_complaint": deed.is_complaint,
        }

    def _handler(self, case: Case, deed: s.Deed, staff: Staff) -> None:
        match deed:
            case s.Ask(text=text):
                self._complete(case, {"next": "reply_and_wait", "message": text}, staff)
            case s.Solve(text=text):
                self._complete(case, {"next": "close_now", "message": text}, staff)
            case s.Final(text=text):
                self._complete(case, {"next": "final_answer"}, staff)
                texts = prefill.values("write_final_answer", case)
                self._complete(case, texts | {"answer": text}, staff)
            case s.Accept():
                task = queries.open_tasks(self._session, str(case.id))[0]
                self._app.engine.claim(self._session, task.id, staff.actor)
            case _:
                self._complete(case, vars(deed), staff)

    def _beside(self, case: Case, deed: s.Deed, staff: Staff) -> None:
        match deed:
            case s.Note(text=text, by=by):
                cases.add_note(self._session, case, text, self._staff[by])
            case s.Todo(text=text):
                cases.add_todo(self._session, case, text, staff)
            case s.Write(text=text):
                requests.send_reply(self._session, case, text, staff)
            case s.Call(text=text):
                cases.add_contact(
                    self._session, case, text, staff, medium="phone", direction=Direction.OUT
                )
            case _:
                raise ValueError(deed)

    def _customer(self, case: Case, deed: s.Deed) -> None:
        contact = self._session.get_one(Contact, case.contact_id)
        author = Author(contact.actor, contact.name)
        if isinstance(deed, s.Reply):
            requests.receive_reply(
                self._app, self._session, case, deed.text, author=author, medium=deed.medium
            )
        else:
            customer_agrees(self._app, self._session, case, author)

    def _complete(self, case: Case, values: dict[str, Any], staff: Staff) -> None:
        task = queries.open_tasks(self._session, str(case.id))[0]
        self._app.engine.complete_user_task(self._session, task.id, values, staff.actor)
