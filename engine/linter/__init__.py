"""Checks of diagrams before they are deployed: each fault with file, line and element."""

from engine.linter.findings import Finding
from engine.linter.lint import Vocabulary, lint

__all__ = ["Finding", "Vocabulary", "lint"]
