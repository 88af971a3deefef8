"""Looks for what got stuck, so that a silent loss becomes an incident somebody sees.

A look costs the same however much waits: it walks the running instances in slices by their
index, thaws a handful, and asks the partial index of the job queue for what is late. What it
finds is opened as an incident once and settled by itself when it is gone.
"""

from engine.watch.findings import HALF_SENT, OVERDUE, STUCK, Finding, settle
from engine.watch.late import overdue
from engine.watch.progress import Progress
from engine.watch.stuck import Walk, still_stuck, walk

__all__ = [
    "HALF_SENT",
    "OVERDUE",
    "STUCK",
    "Finding",
    "Progress",
    "Walk",
    "overdue",
    "settle",
    "still_stuck",
    "walk",
]
