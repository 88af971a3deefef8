"""What a designer should know about a form before it is deployed."""

from collections.abc import Collection, Iterator

from engine.forms.components import Component
from engine.forms.definition import FormDefinition
from engine.forms.findings import FormFinding
from engine.forms.reading import read
from engine.forms.texts import Texts
from engine.forms.validation import as_entered


def check_form(
    form: FormDefinition,
    *,
    lookups: Collection[str] | None = None,
    accepts: Collection[str] | None = None,
) -> list[FormFinding]:
    """Everything worth saying about a form that can be read.

    Args:
        form: the form.
        lookups: names of the option lists there are; None leaves them unchecked.
        accepts: keys the operation of the step reads; None leaves them unchecked.
    """
    findings: list[FormFinding] = []
    for component in form.flat:
        findings += _names(form, component)
        findings += _words(component)
        if component.lookup and lookups is not None and component.lookup not in lookups:
            known = ", ".join(sorted(lookups))
            text = f"There is no option list “{component.lookup}”. There are: {known}."
            findings.append(FormFinding(component.id, "options", text))
        if component.is_input:
            findings += _default(component)
            findings += _ranges(component)
            if accepts is not None and component.key not in accepts:
                text = "The operation of this step does not read this field."
                findings.append(FormFinding(component.id, "unread", text, "warning"))
    return findings


def _names(form: FormDefinition, component: Component) -> Iterator[FormFinding]:
    if component.parent and component.parent not in form.fields:
        text = f"The parent field “{component.parent}” is not in this form."
        yield FormFinding(component.id, "parent", text)
    read = component.hide.names if component.hide is not None else frozenset()
    for name in sorted(read - form.fields.keys()):
        text = f"The condition reads “{name}”, which is no field of this form."
        yield FormFinding(component.id, "condition", text, "warning")


def _words(component: Component) -> Iterator[FormFinding]:
    if not component.label and component.type != "group":
        what = "label" if component.is_input else "text"
        yield FormFinding(component.id, "label", f"It has no {what}.")
    named = [("label", component.label), ("description", component.description)]
    named.append(("placeholder", component.placeholder))
    named += [
        (f"option “{each.value}”", Texts(each.label, each.labels)) for each in component.options
    ]
    for name, words in named:
        missing = words.missing()
        if missing:
            text = f"The {name} has no words in: {', '.join(missing)}."
            yield FormFinding(component.id, "translation", text, "warning")


def _default(component: Component) -> Iterator[FormFinding]:
    if component.default is None or component.lookup:
        return
    reading = read(component, as_entered(component, component.default), component.options)
    if reading.faults or not reading.entered:
        yield FormFinding(component.id, "default", "The default value does not fit this field.")


def _ranges(component: Component) -> Iterator[FormFinding]:
    rules = component.rules
    if rules.min_length > rules.max_length:
        yield FormFinding(component.id, "range", "The fewest letters are more than the most.")
    if rules.min is not None and rules.max is not None and rules.min > rules.max:
        yield FormFinding(component.id, "range", "The smallest number is above the largest.")
