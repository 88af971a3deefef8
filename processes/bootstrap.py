"""Composition root: settings in, wired application out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, configure_mappers

from engine import deployment
from engine.forms.options import Lookups
from engine.linter import Vocabulary
from engine.runtime import Engine
from processes.cases import lookups, seeds, status
from processes.cases.models import Case, CaseStatus
from processes.closure import operations as closure_operations
from processes.closure import prefill as closure_prefill
from processes.config import SHIPPED, Settings
from processes.database import HouseDatabase
from processes.demo import mailboxes, story
from processes.demo.post.place import at
from processes.imported import operations as imported_operations
from processes.mail.gateways import Gateway, gateway_for
from processes.operations import operations
from processes.people.models import Staff
from processes.portal_access import operations as portal_access_operations
from processes.request import operations as request_operations
from processes.request import prefill as request_prefill

_PROCESSES = (
    request_operations,
    closure_operations,
    portal_access_operations,
    imported_operations,
)
"""Imported so that their operations are registered."""
_SLA_CLOCK = frozenset({"run", "paused"})


@dataclass(frozen=True)
class App:
    """Everything the faces need, wired once a process."""

    settings: Settings
    db: HouseDatabase
    engine: Engine
    vocabulary: Vocabulary
    gateway: Gateway | None
    """The way out for mail; None keeps it in the outbox."""

    def lookups(self, session: Session, _locale: str = "en") -> Lookups:
        """Return the option lists that forms may name."""
        return lookups.case_lookups(session)

    def prefill(
        self, session: Session, process: str, form_key: str, case: Case, staff: Staff
    ) -> dict[str, Any]:
        """Return what the form of a user task begins with."""
        if process == "request":
            return request_prefill.values(session, form_key, case, staff)
        if process == "closure":
            return closure_prefill.values(form_key, case)
        return {}

    def shipped_files(self) -> dict[str, bytes]:
        """Return the diagrams and forms the product comes with, by `<process>/<name>`."""
        return read_bundle(self.settings.bpmn_dir)

    @property
    def own_processes(self) -> frozenset[str]:
        """Return the processes the product itself starts: those it comes with."""
        return _processes_in(self.settings.bpmn_dir)

    def deploy_shipped(self, session: Session) -> bool:
        """Deploy what the product comes with to an installation that has no processes yet.

        Later versions are deployed by designers; an update never overrules them. Returns
        whether anything was deployed.
        """
        if deployment.current_files(session):
            return False
        files = self.shipped_files()
        deployment.deploy(session, files, self.vocabulary, actor="system", comment="Shipped")
        return True

    def prepare(self, session: Session) -> None:
        """Give an empty installation its categories, queues and processes; a demo its cases."""
        seeds.plant(session)
        self.deploy_shipped(session)
        if self.settings.demo:
            story.load(self, session)
            if place := at(self.settings.data_dir):
                mailboxes.settle(session, place)


def build(settings: Settings) -> App:
    """Wire the application; opens no connection yet.

    Tables are mapped now: where that fails later, for lack of memory, it is never tried again.
    """
    configure_mappers()
    return App(
        settings=settings,
        db=HouseDatabase(settings.database, settings),
        engine=Engine(operations, status.follow),
        vocabulary=vocabulary(),
        gateway=gateway_for(settings),
    )


def vocabulary() -> Vocabulary:
    """Return what diagrams may refer to: operations, option lists, closed lists of values."""
    return Vocabulary(
        operations=operations,
        lookups=lookups.NAMES,
        choices={
            "status": frozenset(status.value for status in CaseStatus),
            "sla_clock": _SLA_CLOCK,
        },
    )


def own_operations() -> frozenset[str]:
    """Return the names of every operation a diagram may call."""
    return operations.names()


def shipped_processes() -> frozenset[str]:
    """Return the ids of the processes the product comes with."""
    return _processes_in(SHIPPED)


def _processes_in(folder: Path) -> frozenset[str]:
    return frozenset(path.parent.name for path in folder.glob("*/*.bpmn"))


def read_bundle(folder: Path) -> dict[str, bytes]:
    """Return every deployable file below a folder, named relative to it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in deployment.DEPLOYED_SUFFIXES
    }
