"""What a conversion says: element by element, what became of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from lxml import etree

from engine.sentences import Sentence

Severity = Literal["lost", "changed", "kept"]
_LONGEST: Final = 200
"""Characters of what a note names."""
_ORDER: Final[Mapping[Severity, int]] = {"lost": 0, "changed": 1, "kept": 2}

SENTENCES: Final[Mapping[str, tuple[Severity, Sentence]]] = {
    "attribute.dropped": (
        "lost",
        Sentence("{name} “{value}” means nothing here and was left out."),
    ),
    "attribute.async": (
        "changed",
        Sentence("{name} was left out: each step is saved with its command."),
    ),
    "extension.dropped": ("lost", Sentence("{name} means nothing here and was left out.")),
    "extension.property": ("kept", Sentence("The property “{name}” is kept as “imported.{name}”.")),
    "assignment.kept": (
        "changed",
        Sentence("{name} “{value}” is kept as a property; here the lane says who does the step."),
    ),
    "form.asked": ("kept", Sentence("The form fields became the form of “{form}”.")),
    "form.read": ("kept", Sentence("The form “{name}” became {form}.")),
    "form.made": (
        "changed",
        Sentence("There was no form that can be shown here; the form of “{form}” was made for it."),
    ),
    "form.missing": (
        "lost",
        Sentence(
            "The form “{name}” is not among the files; the form of “{form}” was made instead."
        ),
    ),
    "form.part": ("lost", Sentence("“{key}” is left out of the form: {reason}")),
    "form.turned": ("changed", Sentence("“{key}” of the form changed: {reason}")),
    "service.operation": ("kept", Sentence("“{name}” is the operation of that name.")),
    "service.by_hand": (
        "lost",
        Sentence("“{what}” is code that is not here: a person does this step and confirms it."),
    ),
    "service.unsaid": (
        "changed",
        Sentence("Nothing says what is called here: a person does this step."),
    ),
    "service.inputs": (
        "lost",
        Sentence("The code was given {names}; the person is not shown them."),
    ),
    "script.converted": ("changed", Sentence("The script was read as: {script}")),
    "script.by_hand": (
        "lost",
        Sentence(
            "The script cannot be said in our language ({reason}): a person does it. "
            "It read: {script}"
        ),
    ),
    "expression.converted": ("kept", Sentence("The expression “{source}” became {script}")),
    "decision.converted": (
        "changed",
        Sentence("The decision table “{name}” became lines of this step."),
    ),
    "decision.by_hand": (
        "lost",
        Sentence("The decision “{name}” {reason}: a person decides at this step."),
    ),
    "decision.unused": (
        "lost",
        Sentence("The decision table “{name}” is used by no step and was left out."),
    ),
    "call.data": (
        "changed",
        Sentence("All data goes into the called process and comes back: {names}."),
    ),
    "call.by_hand": ("lost", Sentence("Which process is called is only known to code: {name}.")),
    "mapping.in": ("changed", Sentence("“{name}” is set before the step, and stays set after it.")),
    "mapping.out": ("kept", Sentence("“{name}” is set after the step.")),
    "mapping.lost": ("lost", Sentence("“{name}” cannot be set here: {reason}.")),
    "condition.converted": ("kept", Sentence("The condition “{source}” became {script}")),
    "condition.asked": (
        "lost",
        Sentence(
            "The condition “{source}” cannot be said here: {reason} The form of “{form}” asks it."
        ),
    ),
    "condition.unasked": ("lost", Sentence("Nobody says when this flow is taken: {reason}")),
    "condition.dropped": (
        "changed",
        Sentence("The condition “{source}” was left out: this flow is taken without one."),
    ),
    "condition.null": (
        "changed",
        Sentence(
            "In FEEL a missing value counts as no; here it stops the process with an incident."
        ),
    ),
    "gateway.asked": (
        "changed",
        Sentence("No flow says when it is taken: “{form}” asks which way it goes."),
    ),
    "gateway.default": (
        "changed",
        Sentence("“{flow}” has no condition and became the default flow."),
    ),
    "gateway.drawn": (
        "changed",
        Sentence("Conditions on flows that leave a step moved to a gateway of their own."),
    ),
    "value.asked": (
        "changed",
        Sentence("Nothing in the file sets “{name}”: the form of “{form}” asks it."),
    ),
    "value.unset": (
        "lost",
        Sentence("Nothing in the file sets “{name}”: it must be there before this is reached."),
    ),
    "step.added": ("changed", Sentence("This step was added to ask what the drawing leaves open.")),
    "step.list": ("changed", Sentence("This step was added to name the list “{name}”.")),
    "step.waits": (
        "changed",
        Sentence("Nothing says how this is done: here a person confirms it."),
    ),
    "timer.converted": ("kept", Sentence("The timer “{source}” became {script}")),
    "timer.offset": (
        "changed",
        Sentence("The date “{source}” has no offset from UTC; it is read as UTC."),
    ),
    "timer.named": (
        "changed",
        Sentence("The duration {script} was read from the name “{source}”."),
    ),
    "timer.repeat": ("lost", Sentence("The timer “{source}” fires once, not again and again.")),
    "timer.open": ("lost", Sentence("How long this waits must be written down: {reason}.")),
    "message.named": ("changed", Sentence("The message had no name; it is now called “{name}”.")),
    "message.payload": ("changed", Sentence("What the message brings is found under “{name}”.")),
    "message.key": ("kept", Sentence("The message finds its instance by {script}")),
    "message.key_lost": (
        "lost",
        Sentence("“{source}” cannot find the instance ({reason}): its key does."),
    ),
    "message.code": (
        "lost",
        Sentence("“{what}” sent this message by code; a step before it asks a person."),
    ),
    "event.variable": ("lost", Sentence("{name} “{value}” is not filled when the event comes.")),
    "event.unreachable": (
        "lost",
        Sentence("A step done by hand cannot raise this error: nothing leads here."),
    ),
    "event.start": ("lost", Sentence("Nothing is started by a {kind} here: somebody starts it.")),
    "event.name": (
        "lost",
        Sentence("The name “{name}” was worked out; here it is taken as it is written."),
    ),
    "event.named": ("changed", Sentence("The {kind} had no code; it is now “{name}”.")),
    "repeat.list": (
        "kept",
        Sentence("The step is repeated over “{name}”, one “{item}” at a time."),
    ),
    "repeat.results": ("lost", Sentence("“{source}” of each turn is not collected in “{name}”.")),
    "repeat.condition": ("lost", Sentence("The repetition cannot stop early: {source}.")),
    "repeat.open": (
        "lost",
        Sentence("The step happens once: it is not known what it is repeated over ({source})."),
    ),
    "listener.dropped": ("lost", Sentence("The listener {name} is code that is not here.")),
    "data.annotation": ("changed", Sentence("The data object “{name}” became an annotation.")),
    "data.dropped": ("lost", Sentence("{name} “{value}” only describes data and was left out.")),
    "process.executable": ("changed", Sentence("The process is marked as executable.")),
    "process.id": (
        "changed",
        Sentence("The process id “{old}” became “{new}”, the name of its folder."),
    ),
    "process.pool": (
        "changed",
        Sentence("“{pool}” is a file of its own; here it is an empty pool."),
    ),
    "process.setting": ("lost", Sentence("{name} “{value}” is not known here.")),
    "process.undrawn": (
        "changed",
        Sentence("“{new}” has no shape: the file says nothing about where it stands."),
    ),
    "id.added": ("changed", Sentence("It had no id; it is now “{new}”.")),
    "id.renamed": (
        "changed",
        Sentence("The id “{old}” cannot be kept here; it is now “{new}”."),
    ),
    "element.refused": ("lost", Sentence("It is still in the drawing and cannot run: {reason}")),
    "file.large": ("lost", Sentence("The file is too large to be converted.")),
}
"""Every sentence a note can say, by code, with how bad it is."""


@dataclass(frozen=True)
class Note:
    """What became of one element."""

    file: str
    """Name of the converted file; of the uploaded one when nothing came out of it."""
    line: int
    """Line in the uploaded file, counted from 1; 0 when the element was not in it."""
    element_id: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    """Name under which the file was uploaded."""

    @property
    def severity(self) -> Severity:
        """Return `lost`, `changed` or `kept`."""
        return SENTENCES[self.code][0]

    @property
    def text(self) -> Sentence:
        """Return the sentence, English and ready to be said in other languages."""
        return Sentence(SENTENCES[self.code][1].template, **self.params)

    def __str__(self) -> str:
        place = f"{self.source or self.file}:{self.line}" if self.line else self.source or self.file
        return f"{place} [{self.element_id}] {self.severity}: {self.text}"

    def at(self, file: str) -> "Note":
        """Return the same note for a file that was given another name."""
        return replace(self, file=file)

    @property
    def topic(self) -> str:
        """Return what the note is about, as in `timer`."""
        return self.code.partition(".")[0]

    def as_json(self) -> dict[str, Any]:
        """Return a plain dict for storing and printing."""
        return {**asdict(self), "severity": self.severity, "text": str(self.text)}

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> "Note":
        """Return a note that was stored as JSON."""
        names = ("file", "line", "element_id", "code", "params", "source")
        return cls(**{name: stored[name] for name in names})


def by_weight(notes: list[Note]) -> list[Note]:
    """Return the notes without doubles: what is lost first, then as in the uploaded files."""
    unique: dict[tuple[Any, ...], Note] = {}
    for note in notes:
        key = (note.file, note.element_id, note.code, tuple(sorted(note.params.items())))
        unique.setdefault(key, note)
    return sorted(unique.values(), key=lambda n: (_ORDER[n.severity], n.file, n.line))


class Notes:
    """Collects the notes on one diagram."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.file = source
        self._found: list[tuple[int, str, str, dict[str, str]]] = []

    def add(self, node: etree._Element | None, code: str, **params: object) -> None:
        """Note something at an element; its line is that of the uploaded file."""
        line = int(node.sourceline or 0) if node is not None else 0
        shown = {name: _short(value) for name, value in params.items()}
        self._found.append((line, _id_of(node), code, shown))

    def take_back(self, node: etree._Element, code: str) -> None:
        """Forget what was noted at an element, as it is so no longer."""
        self._found = [each for each in self._found if each[1:3] != (_id_of(node), code)]

    def all(self) -> list[Note]:
        """Return the notes under the name the file has by now."""
        return [
            Note(self.file, line, element, code, params, self.source)
            for line, element, code, params in self._found
        ]


def _short(value: object) -> str:
    words = " ".join(str(value).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _id_of(node: etree._Element | None) -> str:
    """Return the id of the element that is drawn, going upwards from what a note is about."""
    while node is not None:
        tag = etree.QName(node).localname if isinstance(node.tag, str) else ""
        if node.get("id") and not tag.endswith(("Definition", "Characteristics", "Expression")):
            return str(node.get("id"))
        node = node.getparent()
    return ""
