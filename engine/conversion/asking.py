"""Values that are read and never set: asked where they are needed, or at the start."""

from typing import Any

from lxml import etree

from engine.conversion import forms
from engine.conversion.expressions import kind_of
from engine.conversion.gateways import steps_before
from engine.conversion.markup import add_line, bpmn, children, drop, kind, safe, words
from engine.conversion.renaming import fields_read, path_of
from engine.conversion.work import FormDraft, Use, Work
from engine.expressions.tree import Field, Name

_MOST_ASKED = 150
"""Questions of one form; a form with more than 200 parts is refused."""
_MOST_READ = 100
"""Expressions that are looked at to see what kind of value one is."""
_SPLITS = {"exclusiveGateway", "inclusiveGateway"}
_START = {
    "en": "What is known at the start?",
    "nl": "Wat is er bij de start bekend?",
    "de": "Was ist am Anfang bekannt?",
}
_READ = {"en": "Read the message", "nl": "Bericht lezen", "de": "Nachricht lesen"}
_MESSAGES = {"intermediateCatchEvent", "receiveTask", "boundaryEvent", "eventBasedGateway"}


def results(work: Work) -> None:
    """Ask at steps done by hand for what their code set."""
    for node, name in work.results:
        if node.get("id", "") in work.forms:
            _ask(work, node, name, hint=True)


def finish(work: Work) -> None:
    """Find a place for every value that nothing in the upload sets."""
    _once(work)
    for name, uses in work.needed().items():
        if name in work.upload.sets:
            continue
        if safe(name) != name or _comes_from_elsewhere(work):
            work.notes.add(uses[0].node, "value.unset", name=name)
            continue
        form = _place(work, name, uses)
        if form is None:
            work.notes.add(uses[0].node, "value.unset", name=name)


def _comes_from_elsewhere(work: Work) -> bool:
    """Tell whether code or a caller may set values of which nothing is written."""
    return work.calls_code or work.process.get("id") in work.upload.called


def _once(work: Work) -> None:
    """Let a step happen once that repeats over a list nothing makes: a form gives no list."""
    by_hand = {name for _, name in work.results}
    for use in [use for use in work.uses if use.purpose == "list"]:
        name = path_of(use.tree)
        made = (work.sets - by_hand) | work.upload.sets
        if name in made or _comes_from_elsewhere(work):
            continue
        for loop in children(use.node, "multiInstanceLoopCharacteristics"):
            work.sets -= {item.get("name", "") for item in children(loop, "inputDataItem")}
            drop(loop)
        work.uses.remove(use)
        work.uses_of[name].remove(use)
        work.notes.take_back(use.node, "repeat.list")
        work.notes.add(use.node, "repeat.open", source=name)


def _place(work: Work, name: str, uses: list[Use]) -> FormDraft | None:
    """Ask for a value right before the gateway that reads it, else at the start."""
    gateway = uses[0].node
    if kind(gateway) in _SPLITS:
        found = steps_before(work, gateway) or _after_message(work, gateway)
        if any(_is_full(work.forms[identifier]) for identifier in found):
            return None
        for identifier in found:
            _ask(work, work.ids[identifier], name)
        if found:
            return _told(work, name, work.forms[found[0]], gateway)
    first = _start_step(work)
    if first is None:
        return None
    form = work.form_of(first)
    if _is_full(form):
        return None
    _ask(work, first, name)
    return _told(work, name, form, first)


def _is_full(form: FormDraft) -> bool:
    """Tell whether a form asks as much as any person can answer."""
    return len(form.components) >= _MOST_ASKED


def _told(work: Work, name: str, form: FormDraft, node: etree._Element) -> FormDraft:
    work.sets.add(name)
    work.notes.add(node, "value.asked", name=name, form=form.shown)
    return form


def _ask(work: Work, step: etree._Element, name: str, *, hint: bool = False) -> None:
    """Ask for a value in the form of a step; for a record, field by field."""
    form = work.form_of(step)
    uses = work.uses_of[name][:_MOST_READ]
    read = [path for use in uses for path in fields_read(use.tree, name)]
    is_record = bool(read) and all(isinstance(path, Field) for path in read)
    record: dict[str, Any] = {}
    for path in dict.fromkeys(read) if is_record else [Name(name)]:
        key = safe(path_of(path))
        what, options = kind_of(path, [(use.tree, use.purpose == "condition") for use in uses])
        told = forms.VALUE_OF if hint else None
        if any(use.purpose == "timer" for use in uses):
            what, told = "text", forms.A_TIME
        forms.ask(form, key, what, options, told)
        place = record
        *outer, last = path_of(path).split(".")[1:] or [""]
        for field in outer:
            place = place.setdefault(field, {})
        place[last] = key
    if is_record:
        add_line(step, "postScript", f"{name} = {_literal(record)}")


def _literal(record: dict[str, Any]) -> str:
    """Return a record of values as an expression writes it."""
    parts = (
        f"'{field}': {_literal(inner) if isinstance(inner, dict) else inner}"
        for field, inner in record.items()
    )
    return f"{{{', '.join(parts)}}}"


def _after_message(work: Work, gateway: etree._Element) -> list[str]:
    """Add a step between a message and the gateway that reads what it brought."""
    flows = work.into[gateway.get("id", "")]
    sources = [work.ids.get(flow.get("sourceRef", "")) for flow in flows]
    found = [flow for flow, source in zip(flows, sources, strict=True) if _is_event(source)]
    if not found or len(found) != len(flows) or not work.may_add:
        return []
    name = words(gateway) if gateway.get("name") else _READ
    return [str(work.step_before(gateway, name).get("id"))]


def _is_event(node: etree._Element | None) -> bool:
    return node is not None and kind(node) in _MESSAGES


def _start_step(work: Work) -> etree._Element | None:
    """Return the step that asks what must be known at the start; added when there is none."""
    starts = list(work.process.iterchildren(bpmn("startEvent")))
    if len(starts) != 1:
        return None
    (start,) = starts
    leaving = work.out[start.get("id", "")]
    if len(leaving) != 1:
        return None
    target = work.ids.get(leaving[0].get("targetRef", ""))
    if target is None or kind(target) not in {*_SPLITS, *_REACHED}:
        return None
    form = work.forms.get(target.get("id", ""))
    if form is not None and len(work.into[target.get("id", "")]) == 1 and _is_ours(target):
        return target
    if not work.may_add:
        return None
    return work.step_before(target, _START, leaving)


_REACHED = frozenset(
    {
        *("userTask", "scriptTask", "serviceTask", "callActivity", "subProcess", "receiveTask"),
        *("sendTask", "parallelGateway", "eventBasedGateway", "intermediateCatchEvent"),
        *("intermediateThrowEvent", "endEvent", "businessRuleTask", "transaction"),
    }
)


def _is_ours(node: etree._Element) -> bool:
    """Return whether a step was added by the conversion."""
    return node.sourceline is None or not node.sourceline
