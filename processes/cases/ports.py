"""What use cases need of the application around them."""

from typing import Any, Protocol

from sqlalchemy.orm import Session

from engine.db import Database
from engine.runtime import Engine
from processes.cases.models import Case
from processes.people.models import Staff


class HasEngine(Protocol):
    """Anything that can run processes: the application, or a test's stand-in."""

    @property
    def engine(self) -> Engine:
        """The verbs of the engine."""


class HasDatabase(HasEngine, Protocol):
    """Anything that also opens transactions of its own, as a worker does."""

    @property
    def db(self) -> Database:
        """The house's database."""


class HasForms(HasEngine, Protocol):
    """Anything that also knows what forms begin with."""

    def prefill(
        self, session: Session, process: str, form_key: str, case: Case, staff: Staff
    ) -> dict[str, Any]:
        """Return the first values of a form."""
