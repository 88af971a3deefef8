"""What hostile diagrams may name."""

from pydantic import BaseModel

from engine.linter import Vocabulary
from engine.registry import Operations
from tests.engine.properties.words import Anything


class Nothing(BaseModel):
    pass


OPERATIONS = Operations()


@OPERATIONS.operation("test.form")
def form(call, form: Anything):
    return None


@OPERATIONS.operation("test.note")
def note(call, parameters: Nothing):
    return None


VOCABULARY = Vocabulary(OPERATIONS)
