"""Decision tables (DMN): read from their files, worked out in the language of diagrams."""

from engine.decisions.reader import Fault, read
from engine.decisions.table import Decision, DecisionError

__all__ = ["Decision", "DecisionError", "Fault", "read"]
