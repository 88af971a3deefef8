"""The hot path to the tables: hand-written statements of the driver, few round trips.

A command reads once and writes once, whatever it changes. Pages and reports go through the ORM
and `engine.queries`; both see the same tables, which `engine.models` describes.
"""

from engine.store.changes import Changes
from engine.store.found import Found, Wanted
from engine.store.stores import Store

__all__ = ["Changes", "Found", "Store", "Wanted"]
