"""Rules on forms: each for itself, and whether it fits the operation that receives it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.forms.checks import check_form
from engine.forms.definition import FormDefinition, FormError
from engine.forms.findings import FormFinding
from engine.forms.lines import component_lines
from engine.linter.bindings import Vocabulary, known_names, missing_names
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.sources import Sources


@dataclass
class Forms:
    """The forms of a deployment that can be read, and what is wrong with them."""

    findings: list[Finding] = field(default_factory=list)
    by_name: dict[str, FormDefinition] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    """Line of each component, for the forms there is something to say about."""

    def line(self, sources: Sources, name: str, number: int) -> int:
        """Return where a component begins, counted from 1; 1 for the form as a whole."""
        if name not in self.lines:
            self.lines[name] = component_lines(sources[name])
        found = self.lines[name]
        return found[number - 1] if 0 < number <= len(found) else 1


def read_all(sources: Sources, vocabulary: Vocabulary) -> Forms:
    """Return all forms and every fault of a form by itself."""
    forms = Forms()
    for name in sources.named(".form"):
        found: list[FormFinding]
        try:
            form = FormDefinition.parse(sources[name], name=name)
            forms.by_name[name] = form
            found = check_form(form, lookups=vocabulary.lookups)
        except FormError as error:
            found = list(error.findings)
        for fault in found:
            line = fault.line or forms.line(sources, name, fault.number)
            forms.findings.append(
                Finding(name, line, fault.key, f"form-{fault.rule}", fault.text, fault.severity)
            )
    return forms


def check(diagram: Diagram, vocabulary: Vocabulary, forms: Forms) -> Iterator[Finding]:
    """Yield every finding on user tasks whose form does not fit their operation."""
    for node in diagram.nodes.values():
        form = forms.by_name.get(f"{diagram.folder}/forms/{node.form_key}.form")
        operation = node.properties.get("operation", "")
        if node.kind != "userTask" or form is None or operation not in vocabulary.operations:
            continue
        model = vocabulary.operations.model(operation)
        for name in missing_names(model, frozenset(form.fields)):
            text = Sentence(
                "The operation {operation} needs “{name}”, which is no field of the form {form}.",
                operation=operation,
                name=name,
                form=node.form_key,
            )
            yield diagram.finding(node, "form-field", text)
        known = known_names(model)
        for name in sorted(form.fields.keys() - known) if known is not None else ():
            text = Sentence(
                "The operation {operation} does not read “{name}”, a field of the form {form}.",
                operation=operation,
                name=name,
                form=node.form_key,
            )
            refuses = model.model_config.get("extra") == "forbid"
            yield diagram.finding(node, "form-field", text, "error" if refuses else "warning")
