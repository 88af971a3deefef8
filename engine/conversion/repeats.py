"""Steps that are repeated over a list."""

from lxml import etree

from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.expressions import InexpressibleError, condition, value
from engine.conversion.markup import bpmn, child, children, drop, every, extension, safe
from engine.conversion.work import Work
from engine.expressions.tree import Constant, Name, Node, Sequence


def convert(work: Work) -> None:
    """Write every repetition over a list as BPMN itself does."""
    for loop in every(work.process, "multiInstanceLoopCharacteristics"):
        _list(work, loop)
    for loop in every(work.process, "standardLoopCharacteristics"):
        step = loop.getparent()
        found = child(loop, "loopCondition")
        if found is not None:
            _condition(work, step, found)
    _completion(work)


def _list(work: Work, loop: etree._Element) -> None:
    step = loop.getparent()
    source, item, results, result = _taken(loop)
    source = source or _counted(loop)
    name = _collection(work, step, source) if source else None
    if name is None:
        work.notes.add(step, "repeat.open", source=source or _said(loop))
        drop(loop)
        return
    item = safe(item, "item")
    work.sets.add(item)
    for old in children(loop, "loopDataInputRef", "inputDataItem", "loopCardinality"):
        drop(old)
    _write(work, loop, name, item, _output(work, step, item, (results, result)))
    work.notes.add(step, "repeat.list", name=name, item=item)


def _output(
    work: Work, step: etree._Element, item: str, wanted: tuple[str, str]
) -> tuple[str, str] | None:
    """Return the list of results, and the value of one turn that is added to it.

    None where nothing is collected: then what each turn sets is set for the process, the last
    turn wins, as in Camunda.
    """
    results, result = wanted
    if not results:
        return None
    if safe(results) != results or safe(result) != result or result == item:
        work.notes.add(step, "repeat.results", name=results, source=result)
        return None
    work.sets.add(results)
    return results, result


def _write(
    work: Work, loop: etree._Element, name: str, item: str, output: tuple[str, str] | None
) -> None:
    """Write the parts in the order of the schema; items are called by their names."""
    parts = [_element("loopDataInputRef", text=name)]
    if output is not None:
        parts.append(_element("loopDataOutputRef", text=output[0]))
    parts.append(_element("inputDataItem", id=work.new_id(item), name=item))
    if output is not None:
        parts.append(_element("outputDataItem", id=work.new_id(output[1]), name=output[1]))
    place = len(children(loop, "documentation", "extensionElements"))
    for part in reversed(parts):
        loop.insert(place, part)


def _element(tag: str, text: str = "", **attributes: str) -> etree._Element:
    made = etree.Element(bpmn(tag), attributes)
    made.text = text or None
    return made


def _taken(loop: etree._Element) -> tuple[str, str, str, str]:
    """Return list, name of one item, name of the results and what each adds; takes them out."""
    source = loop.attrib.pop(f"{{{CAMUNDA}}}collection", "")
    item = loop.attrib.pop(f"{{{CAMUNDA}}}elementVariable", "")
    results = result = ""
    for entry in list(extension(loop, ZEEBE, "loopCharacteristics")):
        source, item = entry.get("inputCollection", ""), entry.get("inputElement", "")
        results = entry.get("outputCollection", "")
        result = entry.get("outputElement", "").lstrip("= ")
        drop(entry)
    return source, item, results, result


def _collection(work: Work, step: etree._Element, source: str) -> str | None:
    """Return the name of the list; one that is written out gets a name before the step."""
    text = source.strip()
    try:
        tree: Node = (
            condition(text, "feel" if text.startswith("=") else "juel")
            if text.startswith(("$", "#", "="))
            else value(text, work.dialect.language)
        )
        if isinstance(tree, Constant) and isinstance(tree.value, str):
            tree = Name(tree.value) if safe(tree.value) == tree.value else tree
        if isinstance(tree, Name):
            return work.uses_tree(step, tree, "list")
        if isinstance(tree, Sequence):
            return _named_list(work, step, tree)
    except InexpressibleError:
        return None
    return None


def _named_list(work: Work, step: etree._Element, tree: Sequence) -> str | None:
    """Set a written-out list by a script in front of the step."""
    flows = work.into[step.get("id", "")]
    if not flows or not work.may_add:
        return None
    name = f"{safe(step.get('id', ''), 'step')}_items"
    script = work.script_before(step, f"{name} = {work.uses_tree(step, tree)}")
    work.sets.add(name)
    work.notes.add(script, "step.list", name=name)
    return name


def _counted(loop: etree._Element) -> str:
    """Return a fixed number of times as the list of its turns, counted from 0 as Camunda does."""
    text = _said(loop)
    if text.isdecimal() and len(text) < 3 and int(text) > 0:  # noqa: PLR2004 - at most 99 turns
        return f"=[{', '.join(map(str, range(int(text))))}]"
    found = child(loop, "loopDataInputRef")
    return (found.text or "").strip() if found is not None else ""


def _said(loop: etree._Element) -> str:
    found = child(loop, "loopCardinality")
    return (found.text or "").strip() if found is not None else "nothing is said"


def _completion(work: Work) -> None:
    """Convert the conditions that end a repetition early."""
    for found in every(work.process, "completionCondition"):
        loop = found.getparent()
        _condition(work, loop.getparent(), found)


def _condition(work: Work, step: etree._Element, found: etree._Element) -> None:
    source = (found.text or "").strip()
    if not source:
        drop(found)
        return
    try:
        found.text = work.read_condition(step, source)
    except InexpressibleError:
        work.notes.add(step, "repeat.condition", source=source)
        drop(found)
