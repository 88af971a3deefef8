"""Timers, messages, errors and links."""

import re
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from engine.conversion import hands
from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.expressions import InexpressibleError
from engine.conversion.markup import (
    add,
    bpmn,
    child,
    drop,
    every,
    explain,
    extension,
    kind,
    safe,
    set_property,
    set_text,
    words,
)
from engine.conversion.work import Work
from engine.spiff.cycles import parse_cycle
from engine.spiff.timers import TimerError, due_time

_TIMES: Final = ("timeDuration", "timeDate", "timeCycle")
_SOME_DAY: Final = datetime(2026, 1, 5, tzinfo=UTC)
_CYCLE: Final = re.compile(r"R\d*/(?P<start>[^/P][^/]*/)?(?P<duration>P[^/]+)")
_NAMED: Final = re.compile(
    r"(?P<count>\d{1,3})\s*(?P<unit>minute|hour|day|week|month|minuut|minuten|uur|uren|dag|dagen|"
    r"weken|maand|stunde|tag|woche|monat|min|h\b)",
    re.IGNORECASE,
)
_UNITS: Final = {"mi": "PT{}M", "h": "PT{}H", "u": "PT{}H", "st": "PT{}H", "d": "P{}D", "t": "P{}D",
                 "w": "P{}W", "m": "P{}M"}  # fmt: skip


def convert(work: Work) -> None:
    """Convert what events wait for and what they send."""
    _starts(work)
    for definition in every(work.process, "timerEventDefinition"):
        _timer(work, definition)
    for definition in every(work.process, "messageEventDefinition"):
        _message_event(work, definition)
    for node in work.flow_nodes("receiveTask", "sendTask"):
        _message(work, node, node)
    _errors(work)


def _timer(work: Work, definition: etree._Element) -> None:
    event = definition.getparent()
    time = next((each for tag in _TIMES if (each := child(definition, tag)) is not None), None)
    source = (time.text or "").strip() if time is not None else ""
    if time is None or not source:
        _unsaid(work, event, definition, time)
        return
    if time.tag == bpmn("timeCycle"):
        source = _cycle(work, event, time, source)
    _spell(work, event, time, source)


def _cycle(work: Work, event: etree._Element, time: etree._Element, source: str) -> str:
    """Keep a repetition where one is possible; elsewhere it fires once, which is noted."""
    quiet = "false" in (event.get("cancelActivity"), event.get("isInterrupting"))
    repeated = _CYCLE.fullmatch(source)
    if quiet and (repeated is None or not repeated["start"]):
        return source
    if repeated is None:
        return source
    if quiet or kind(event) != "boundaryEvent":  # one that interrupts fires once in any tool
        work.notes.add(event, "timer.repeat", source=source)
    time.tag = bpmn("timeDuration")
    return str(repeated["duration"])


def _spell(work: Work, event: etree._Element, time: etree._Element, source: str) -> None:
    """Write when a timer is due: a quoted text, or the expression that gives one."""
    moment = source
    if time.tag == bpmn("timeDate") and _is_moment(source) is False:
        moment = f"{source}+00:00"
        work.notes.add(event, "timer.offset", source=source)
    try:
        text = work.read_value(event, moment, "timer")
    except InexpressibleError as error:
        work.notes.add(event, "timer.open", reason=f"“{source}”: {error}")
        return
    if text in work.dates and time.tag == bpmn("timeDate"):
        text = f"{text} + 'T00:00:00+00:00'"
        work.notes.add(event, "timer.offset", source=source)
    if text.startswith("'"):
        check = parse_cycle if time.tag == bpmn("timeCycle") else due_time
        try:
            check(text[1:-1], _SOME_DAY)
        except TimerError as error:
            work.notes.add(event, "timer.open", reason=str(error))
            time.text = text
            return
    time.text = text
    time.attrib.pop("language", None)
    work.notes.add(event, "timer.converted", source=source, script=text)


def _is_moment(source: str) -> bool | None:
    """Return whether a date has an offset from UTC; None when it is no date."""
    try:
        return datetime.fromisoformat(source).tzinfo is not None
    except ValueError:
        return None


def _unsaid(
    work: Work, event: etree._Element, definition: etree._Element, time: etree._Element | None
) -> None:
    """Read a duration from the name of the event, as people draw it: “2 days”."""
    found = _NAMED.search(words(event))
    if found is None:
        work.notes.add(event, "timer.open", reason=f"“{words(event)}” says no duration")
        return
    unit = found["unit"].lower()
    key = next(start for start in _UNITS if unit.startswith(start))
    text = f"'{_UNITS[key].format(int(found['count']))}'"
    if time is not None:
        drop(time)
    add(definition, "timeDuration").text = text
    work.notes.add(event, "timer.named", source=words(event), script=text)


def _message_event(work: Work, definition: etree._Element) -> None:
    event = definition.getparent()
    throws = kind(event) in {"endEvent", "intermediateThrowEvent"}
    code = hands.take_code(definition) or (hands.take_code(event) if throws else None)
    if throws and code is not None:
        _send_by_hand(work, event, code)
    _message(work, event, definition)


def _send_by_hand(work: Work, event: etree._Element, code: hands.Code) -> None:
    """Let a person do what code did when the message was thrown."""
    if not work.into[event.get("id", "")] or not work.may_add:
        work.notes.add(event, "service.by_hand", what=code.shown)
        return
    step = work.step_before(event, words(event))
    explain(step, f"Until now this was done by code: {code.shown}")
    hands.by_hand(work, step)
    work.notes.add(event, "message.code", what=code.shown)


def _message(work: Work, event: etree._Element, holder: etree._Element) -> None:
    """Give an event a message with a name, and what finds the instance."""
    if holder.tag == bpmn("sendTask") and event.tag == bpmn("userTask"):
        return
    message = work.ids.get(holder.get("messageRef", ""))
    if message is None or message.tag != bpmn("message"):
        message = named_message(work, safe(words(event), "message"))
        holder.set("messageRef", str(message.get("id")))
        work.notes.add(event, "message.named", name=message.get("name"))
    elif not message.get("name"):
        message.set("name", safe(message.get("id", ""), "message"))
        work.notes.add(event, "message.named", name=message.get("name"))
    if kind(event) not in {"endEvent", "intermediateThrowEvent", "sendTask"}:
        _correlation(work, event, message)
        if kind(event) != "receiveTask":
            variable = f"{safe(event.get('id', ''), 'event')}_message"
            set_text(holder, "messageVariable", variable)
            work.sets.add(variable)
            work.notes.add(event, "message.payload", name=variable)


def named_message(work: Work, name: str) -> etree._Element:
    """Return the message with this name; a new one if there is none yet."""
    for known in every(work.root, "message"):
        if known.get("name") == name:
            return known
    message = etree.Element(bpmn("message"), {"id": work.new_id(f"message_{name}"), "name": name})
    work.root.insert(0, message)
    work.ids[str(message.get("id"))] = message
    return message


def _correlation(work: Work, event: etree._Element, message: etree._Element) -> None:
    """Write which value of the process finds the instance, as Camunda 8 says it."""
    for entry in list(extension(message, ZEEBE, "subscription")):
        source = entry.get("correlationKey", "")
        try:
            text = work.read_condition(event, source, "value")
        except InexpressibleError as error:
            work.notes.add(event, "message.key_lost", source=source, reason=error)
            continue
        if not (kind(event) == "startEvent" and kind(event.getparent()) == "process"):
            set_property(event, "correlation_key", text)
            work.notes.add(event, "message.key", script=text)


def strip_subscriptions(work: Work) -> None:
    """Take the correlation keys out of the messages, once every event has read its own."""
    for message in every(work.root, "message"):
        for entry in list(extension(message, ZEEBE, "subscription")):
            drop(entry)


def _errors(work: Work) -> None:
    """Give every error, escalation and signal the name or code by which it is found."""
    for kind_, attribute in (("error", "errorCode"), ("escalation", "escalationCode")):
        for declared in every(work.root, kind_):
            code = declared.get(attribute) or declared.get("name") or declared.get("id", "")
            declared.set(attribute, code)
            declared.set("name", declared.get("name") or code)
        for definition in every(work.process, f"{kind_}EventDefinition"):
            _named(work, definition, kind_, attribute)
    for declared in every(work.root, "signal", "message"):
        _plain_name(work, declared)
    for declared in every(work.root, "signal"):
        declared.set("name", declared.get("name") or declared.get("id", ""))
    for definition in every(work.process, "signalEventDefinition"):
        _named(work, definition, "signal", "name")


def _plain_name(work: Work, declared: etree._Element) -> None:
    """Note a name that was worked out: here it is taken letter by letter."""
    name = declared.get("name", "")
    if "${" in name or "#{" in name or name.startswith("="):
        work.notes.add(declared, "event.name", name=name)


def _named(work: Work, definition: etree._Element, what: str, attribute: str) -> None:
    """Give one event what it throws; note what it does not fill, and what cannot come."""
    event = definition.getparent()
    for name in ("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable"):
        filled = definition.attrib.pop(f"{{{CAMUNDA}}}{name}", "")
        if filled:
            work.notes.add(event, "event.variable", name=name, value=filled)
    host = work.ids.get(event.get("attachedToRef", ""))
    if what == "error" and host is not None and kind(host) == "userTask":
        work.notes.add(event, "event.unreachable")
    throws = kind(event) in {"endEvent", "intermediateThrowEvent"}
    if definition.get(f"{what}Ref") or not (throws or what == "signal"):
        return
    code = safe(words(event), what)
    declared = etree.Element(bpmn(what), {"id": work.new_id(f"{what}_{code}"), "name": code})
    declared.set(attribute, code)
    work.root.insert(0, declared)
    definition.set(f"{what}Ref", str(declared.get("id")))
    work.notes.add(event, "event.named", kind=what, name=code)


def _starts(work: Work) -> None:
    """Leave only what can start a process here: somebody, another process, or a message."""
    for event in work.flow_nodes("startEvent"):
        if event.getparent() is not work.process:
            continue
        for definition in list(event):
            trigger = kind(definition).removesuffix("EventDefinition")
            if kind(definition) != trigger != "message":
                work.notes.add(event, "event.start", kind=trigger)
                drop(definition)
