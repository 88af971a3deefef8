"""Which way a process goes: conditions, default flows, and questions where nothing is said."""

from lxml import etree

from engine.conversion import forms
from engine.conversion.expressions import InexpressibleError, orders
from engine.conversion.markup import add, child, children, drop, kind, safe, words
from engine.conversion.work import FormDraft, Work

_SPLITS = {"exclusiveGateway", "inclusiveGateway"}
_MOST_BACK = 20


def convert(work: Work) -> None:
    """Convert every condition; ask a person where a drawing says nothing."""
    for node in work.flow_nodes():
        leaving = work.out[node.get("id", "")]
        conditional = [flow for flow in leaving if child(flow, "conditionExpression") is not None]
        if conditional and kind(node) not in _SPLITS:
            _as_gateway(work, node, leaving, conditional)
    asked = False
    for node in work.flow_nodes(*_SPLITS):
        asked = _gateway(work, node) or asked
    if asked and work.dialect.language == "feel":
        work.notes.add(work.process, "condition.null")


def _as_gateway(
    work: Work,
    node: etree._Element,
    leaving: list[etree._Element],
    conditional: list[etree._Element],
) -> None:
    """Draw the gateway that conditions on flows leaving a step stand for."""
    if len(leaving) == 1 or kind(node) in {"parallelGateway", "eventBasedGateway"}:
        for flow in conditional:
            source = _source(flow)
            _clear(flow)
            work.notes.add(flow, "attribute.dropped", name="condition", value=source)
        return
    plain = [flow for flow in leaving if flow not in conditional]
    gateway = work.gateway_after(node)
    for flow in plain:
        if flow.get("id") != gateway.get("default"):
            add(flow, "conditionExpression").text = "True"
    work.notes.add(node, "gateway.drawn")


def _gateway(work: Work, node: etree._Element) -> bool:
    """Convert one gateway; return whether it compares by size."""
    leaving = work.out[node.get("id", "")]
    if len(leaving) < 2:  # noqa: PLR2004 - it only joins
        for flow in leaving:
            _unread(work, flow)
        return False
    default = node.get("default")
    unsaid: list[tuple[etree._Element, str]] = []
    sized = False
    for flow in leaving:
        source = _source(flow)
        if flow.get("id") == default:
            _unread(work, flow)
        elif not source:
            _clear(flow)
            unsaid.append((flow, ""))
        else:
            reason = _condition(work, node, flow, source)
            sized = sized or (not reason and orders(work.uses[-1].tree))
            if reason:
                unsaid.append((flow, reason))
    _settle(work, node, leaving, unsaid)
    return sized


def _condition(work: Work, node: etree._Element, flow: etree._Element, source: str) -> str:
    """Write a condition in our spelling; return why that cannot be done, else nothing."""
    expression = child(flow, "conditionExpression")
    if expression is None or (source == "True" and not expression.attrib):
        return ""
    language = expression.attrib.pop("language", "").lower()
    expression.attrib.pop("{http://camunda.org/schema/1.0/bpmn}resource", None)
    if language and "feel" not in language and "juel" not in language and "${" not in source:
        return f"it is written in {language.rsplit('/', 1)[-1]}."
    try:
        text = work.read_condition(node, source)
    except InexpressibleError as error:
        return f"{str(error).rstrip('.')}."
    expression.text = text
    work.notes.add(flow, "condition.converted", source=source, script=text)
    return ""


def _settle(
    work: Work,
    node: etree._Element,
    leaving: list[etree._Element],
    unsaid: list[tuple[etree._Element, str]],
) -> None:
    """Find a way for the flows of which nobody says when they are taken."""
    if not unsaid:
        return
    default = node.get("default")
    said = len(leaving) - len(unsaid) - (default is not None)
    if said and len(unsaid) == 1 and not unsaid[0][1] and default is None:
        node.set("default", unsaid[0][0].get("id", ""))
        work.notes.add(node, "gateway.default", flow=words(unsaid[0][0]))
        return
    askers = _askers(work, node)
    if not askers:
        _without_form(work, unsaid)
    elif said:
        _ask_each(work, unsaid, askers)
    else:
        _ask_way(work, node, leaving, askers)
        for flow, reason in unsaid:
            if reason:
                source = _source(flow) or words(flow)
                work.notes.add(
                    flow, "condition.asked", source=source, reason=reason, form=askers[0].shown
                )


def _askers(work: Work, node: etree._Element) -> list[FormDraft]:
    """Return the forms of the steps right before a gateway; a new step when there are none."""
    found = steps_before(work, node)
    if found:
        return [work.forms[step] for step in found]
    if not work.into[node.get("id", "")] or not work.may_add:
        return []
    name = words(node) if node.get("name") else forms.WHICH
    return [work.form_of(work.step_before(node, name))]


def steps_before(work: Work, node: etree._Element) -> list[str]:
    """Return the ids of the steps whose forms can ask for a gateway: all that lead to it.

    Empty when one way leads there past no such form.
    """
    found: list[str] = []
    waiting = [(node, 0)]
    seen = {node.get("id")}
    while waiting:
        place, far = waiting.pop()
        flows = work.into[place.get("id", "")]
        if not flows or far > _MOST_BACK:
            return []
        for flow in flows:
            source = work.ids.get(flow.get("sourceRef", ""))
            identifier = source.get("id", "") if source is not None else ""
            form = work.forms.get(identifier)
            if source is None:
                return []
            if (
                kind(source) == "userTask"
                and form is not None
                and form.may_grow
                and not _repeats(source)
            ):
                found.append(identifier)
            elif kind(source) == "exclusiveGateway" and len(work.out[identifier]) == 1:
                if identifier not in seen:
                    seen.add(identifier)
                    waiting.append((source, far + 1))
            else:
                return []
    return list(dict.fromkeys(found))


def _repeats(node: etree._Element) -> bool:
    return bool(children(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"))


def _ask_way(
    work: Work, node: etree._Element, leaving: list[etree._Element], askers: list[FormDraft]
) -> None:
    """Let a person choose among all flows of a gateway."""
    several = kind(node) == "inclusiveGateway"
    key = safe(f"{node.get('id', '')}_way"[-60:], "way")
    ways = [(safe(flow.get("id", ""), "flow"), _label(work, flow)) for flow in leaving]
    for form in askers:
        forms.choice(form, key, ways, several=several)
    work.sets.add(key)
    if not several and node.get("default") is None:
        node.set("default", leaving[-1].get("id", ""))
    for flow, (value, _) in zip(leaving, ways, strict=True):
        if flow.get("id") == node.get("default") and not several:
            _clear(flow)
            continue
        test = f"contains({key}, '{value}')" if several else f"{key} == '{value}'"
        _write(flow, test)
    work.notes.add(node, "gateway.asked", form=askers[0].shown)


def _ask_each(
    work: Work,
    unsaid: list[tuple[etree._Element, str]],
    askers: list[FormDraft],
) -> None:
    """Let a person say whether each condition that cannot be read holds."""
    for flow, reason in unsaid:
        key = safe(f"{flow.get('id', '')}_holds"[-60:], "holds")
        source = _source(flow) or _label(work, flow)
        label = " ".join(source.lstrip("= ").replace("{{", "{").split())[:200]
        for form in askers:
            form.components.append({"type": "checkbox", "key": key, "label": label})
        work.sets.add(key)
        _write(flow, key)
        why = reason or "nothing is said."
        work.notes.add(flow, "condition.asked", source=source, reason=why, form=askers[0].shown)


def _without_form(work: Work, unsaid: list[tuple[etree._Element, str]]) -> None:
    for flow, reason in unsaid:
        why = reason or _source(flow) or words(flow)
        work.notes.add(flow, "condition.unasked", reason=why)


def _label(work: Work, flow: etree._Element) -> str:
    target = work.ids.get(flow.get("targetRef", ""))
    named = flow.get("name") or (target.get("name") if target is not None else "")
    return " ".join((named or flow.get("id", "")).split())[:200]


def _source(flow: etree._Element) -> str:
    expression = child(flow, "conditionExpression")
    return (expression.text or "").strip() if expression is not None else ""


def _write(flow: etree._Element, text: str) -> None:
    _clear(flow)
    add(flow, "conditionExpression").text = text


def _unread(work: Work, flow: etree._Element) -> None:
    """Take out a condition that decides nothing, and say so."""
    source = _source(flow)
    if source:
        work.notes.add(flow, "condition.dropped", source=source)
    _clear(flow)


def _clear(flow: etree._Element) -> None:
    expression = child(flow, "conditionExpression")
    if expression is not None:
        drop(expression)
