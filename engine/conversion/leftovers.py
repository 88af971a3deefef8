"""What no step converts: data objects, listeners, settings, and whatever else is left."""

from typing import Final

from lxml import etree

from engine.conversion.dialects import CAMUNDA, MODELER, ZEEBE
from engine.conversion.markup import (
    XSI,
    add,
    bpmn,
    children,
    drop,
    every,
    extension,
    kind,
    set_properties,
    words,
)
from engine.conversion.work import Work
from engine.spiff.xml import BPMN, SPIFF

_DATA: Final = ("dataObjectReference", "dataStoreReference")
_DESCRIBING: Final = (
    "ioSpecification",
    "dataObject",
    "dataInput",
    "dataOutput",
    "property",
    "auditing",
)
_OURS: Final = frozenset({BPMN, SPIFF, XSI, ""})
_PREFIXES: Final = {CAMUNDA: "camunda:", ZEEBE: "zeebe:"}
_PICTURE: Final = "/20100524/D"
_ASYNC: Final = frozenset(
    {"asyncBefore", "asyncAfter", "async", "exclusive", "jobPriority", "failedJobRetryTimeCycle"}
)
_ANNOTATION: Final = 100
"""Width that the words of an annotation need."""
_SILENT: Final = frozenset({MODELER})


def data_objects(work: Work) -> None:
    """Turn drawn documents into annotations: they hold nothing while a process runs."""
    for node in every(work.process, *_DATA):
        name = words(node)
        node.tag = bpmn("textAnnotation")
        for attribute in ("dataObjectRef", "dataStoreRef", "name", "isCollection"):
            node.attrib.pop(attribute, None)
        for inner in list(node):
            node.remove(inner)
        etree.SubElement(node, bpmn("text")).text = name
        work.drawing.widen(node.get("id", ""), _ANNOTATION)
        work.notes.add(node, "data.annotation", name=name)
    for link in every(work.process, "dataInputAssociation", "dataOutputAssociation"):
        _association(work, link)
    for node in every(work.process, *_DESCRIBING):
        if node.tag != bpmn("dataObject"):
            work.notes.add(node, "data.dropped", name=kind(node), value=words(node))
        drop(node)


def _association(work: Work, link: etree._Element) -> None:
    """Keep the line between a step and a document as a line to an annotation."""
    step = link.getparent()
    refers = "sourceRef" if kind(link) == "dataInputAssociation" else "targetRef"
    other = next(((part.text or "").strip() for part in children(link, refers)), "")
    known = work.ids.get(other)
    drop(link)
    if known is None or known.tag != bpmn("textAnnotation") or not link.get("id"):
        work.drawing.forget({link.get("id", "")})
        return
    line = add(step.getparent(), "association", id=link.get("id", ""))
    line.set("sourceRef", step.get("id", "") if refers == "targetRef" else other)
    line.set("targetRef", other if refers == "targetRef" else step.get("id", ""))


def listeners(work: Work) -> None:
    """Note every listener; the code behind it is not here."""
    for node in list(work.process.iter(etree.Element)):
        if not isinstance(node.tag, str):
            continue
        namespace, _, name = node.tag[1:].partition("}")
        if namespace in _PREFIXES and name in {"executionListener", "taskListener"}:
            what = [node.get(key) for key in ("event", "eventType")]
            code = [node.get(key) for key in ("class", "delegateExpression", "expression", "type")]
            inner = ["a script"] if len(node) else []
            shown = ": ".join(text for text in (*what, *code, *inner) if text)
            work.notes.add(node, "listener.dropped", name=shown or name)
            drop(node)


def properties(work: Work) -> None:
    """Keep the named properties of the other tool under names of their own."""
    for node in list(work.process.iter(bpmn("*"))):
        kept: dict[str, str] = {}
        for space in (CAMUNDA, ZEEBE):
            for entry in list(extension(node, space, "property")):
                name, value = entry.get("name") or entry.get("id") or "", entry.get("value") or ""
                if name:
                    kept[f"imported.{name}"] = value
                    work.notes.add(node, "extension.property", name=name)
                drop(entry)
            for group in list(extension(node, space, "properties")):
                drop(group)
        set_properties(node, kept)


def sweep(work: Work) -> None:
    """Take out and note whatever of the other tool is still in the file."""
    for node in list(work.root.iter(etree.Element)):
        namespace = _namespace(node.tag)
        if _PICTURE in namespace or node.getparent() is None:
            _attributes(work, node, quietly=True)
            continue
        if namespace not in _OURS:
            _element(work, node, namespace)
            continue
        _attributes(work, node, quietly=False)
    for holder in every(work.root, "extensionElements"):
        if not len(holder) and not (holder.text or "").strip():
            drop(holder)


def _element(work: Work, node: etree._Element, namespace: str) -> None:
    parent = node.getparent()
    if parent is None or any(_namespace(each.tag) not in _OURS for each in node.iterancestors()):
        return  # in the picture, or said with what is around it
    if node.getroottree().getroot() is not work.root:
        return
    name = etree.QName(node).localname
    if namespace not in _SILENT:
        shown = f"{_PREFIXES.get(namespace, '')}{name}"
        detail = ", ".join(
            f"{key.rsplit('}', 1)[-1]}={value}" for key, value in node.attrib.items()
        )
        work.notes.add(node, _code(name, "extension.dropped"), name=f"{shown} {detail}".strip())
    drop(node)


def _attributes(work: Work, node: etree._Element, *, quietly: bool) -> None:
    for name in list(node.attrib):
        namespace = _namespace(name)
        if namespace in _OURS or (quietly and namespace not in {*_PREFIXES, MODELER}):
            continue
        value = node.attrib.pop(name)
        short = name.rsplit("}", 1)[-1]
        if quietly or namespace in _SILENT or (short, value) == ("exclusive", "true"):
            continue
        code = "process.setting" if node is work.process else "attribute.dropped"
        shown = f"{_PREFIXES.get(namespace, '')}{short}"
        work.notes.add(node, _code(short, code), name=shown, value=value)


def _code(name: str, otherwise: str) -> str:
    return "attribute.async" if name in _ASYNC else otherwise


def _namespace(name: str) -> str:
    return name[1:].partition("}")[0] if name.startswith("{") else ""
