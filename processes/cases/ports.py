"""What use cases need of the application around them."""

from typing import Protocol

from engine.runtime import Engine


class HasEngine(Protocol):
    """Anything that can run processes: the application, or a test's stand-in."""

    @property
    def engine(self) -> Engine:
        """The verbs of the engine."""
