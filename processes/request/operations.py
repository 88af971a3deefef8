"""The hands of the diagram `request`."""

from sqlalchemy.orm import Session

from engine.errors import InvalidInputError
from engine.registry import Call, Facts
from processes.cases import categories, outgoing_mail, search, solution, timeline
from processes.cases.fields import Nothing, author_of, case_of
from processes.cases.models import Activity, ActivityKind, Case, Category, Subcategory
from processes.cases.outgoing_mail import Sending
from processes.cases.services import mark_unread
from processes.mail.rich import Rich, from_text
from processes.operations import operations
from processes.people import contacts
from processes.people.models import Contact, Staff
from processes.people.permissions import allows
from processes.request.forms import ClassifyForm, CommentForm, HandleForm, TakeDownForm

_EXCERPT = 200


@operations.operation("request.record")
def record(call: Call, _: Nothing) -> Facts:
    """Put a new request in the queue of its category; open a closed one again."""
    case = case_of(call)
    if case.is_closed:
        _reopen(call, case)
    elif case.queue_id is None:
        category = categories.find(call.session, "unknown")
        case.queue_id = category.queue_id if category else None
    return {}


@operations.operation("request.take_down")
def take_down(call: Call, form: TakeDownForm) -> Facts:
    """Write down what the customer told; nothing is required."""
    session, case = call.session, case_of(call)
    if form.language:
        case.language = form.language
    if form.contact_name or form.contact_email:
        person = contacts.find_or_add(
            session,
            name=form.contact_name,
            email=form.contact_email,
            phone=form.contact_phone,
            language=case.language,
        )
        case.contact_id, case.organization_id = person.id, person.organization_id
    file_under(case, *categories.place(session, form.category, form.subcategory))
    case.subject = form.subject
    case.description = case.original_description = form.description
    search.index(session, case)
    return {}


@operations.operation("request.classify")
def classify(call: Call, form: ClassifyForm) -> Facts:
    """Give the request a handler, a place, a type and a priority; the customer hears of it."""
    session, case = call.session, case_of(call)
    handler = session.get(Staff, form.handler)
    if handler is None or not allows(handler, "requests", "write"):
        raise InvalidInputError({"handler": ["invalid_choice"]})
    topic, child = categories.place(session, form.category, form.subcategory)
    if child is None:
        raise InvalidInputError({"subcategory" if topic else "category": ["invalid_choice"]})
    file_under(case, topic, child)
    case.assignee_id, case.priority = handler.id, form.priority
    case.subject, case.description = form.subject, form.description
    case.request_type, case.is_complaint = form.request_type, form.is_complaint
    case.language, case.automatic_mail = form.language, form.automatic_mail
    person = _name_contact(session, case, form)
    search.index(session, case)
    author = author_of(session, call.actor)
    timeline.note_event(session, case, "classified", author, handler=handler.name)
    return {
        "request_type": form.request_type.value,
        "next_status": form.status.value,
        "portal": form.portal,
        "automatic_mail": form.automatic_mail,
        "email_known": person is not None and person.email is not None,
        "letter": "request/acknowledgement",
    }


@operations.operation("request.acknowledge")
def acknowledge(call: Call, _: Nothing) -> Facts:
    """Write the first mail: the standard message, the number, who handles the request."""
    author = author_of(call.session, "system")
    outgoing_mail.write(
        call.session, case_of(call), "request/acknowledgement", author=author, automatic=True
    )
    return {}


@operations.operation("request.handle")
def handle(call: Call, form: HandleForm) -> Facts:
    """Send what the handler wrote; say which way the request goes."""
    case = case_of(call)
    case.unread = False
    if form.next != "final_answer":
        entry = send_reply(call.session, case, from_text(form.message), call.actor)
        if form.next == "close_now":
            solution.propose(case, entry, priority_before=case.priority)
    way = "reply_and_wait" if form.next == "reply_and_wait" else "closure"
    mode = "immediate" if form.next == "close_now" else "consent_or_silence"
    return {"next": way, "mode": mode, "outcome": ""}


@operations.operation("request.note_silence")
def note_silence(call: Call, _: Nothing) -> Facts:
    """Tell the handler that the customer has not reacted for two weeks."""
    case = case_of(call)
    timeline.note_event(call.session, case, "no_reaction", author_of(call.session, "system"))
    mark_unread(call.session, case)
    return {}


@operations.operation("request.record_comment")
def record_comment(call: Call, form: CommentForm) -> Facts:
    """Keep what the comment is about; the request can be closed at once."""
    timeline.add(
        call.session,
        case_of(call),
        ActivityKind.NOTE,
        author=author_of(call.session, call.actor),
        text=form.note,
        data={"code": "comment_recorded", "about": form.about},
    )
    return {"mode": "immediate", "outcome": ""}


def send_reply(
    session: Session, case: Case, words: Rich, actor: str, sending: Sending | None = None
) -> Activity:
    """Write to the customer, by mail where an address is known, else into the portal."""
    return outgoing_mail.reach(
        session,
        case,
        "request/reply",
        author=author_of(session, actor),
        words=words,
        sending=sending or Sending(),
    )


def file_under(case: Case, topic: Category | None, child: Subcategory | None) -> None:
    """Put the case under a category, if there is one, and into the queue that looks after it."""
    if topic is None:
        return
    case.category_id, case.queue_id = topic.id, topic.queue_id
    case.subcategory_id = child.id if child else None


def _name_contact(session: Session, case: Case, form: ClassifyForm) -> Contact | None:
    """Link the person and the organisation named in the form; return the person."""
    person = session.get(Contact, case.contact_id) if case.contact_id else None
    address = contacts.normal_email(form.contact_email)
    if person is None or (address is not None and address != person.email):
        known = contacts.by_email(session, address)
        if known is None and person is not None and person.email is None:
            person.email = address  # the person we knew by name only
        elif form.contact_name or address:
            person = known or contacts.find_or_add(
                session, name=form.contact_name, email=address, language=form.language
            )
    if person is None:
        return None
    person.name = form.contact_name or person.name
    person.language = form.language
    organization = contacts.find_or_add_organization(session, form.organization)
    if organization is not None:
        person.organization_id = organization.id
    case.contact_id = person.id
    case.organization_id = organization.id if organization else None
    return person


def _reopen(call: Call, case: Case) -> None:
    """Make a closed case open again and tell the handler which message did it."""
    case.closed_at = case.closed_by = case.consent = None
    solution.withdraw(call.session, case)
    reply = call.session.get(Activity, int(call.data.get("reply_id") or 0))
    timeline.add(
        call.session,
        case,
        ActivityKind.NOTE,
        author=author_of(call.session, "system"),
        text=reply.text[:_EXCERPT] if reply else "",
        data={
            "code": "reopened",
            "activity_id": reply.id if reply else None,
            "from": reply.author_name if reply else "",
            "at": reply.at.isoformat() if reply else "",
        },
    )
    mark_unread(call.session, case)
