"""The hands of the diagram `closure`."""

from sqlalchemy.orm import Session

from engine.registry import Call, Facts
from engine.steps import StepResult
from processes.cases import changes, dates, outgoing_mail, solution, timeline
from processes.cases.fields import Nothing, author_of, case_of
from processes.cases.models import Activity, ActivityKind, Case, ClosedBy, Priority
from processes.cases.services import mark_unread
from processes.cases.status import promised
from processes.closure.forms import Ending, FinalAnswerForm, ReadReplyForm
from processes.mail.rich import from_text
from processes.operations import operations


@operations.operation("closure.send_final_answer")
def send_final_answer(call: Call, form: FinalAnswerForm) -> Facts:
    """Lower the priority and, once the week has begun, send the answer with its date."""
    session, case, actor = call.session, case_of(call), call.actor
    before, case.priority, case.unread = case.priority, Priority.LOW, False

    def send(step: StepResult) -> None:
        entry = _send(session, case, form, actor, step)
        solution.propose(case, entry, priority_before=before)

    call.after(send)
    return {"outcome": ""}


@operations.operation("closure.read_reply")
def read_reply(call: Call, form: ReadReplyForm) -> Facts:
    """Say whether the customer agrees; if not, the handler gets a note."""
    session, case = call.session, case_of(call)
    case.promised_close_at, case.unread = None, False
    if form.outcome == "objects":
        solution.withdraw(session, case)
        timeline.add(
            session,
            case,
            ActivityKind.NOTE,
            author=author_of(session, call.actor),
            text=form.note,
            data={"code": "objected"},
        )
        if call.actor != f"staff:{case.assignee_id}":
            mark_unread(session, case)
    return {"outcome": form.outcome}


@operations.operation("closure.close")
def close(call: Call, ending: Ending) -> Facts:
    """End the case: when, by whom, and how the customer agreed."""
    session, case = call.session, case_of(call)
    case.closed_at, case.closed_by, case.consent = call.now, ending.by, ending.consent
    case.unread = False
    actor = "system" if ending.by is ClosedBy.TIMER else call.actor
    timeline.note_event(
        session,
        case,
        "closed",
        author_of(session, actor),
        by=ending.by.value,
        consent=ending.consent.value,
    )
    changes.record(session, "desk")
    return {"automatic_mail": case.automatic_mail, "outcome": "closed"}


@operations.operation("closure.send_closed_notice")
def send_closed_notice(call: Call, _: Nothing) -> Facts:
    """Tell the customer that the case is closed and that a reply opens it again."""
    outgoing_mail.write(
        call.session,
        case_of(call),
        "closure/closed_notice",
        author=author_of(call.session, "system"),
        automatic=True,
    )
    return {}


def _send(
    session: Session, case: Case, form: FinalAnswerForm, actor: str, step: StepResult
) -> Activity:
    """Write the mail with the date of the timer that the diagram has just armed."""
    timer = promised(step.timers, "close")
    case.promised_close_at = timer.due_at if timer else None
    date = dates.long_date(session, timer.due_at, case.language) if timer else ""
    words = from_text(f"{form.answer}\n\n{form.notice}\n\n{form.request}")
    author = author_of(session, actor)
    return outgoing_mail.reach(
        session, case, "closure/final_answer", author=author, words=words, closing_date=date
    )
