"""From uploaded files to files in our dialect, with a note on every element that changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from engine.conversion import (
    asking,
    calls,
    decisions,
    events,
    formjs,
    forms,
    gateways,
    ids,
    leftovers,
    mappings,
    repeats,
    services,
    split,
    tasks,
)
from engine.conversion.dialects import Dialect, dialect_of, unify
from engine.conversion.markup import every, kind, safe
from engine.conversion.notes import Note, by_weight
from engine.conversion.work import Upload, Work
from engine.expressions.language import excess
from engine.linter import structure
from engine.linter.diagram import Diagram
from engine.spiff.elements import FLOW_NODES
from engine.spiff.xml import BPMN, SPIFF, UnreadableXmlError, read

_MOST_PARTS = 20_000
"""Elements of a file, its picture included; larger ones are refused by the linter anyway."""
_PROSE = frozenset({"documentation", "text"})
_MOST_TOGETHER = 100_000
"""Elements of all files of an upload; beyond them files stay as they are."""


@dataclass(frozen=True)
class Conversion:
    """Files in our dialect and what is said about them."""

    files: dict[str, bytes]
    """By `<process>/<name>` where the place is known, else under the name they came with."""
    notes: list[Note]
    """What is lost first, then what changed, then what is kept in another form."""

    @property
    def changed(self) -> bool:
        """Return whether any file came from another tool."""
        return bool(self.notes)


def convert(
    files: Mapping[str, bytes],
    *,
    operations: Collection[str] = (),
    reserved: Collection[str] = (),
) -> Conversion:
    """Return `files` in our dialect; those that are in it already are the very same bytes.

    Files that cannot be read pass through as they are: the linter says what is wrong with them.

    Args:
        files: contents by the name they were uploaded under.
        operations: names of known operations; a step whose topic or type is one calls it.
        reserved: process ids that an imported process may not take.
    """
    upload = Upload(frozenset(operations), frozenset(reserved))
    found = _foreign(files)
    if not found:
        return Conversion(dict(files), [])
    _look_around(files, upload)
    works: list[Work] = []
    notes: list[Note] = []
    together = 0
    for name, (root, dialect) in found.items():
        parts = sum(1 for _ in root.iter(etree.Element))
        together += parts * len(split.processes(root))  # each process gets a copy of the file
        if _is_large(root, parts) or together > _MOST_TOGETHER:
            notes.append(Note(name, 0, "", "file.large", {}, name))
            continue
        works += _works(name, root, dialect, upload)
    kept = {work.notes.source for work in works}
    for work in works:
        _convert(work)
    for work in works:
        asking.results(work)
        upload.sets |= work.sets if upload.called else set()
    made: dict[str, bytes] = {}
    for work in works:
        made |= _finished(work)
        notes += work.notes.all()
    left = {name: raw for name, raw in files.items() if name not in kept | upload.used}
    notes += _unused(left, upload)
    return Conversion({**_without_tables(left, upload), **made}, by_weight(notes))


def _is_large(root: etree._Element, parts: int) -> bool:
    """Return whether a file has more than the linter takes, or a picture out of proportion."""
    nodes = len(every(root, *FLOW_NODES))
    if nodes > structure.MAX_NODES or parts > _MOST_PARTS:
        return True
    texts = (node.text or "" for node in root.iter(etree.Element) if kind(node) not in _PROSE)
    return excess(texts) is not None


def _foreign(files: Mapping[str, bytes]) -> dict[str, tuple[etree._Element, Dialect]]:
    found = {}
    for name, raw in files.items():
        if not name.endswith(".bpmn"):
            continue
        try:
            root = read(raw)
        except UnreadableXmlError:
            continue
        if root.tag != f"{{{BPMN}}}definitions":
            continue
        dialect = dialect_of(root)
        if dialect is not None and split.processes(root):
            found[name] = (root, dialect)
    return found


def _look_around(files: Mapping[str, bytes], upload: Upload) -> None:
    """Read the forms and decisions that came along."""
    for name, raw in files.items():
        if name.endswith(".form"):
            identifier = formjs.form_id(raw)
            for key in {identifier, PurePosixPath(name).stem} - {""}:
                upload.forms.setdefault(key, (name, raw))
        if name.endswith(".dmn"):
            try:
                root = read(raw)
            except UnreadableXmlError:
                continue
            upload.decisions |= decisions.read_tables(name, root)


def _works(name: str, root: etree._Element, dialect: Dialect, upload: Upload) -> list[Work]:
    """Return one piece of work for each process that is drawn in a file."""
    unify(root)
    ids.settle(root)
    drawn = split.processes(root)
    whole = Work(root, drawn[0], dialect, name)
    split.share_messages(whole)
    found = []
    for process in drawn:
        identifier = process.get("id", "")
        pair = split.alone(root, process) if len(every(root, "process")) > 1 else (root, process)
        work = Work(*pair, dialect, name)
        work.upload = upload
        work.folder = _legal(identifier, upload)
        found.append(work)
        upload.folders.add(work.folder)
        upload.processes.setdefault(identifier, work.folder)
    return found


def _legal(identifier: str, upload: Upload) -> str:
    """Return the id a process has here: a folder name that nobody else has."""
    name, number = safe(identifier, "process"), 1
    taken = upload.reserved | upload.folders
    wanted = name
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _convert(work: Work) -> None:
    """Run every conversion of one process, in an order in which each finds what it needs."""
    _head(work)
    split.pools_noted(work)
    leftovers.data_objects(work)
    tasks.embedded(work)
    for start in work.flow_nodes("startEvent"):
        if start.getparent() is work.process:
            tasks.start_form(work, start)
    tasks.convert(work)
    services.convert(work)
    calls.convert(work)
    events.convert(work)
    repeats.convert(work)
    gateways.convert(work)
    mappings.convert(work)
    leftovers.listeners(work)
    leftovers.properties(work)


def _head(work: Work) -> None:
    """Settle the id of the process, and that it runs."""
    ids.note(work)
    old = work.process.get("id", "")
    new = work.folder
    if old != new:
        work.process.set("id", new)
        work.notes.add(work.process, "process.id", old=old, new=new)
        work.drawing.rename(old, new)
        for pool in every(work.root, "participant"):
            if pool.get("processRef") == old:
                pool.set("processRef", new)
    if work.process.get("isExecutable") != "true":
        work.process.set("isExecutable", "true")
        work.notes.add(work.process, "process.executable")
    _name(work, new)


def _name(work: Work, new: str) -> None:
    """Call a process without a name as its pool is called."""
    if not work.process.get("name"):
        pool = next(
            (p for p in every(work.root, "participant") if p.get("processRef") == new), None
        )
        if pool is not None and pool.get("name"):
            work.process.set("name", pool.get("name"))


def _finished(work: Work) -> dict[str, bytes]:
    """Return the files of a process: what is still open is asked, the rest is noted."""
    asking.finish(work)
    events.strip_subscriptions(work)
    leftovers.sweep(work)
    folder = work.process.get("id", "")
    work.notes.file = f"{folder}/{folder}.bpmn"
    made = {f"{folder}/forms/{name}.form": raw for name, raw in work.files.items()}
    for identifier, form in work.forms.items():
        node = work.ids[identifier]
        made[f"{folder}/forms/{form.name}.form"] = forms.write(form, work, node)
    raw = _written(work.root)
    _refused(work, raw)
    return {work.notes.file: raw, **made}


def _written(root: etree._Element) -> bytes:
    names = {prefix: space for prefix, space in root.nsmap.items() if prefix and ":" in space}
    etree.cleanup_namespaces(root, top_nsmap={**names, "spiffworkflow": SPIFF, **_bpmn(names)})
    raw: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return raw


def _bpmn(names: Mapping[str, str]) -> dict[str, str]:
    """Return a prefix for BPMN itself, for files that use none."""
    return {} if BPMN in names.values() else {"bpmn": BPMN}


def _refused(work: Work, raw: bytes) -> None:
    """Note what is in the drawing still and cannot run here, in the words of the linter."""
    diagram = Diagram(work.notes.file, read(raw))
    for finding in structure.check(diagram):
        if finding.rule == "not-supported":
            node = work.ids.get(finding.element_id, work.process)
            work.notes.add(node, "element.refused", reason=finding.text)


def _unused(left: Mapping[str, bytes], upload: Upload) -> list[Note]:
    """Note the decision tables that no step of the upload asks."""
    asked = {table.file for table in upload.decisions.values()}
    return [
        Note(name, 0, "", "decision.unused", {"name": PurePosixPath(name).name}, name)
        for name in left
        if name in asked
    ]


def _without_tables(left: Mapping[str, bytes], upload: Upload) -> dict[str, bytes]:
    asked = {table.file for table in upload.decisions.values()}
    return {name: raw for name, raw in left.items() if name not in asked}
