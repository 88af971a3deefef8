"""The hands of the diagram `portal_access`."""

from typing import Literal

from pydantic import BaseModel

from engine.registry import Call, Facts
from processes.cases import outgoing_mail, timeline
from processes.cases.fields import Nothing, author_of, case_of
from processes.operations import operations
from processes.people import access_codes
from processes.people.models import AccessCode


class CodeMail(BaseModel):
    """Which mail carries the code."""

    template: Literal["request/acknowledgement", "portal_access/link_and_code"]


@operations.operation("portal_access.issue_code")
def issue_code(call: Call, _: Nothing) -> Facts:
    """Open the portal of the case and make its code; older codes end."""
    session, case = call.session, case_of(call)
    if case.contact_id is None:
        return {"automatic_mail": False, "access_code_id": 0}
    row = access_codes.issue(session, case_id=case.id, contact_id=case.contact_id)
    case.portal_enabled = True
    timeline.note_event(session, case, "portal_on", author_of(session, call.actor))
    return {"automatic_mail": case.automatic_mail, "access_code_id": row.id}


@operations.operation("portal_access.send_code")
def send_code(call: Call, mail: CodeMail) -> Facts:
    """Mail link and code; at classifying this is the one first mail of the case."""
    session, case = call.session, case_of(call)
    row = session.get_one(AccessCode, int(call.data["access_code_id"]))
    code = access_codes.plaintext(session, row)
    outgoing_mail.write(
        session,
        case,
        mail.template,
        author=author_of(session, "system"),
        automatic=True,
        secret=code,
        code=code,
    )
    return {}


@operations.operation("portal_access.expire")
def expire(call: Call, _: Nothing) -> Facts:
    """End the code that nobody used."""
    session, case = call.session, case_of(call)
    if access_codes.expire(session, int(call.data["access_code_id"])):
        timeline.note_event(session, case, "code_expired", author_of(session, "system"))
    return {}
