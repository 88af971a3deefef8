"""What generated diagrams may name."""

from pydantic import BaseModel, ConfigDict

from engine.linter import Vocabulary
from engine.registry import Operations


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


OPERATIONS = Operations()


@OPERATIONS.operation("test.form")
def form(call, form: Anything):
    return form.model_dump()


@OPERATIONS.operation("test.work")
def work(call, parameters: Anything):
    return {"worked": len(call.data)}


VOCABULARY = Vocabulary(OPERATIONS)
