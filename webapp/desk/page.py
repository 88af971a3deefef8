"""Everything the page of one case shows, read in few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext

from engine import queries as engine_queries
from engine.definitions import Definition
from engine.errors import NotFoundError
from engine.queries import HistoryStep
from processes.cases import desk, policies
from processes.cases.desk import CaseFile, Entry, Overview
from processes.cases.models import Case, CaseStatus
from processes.cases.queries import CaseRow, get_case
from processes.files.models import Attachment
from processes.files.queries import of_activities
from processes.mail.models import MailState
from processes.people import queries as people
from processes.people.models import Staff
from webapp.auth import may, staff
from webapp.context import app, tx
from webapp.desk import conversation, place, steps
from webapp.desk.composer import Composer, composer
from webapp.desk.conversation import Line
from webapp.desk.incoming_entries import IncomingEntry, incoming_entries
from webapp.desk.listing import Listing, listing
from webapp.desk.place import Place
from webapp.desk.steps import Draft, Step
from webapp.desk.way import Holders, Way, way
from webapp.forms.sentences import problem_sentence
from webapp.i18n import label, localtime, now

OTHER_PANELS = ("reply", "note", "contact", "todo")

_DUE = "{due}"
_UNDER_WAY = (MailState.READY, MailState.SENDING)
_SOON = timedelta(minutes=2)
"""How long a page looks after a mail; later it is told with the next change."""


@dataclass(frozen=True)
class CasePage:
    """One case as an agent sees it."""

    case: Case
    others: Sequence[Case]
    place: Place
    listing: Listing
    lines: list[Line]
    incoming: dict[int, IncomingEntry]
    """Mails of the customer, by entry of the conversation."""
    maybes: Sequence[Case]
    """Cases this one may belong to, as a mail hints."""
    related: Sequence[Case]
    """Cases an agent has linked to this one."""
    files: Mapping[int, list[Attachment]]
    """By entry of the conversation."""
    steps: list[Step]
    way: Way | None
    why: str
    """Why the case waits, what comes next, and when."""
    handlers: list[Staff]
    """Whom the case may be handed to."""
    chosen: str
    """The tab that is open."""
    draft: Draft | None
    may_write: bool
    last: HistoryStep | None
    """What moved the process last."""
    last_by: str
    composer: Composer | None
    """None when nobody may write to the customer now."""

    @property
    def overview(self) -> Overview:
        """Return the numbers beside the views."""
        return self.listing.overview

    @property
    def may_have_replied(self) -> bool:
        """Return whether a word of the customer would move the process."""
        waits = self.case.status is CaseStatus.WAITING_CUSTOMER
        return waits or self.case.is_closed

    @property
    def media(self) -> dict[str, str]:
        """Return the media the conversation can be narrowed to, with their words."""
        return conversation.media(self.lines)

    @property
    def is_unread(self) -> bool:
        """Return whether opening the page takes the mark of news away."""
        is_news = self.case.unread and self.case.assignee_id in {None, staff().id}
        return is_news or any(entry.unread for entry in self.incoming.values())

    @property
    def awaits_mail(self) -> bool:
        """Return whether a mail has just been written and is not gone yet."""
        return any(line.mail_state in _UNDER_WAY and now() - line.at < _SOON for line in self.lines)

    @property
    def dock_state(self) -> str:
        """Return what the dock was drawn from; see `webapp.desk.dock_news`."""
        held = [f"{step.task.id.hex[:12]}.{step.task.claimed_by or ''}" for step in self.steps]
        return "~".join([self.case.status, "reply" if self.composer else "", *sorted(held)])

    @property
    def gone(self) -> str:
        """Return the tab of a step that was sent but is not open any more; empty when none was."""
        panels = {*OTHER_PANELS, *(step.panel for step in self.steps)}
        return self.draft.panel if self.draft is not None and self.draft.panel not in panels else ""

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """Return the tabs of the dock: what is to be done first, then what can always be done."""
        found = [{"id": step.panel, "words": step.name, "symbol": "task"} for step in self.steps]
        if self.gone:
            found.insert(0, {"id": self.gone, "words": gettext("Your text"), "symbol": "document"})
        if found:
            found[0]["key"] = "e"
        return [
            *found,
            {"id": "reply", "words": gettext("Reply"), "symbol": "mail", "key": "r"},
            {"id": "note", "words": gettext("Note"), "symbol": "lock", "key": "n"},
            {"id": "contact", "words": gettext("Contact"), "symbol": "phone"},
            {"id": "todo", "words": gettext("To-do"), "symbol": "check"},
        ]

    @property
    def next_stage(self) -> str:
        """Return what usually follows the present step."""
        stages = self.way.stages if self.way is not None else []
        return next((stage.name for stage in stages if stage.state == "later"), "")

    def problems(self, panel: str, name: str, words: str) -> list[str]:
        """Return what is wrong with a field of a tab, in sentences."""
        if self.draft is None or self.draft.panel != panel:
            return []
        return [problem_sentence(each, words) for each in self.draft.problems.get(name, ())]

    @property
    def moved_by_me(self) -> bool:
        """Return whether the reader moved the process last."""
        return self.last is not None and self.last.actor == staff().actor

    @property
    def neighbours(self) -> tuple[CaseRow | None, CaseRow | None]:
        """Return the cases before and after this one in the list."""
        rows = self.listing.rows
        at = next((i for i, row in enumerate(rows) if row.id == self.case.id), None)
        if at is None:
            return None, None
        before = rows[at - 1] if at > 0 else None
        return before, rows[at + 1] if at + 1 < len(rows) else None


def visible_case(number: str) -> Case:
    """Return the case of a writing request. Raises NotFoundError for what is not there."""
    case = get_case(tx(), number)
    if not policies.may_see(staff(), case) or not policies.may_work_on(staff(), case):
        raise NotFoundError
    return case


def case_page(number: str, draft: Draft | None = None) -> CasePage:
    """Return the page of a case. Raises NotFoundError."""
    file = desk.open_file(tx(), number, staff())
    case = file.case
    if not policies.may_see(staff(), case):
        raise NotFoundError
    here = place.fitting(case, staff())
    entries = desk.entries(tx(), case)
    open_steps = steps.steps(desk.claimable_tasks(tx(), case), case, draft)
    history = _history(case)
    names = _names(file, entries, history)
    definition = _definition(case, open_steps)
    may_write = may("requests", "write")
    lines = conversation.lines(entries, case, staff())
    writes = may_write and _under_work(case)
    return CasePage(
        case=case,
        others=file.others,
        place=here,
        listing=listing(here, file.overview),
        lines=lines,
        incoming=incoming_entries(entries, case),
        maybes=file.maybes,
        related=file.related,
        files=of_activities(tx(), [entry.activity.id for entry in entries if entry.has_files]),
        steps=open_steps,
        way=_way(definition, case, open_steps, history, names),
        why=_why(case),
        handlers=people.handlers(tx()) if may_write and _under_work(case) else [],
        chosen=_chosen(case, open_steps, draft),
        draft=draft,
        may_write=may_write,
        last=next((step for step in reversed(history) if step.state == "completed"), None),
        last_by=next((names.get(step.actor, "") for step in reversed(history)), ""),
        composer=composer(case, entries, lines, draft) if writes else None,
    )


def _under_work(case: Case) -> bool:
    return case.status is not CaseStatus.UNCLASSIFIED and not case.is_closed


def _history(case: Case) -> list[HistoryStep]:
    return engine_queries.history(tx(), [case.instance_id]) if case.instance_id else []


def _definition(case: Case, open_steps: list[Step]) -> Definition | None:
    """Return the version the case runs on; the open steps know it, else it is looked up."""
    versions = [s.task.version_id for s in open_steps if s.task.instance_id == case.instance_id]
    version = versions[0] if versions else _version(case.instance_id)
    return app().engine.definitions.get(tx(), version) if version is not None else None


def _version(instance_id: UUID | None) -> int | None:
    row = engine_queries.instance(tx(), instance_id) if instance_id else None
    return row.version_id if row is not None else None


def _way(
    definition: Definition | None,
    case: Case,
    open_steps: list[Step],
    history: list[HistoryStep],
    names: dict[str, str],
) -> Way | None:
    if definition is None:
        return None
    labels = {(step.task.process, step.task.element_id): _holder(case, step) for step in open_steps}
    return way(definition, case, history, Holders(labels, names))


def _holder(case: Case, step: Step) -> str:
    """Return the word on the token of a step: who has it, else whose case it is."""
    if step.is_mine or (step.is_free and case.assignee_id == staff().id):
        return gettext("You")
    name = step.claimer or (case.assignee.name if case.assignee else "")
    return name.split(" ")[0]


def _names(file: CaseFile, entries: list[Entry], history: list[HistoryStep]) -> dict[str, str]:
    """Return what the actors of a case are called; most of them have been read already."""
    me = staff()
    known = {entry.activity.author: entry.activity.author_name for entry in entries}
    if file.case.contact is not None:
        known[file.case.contact.actor] = file.case.contact.name
    read = [each for each in tx().identity_map.values() if isinstance(each, Staff)]
    known |= {person.actor: person.name for person in read}
    unknown = {step.actor for step in history} - known.keys() - {"system", me.actor}
    if unknown:
        known |= people.names(tx(), unknown)
    return known | {me.actor: gettext("You"), "system": ""}


def _why(case: Case) -> str:
    """Return the sentence of the step, with the date the process has set."""
    if case.step is None:
        return ""
    due = localtime(case.next_due_at, "clock") if case.next_due_at else "…"
    return label(case.step.get("explain") or {}).replace(_DUE, due)


def _chosen(case: Case, open_steps: list[Step], draft: Draft | None) -> str:
    """Return the tab to open: where something is wrong, the asked one, or what is to be done."""
    panels = [step.panel for step in open_steps] + list(OTHER_PANELS)
    if draft is not None:
        return draft.panel
    asked = request.args.get("tab", "")
    if asked in panels:
        return asked
    usable = [step.panel for step in open_steps if step.form is not None or step.is_free]
    if usable:
        return usable[0]
    return "reply" if _under_work(case) else "note"
