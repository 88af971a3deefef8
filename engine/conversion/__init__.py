"""Diagrams of other tools, converted where that is exact; the rest is listed by element.

Camunda 7 (with its cousins Flowable and Activiti), Camunda 8 and plain BPMN are read. What comes
out is in our own dialect: `spiffworkflow` extensions, forms as form-js beside the diagram.
"""

from engine.conversion.convert import Conversion, convert
from engine.conversion.notes import Note

__all__ = ["Conversion", "Note", "convert"]
