"""A small vocabulary, and the rules asked about one process."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.linter import Vocabulary, lint
from engine.registry import Operations
from tests.engine import diagrams as d

OPERATIONS = Operations()


class Text(BaseModel):
    text: str = ""


class Mail(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subject: str


class Renamed(BaseModel):
    words: str = Field(alias="text")


class Settings(BaseModel):
    kind: Literal["mail", "note"] = "mail"
    count: Annotated[int, Field(ge=1)] = 1
    tags: list[str] = []


@OPERATIONS.operation("test.form")
def form(call, form: Text):
    return None


@OPERATIONS.operation("test.mail")
def mail(call, form: Mail):
    return None


@OPERATIONS.operation("test.renamed")
def renamed(call, form: Renamed):
    return None


@OPERATIONS.operation("test.set")
def settings(call, parameters: Settings):
    return None


VOCABULARY = Vocabulary(OPERATIONS, lookups=frozenset({"colours"}))


def check(*parts, messages=(), files=None, trial=False, root=""):
    """Return the findings on a process `p` of these parts."""
    raw = d.diagram("p", *parts, messages=messages)
    if root:
        raw = raw.replace(b"<bpmn:process", f"{root}<bpmn:process".encode())
    every = {"p/p.bpmn": raw, "p/forms/any.form": d.FORM, **(files or {})}
    return lint(every, VOCABULARY, trial=trial)


def around(*steps):
    """Return parts: a start, the steps one after the other, an end. Steps are (id, xml)."""
    ids = [id_ for id_, _ in steps]
    xml = [text for _, text in steps]
    return (d.start(), *xml, d.end(), d.chain("start", *ids, "end"))


def told(findings):
    """Return rule, element, and severity of each finding."""
    return [(each.rule, each.element_id, each.severity) for each in findings]
