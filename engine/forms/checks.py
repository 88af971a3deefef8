"""What a designer should know about a form before it is deployed."""

from collections.abc import Collection, Iterator
from typing import Literal

from engine.forms.components import Component
from engine.forms.definition import FormDefinition
from engine.forms.findings import FormFinding
from engine.forms.reading import read
from engine.forms.texts import Texts
from engine.forms.validation import as_entered
from engine.sentences import Sentence


def check_form(
    form: FormDefinition,
    *,
    lookups: Collection[str] | None = None,
) -> list[FormFinding]:
    """Everything worth saying about a form that can be read.

    Args:
        form: the form.
        lookups: names of the option lists there are; None leaves them unchecked.
    """
    findings: list[FormFinding] = []
    for component in form.flat:
        findings += _names(form, component)
        findings += _words(component)
        if component.lookup and lookups is not None and component.lookup not in lookups:
            text = Sentence(
                "There is no option list “{name}”. There are: {known}.",
                name=component.lookup,
                known=", ".join(sorted(lookups)),
            )
            findings.append(_fault(component, "options", text))
        if component.is_input:
            findings += _default(component)
            findings += _ranges(component)
    return findings


def _fault(
    component: Component,
    rule: str,
    text: Sentence,
    severity: Literal["error", "warning"] = "error",
) -> FormFinding:
    return FormFinding(component.id, rule, text, severity, component.number)


def _names(form: FormDefinition, component: Component) -> Iterator[FormFinding]:
    if component.parent and component.parent not in form.fields:
        text = Sentence("The parent field “{name}” is not in this form.", name=component.parent)
        yield _fault(component, "parent", text)
    read = component.hide.names if component.hide is not None else frozenset()
    for name in sorted(read - form.fields.keys()):
        text = Sentence("The condition reads “{name}”, which is no field of this form.", name=name)
        yield _fault(component, "condition", text, "warning")


def _words(component: Component) -> Iterator[FormFinding]:
    if not component.label and component.type != "group":
        text = Sentence("It has no label.") if component.is_input else Sentence("It has no text.")
        yield _fault(component, "label", text)
    named = [
        (Sentence("The label has no words in: {languages}."), component.label),
        (Sentence("The description has no words in: {languages}."), component.description),
        (Sentence("The placeholder has no words in: {languages}."), component.placeholder),
    ]
    for template, words in named:
        if missing := ", ".join(words.missing()):
            text = template.filled(languages=missing)
            yield _fault(component, "translation", text, "warning")
    for option in component.options:
        if missing := ", ".join(Texts(option.label, option.labels).missing()):
            text = Sentence(
                "The option “{option}” has no words in: {languages}.",
                option=option.value,
                languages=missing,
            )
            yield _fault(component, "translation", text, "warning")


def _default(component: Component) -> Iterator[FormFinding]:
    if component.default is None or component.lookup:
        return
    reading = read(component, as_entered(component, component.default), component.options)
    if reading.faults or not reading.entered:
        yield _fault(component, "default", Sentence("The default value does not fit this field."))


def _ranges(component: Component) -> Iterator[FormFinding]:
    rules = component.rules
    if rules.min_length > rules.max_length:
        text = Sentence("The fewest letters are more than the most.")
        yield _fault(component, "range", text)
    if rules.min is not None and rules.max is not None and rules.min > rules.max:
        text = Sentence("The smallest number is above the largest.")
        yield _fault(component, "range", text)
