"""Steps that people do: who does them, and with which form."""

from typing import Final

from lxml import etree

from engine.conversion import formjs, forms
from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.markup import drop, extension, set_property
from engine.conversion.work import Work

_ASSIGNMENT: Final = ("assignee", "candidateGroups", "candidateUsers")
_FORM_ATTRIBUTES: Final = (
    "formKey",
    "formRef",
    "formRefBinding",
    "formRefVersion",
    "formHandlerClass",
)
_KEPT_AS: Final = {
    "assignee": "assignee",
    "candidateGroups": "candidate_groups",
    "candidateUsers": "candidate_users",
}


def convert(work: Work) -> None:
    """Give every user task an operation and a form; plain tasks become user tasks."""
    for node in work.flow_nodes("userTask"):
        _assignment(work, node)
        _form(work, node)
    for node in work.flow_nodes("task", "manualTask"):
        work.notes.add(node, "step.waits")
        work.as_person(node)


def start_form(work: Work, start: etree._Element) -> bool:
    """Return whether a start event had a form; it is then asked by a step behind it."""
    has_fields = next(extension(start, CAMUNDA, "formField"), None) is not None
    reference = _reference(start)
    if not (has_fields or reference) or len(work.out[start.get("id", "")]) != 1:
        return False
    (flow,) = work.out[start.get("id", "")]
    target = work.ids.get(flow.get("targetRef", ""))
    if target is None or not work.may_add:
        return False
    name = " ".join((start.get("name") or "Start").split())
    step = work.step_before(target, name, [flow])
    _fill(work, start, step, reference)
    return True


def _assignment(work: Work, node: etree._Element) -> None:
    """Keep who was to do a step as properties; a lane says it here."""
    found = {
        name: node.attrib.pop(f"{{{CAMUNDA}}}{name}")
        for name in _ASSIGNMENT
        if f"{{{CAMUNDA}}}{name}" in node.attrib
    }
    for entry in list(extension(node, ZEEBE, "assignmentDefinition")):
        found |= {name: entry.get(name, "") for name in _ASSIGNMENT if entry.get(name)}
        drop(entry)
    for entry in list(extension(node, ZEEBE, "userTask")):
        drop(entry)  # says that it is a user task of the engine, as all of ours are
    for name, text in found.items():
        set_property(node, _KEPT_AS[name], text)
        work.notes.add(node, "assignment.kept", name=name, value=text)


def _form(work: Work, node: etree._Element) -> None:
    _fill(work, node, node, _reference(node))


def _fill(work: Work, node: etree._Element, step: etree._Element, reference: str) -> None:
    """Give `step` the form that `node` names or holds."""
    draft = work.as_person(step)
    if next(extension(node, CAMUNDA, "formField"), None) is not None:
        forms.read_fields(work, node, draft)
        work.notes.add(node, "form.asked", form=draft.shown)
    elif reference:
        _referred(work, node, step, reference)
    elif step is node:
        work.notes.add(node, "form.made", form=draft.shown)
    for entry in list(extension(node, CAMUNDA, "formData")):
        if entry.get("businessKey"):
            work.notes.add(
                node, "attribute.dropped", name="businessKey", value=entry.get("businessKey")
            )
        drop(entry)


def _reference(node: etree._Element) -> str:
    """Return the name of a form; takes the attributes and elements that give it."""
    found = [node.attrib.pop(f"{{{CAMUNDA}}}{name}", "") for name in _FORM_ATTRIBUTES]
    for entry in list(extension(node, ZEEBE, "formDefinition")):
        found += [entry.get(name, "") for name in ("formId", "formKey", "externalReference")]
        drop(entry)
    return next((text for text in (found[1], found[0], *found[5:]) if text), "")


def _referred(work: Work, node: etree._Element, step: etree._Element, reference: str) -> None:
    """Take the form over that a step names: from the upload or from the file itself."""
    known = work.upload.forms.get(_short(reference))
    if known is None:
        draft = work.form_of(step)
        work.notes.add(node, "form.missing", name=reference, form=draft.shown)
        return
    name, raw = known
    fitting = formjs.adapted(raw, work, node)
    if fitting is None:
        work.notes.add(node, "form.missing", name=reference, form=work.form_of(step).shown)
        return
    work.forms.pop(step.get("id", ""))
    work.upload.used.add(name)
    stem = work.form_name(name.rsplit("/", 1)[-1].removesuffix(".form"), fitting)
    work.files[stem] = fitting
    set_property(step, "formKey", stem)
    work.notes.add(node, "form.read", name=reference, form=f"{stem}.form")


def _short(reference: str) -> str:
    """Return what a form is found by: the id at the end of `camunda-forms:bpmn:id` or its name."""
    last = reference.replace("/", ":").rsplit(":", 1)[-1]
    return last.removesuffix(".form").removesuffix(".html")


def embedded(work: Work) -> None:
    """Take note of the forms that Camunda 8 keeps inside the process itself."""
    for entry in list(extension(work.process, ZEEBE, "userTaskForm")):
        name = entry.get("id", "")
        work.upload.forms.setdefault(name, (f"{name}.form", (entry.text or "").encode()))
        drop(entry)
