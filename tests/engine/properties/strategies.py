"""Random plans and random commands."""

from typing import Any

from hypothesis import strategies as st

from tests.engine.properties.blocks import (
    Again,
    Called,
    Each,
    First,
    Guard,
    Guarded,
    Inside,
    Plan,
    Row,
    Split,
    User,
    Work,
)
from tests.engine.properties.events import (
    CODES,
    MESSAGES,
    SIGNALS,
    TOLD,
    After,
    Catch,
    Every,
    Failed,
    Signal,
    Throw,
)

_HOURS = st.sampled_from([0, 1, 2, 5, 24])
_MESSAGE = st.builds(Catch, st.sampled_from(MESSAGES), st.sampled_from([False, False, True]))
_SIGNAL = st.builds(Signal, st.sampled_from(SIGNALS))
_EVENT = st.one_of(_MESSAGE, st.builds(After, _HOURS), _SIGNAL)
_REMINDER = st.builds(Every, st.sampled_from([1, 2, 24]), st.sampled_from([0, 1, 3]))
_LATER = st.just(Work(later=True))
_ONE = st.one_of(
    st.just(User()),
    st.just(User()),
    st.builds(Work, st.booleans()),
    st.builds(Throw, st.sampled_from([TOLD, *MESSAGES, *SIGNALS]), st.booleans()),
    _EVENT,
)
_SPLITS = st.sampled_from(["exclusiveGateway", "inclusiveGateway", "parallelGateway"])


def _few(inner: Any, least: int, most: int) -> Any:
    return st.lists(inner, min_size=least, max_size=most).map(tuple)


def _rows(inner: Any, most: int = 2) -> Any:
    return st.one_of(inner, _few(inner, 2, most).map(Row))


def _guards(body: Any) -> Any:
    """Events on a border, or beside a flow."""
    return st.one_of(
        st.builds(Guard, _EVENT, st.booleans(), body),
        st.builds(Guard, st.one_of(_MESSAGE, _SIGNAL, _REMINDER), st.just(False), body),
    )


@st.composite
def _failing(draw: Any, body: Any) -> Any:
    """A subprocess that may end with an error, at some depth, and what catches that."""
    code = draw(st.sampled_from(CODES))
    inner = Inside(draw(body), fails=code)
    if draw(st.booleans()):
        inner = draw(st.builds(Row, st.tuples(body, st.just(inner))))
    catcher = Guard(Failed(draw(st.sampled_from([code, ""]))), True, draw(_maybe(body)))
    others = draw(_few(_guards(_maybe(body)), 0, 1))
    if draw(st.booleans()):
        return Inside(inner, beside=(catcher, *others))
    host = Inside(inner) if isinstance(inner, Row) else inner
    return Guarded(host, (catcher, *others))


def _maybe(body: Any) -> Any:
    return st.one_of(st.none(), body)


def _larger(inner: Any) -> Any:
    body = _rows(inner)
    maybe = _maybe(body)
    beside = _few(_guards(maybe), 1, 2)
    insides = st.one_of(
        st.builds(Inside, body, st.booleans()),
        st.builds(Inside, body, st.booleans(), beside=beside),
    )
    hosts = st.one_of(st.just(User()), _LATER, insides)
    return st.one_of(
        st.builds(Split, _SPLITS, _few(body, 2, 3), st.booleans()),
        st.builds(Again, maybe),
        st.builds(First, _few(st.tuples(_EVENT, maybe), 1, 3)),
        st.builds(Guarded, hosts, _few(_guards(maybe), 1, 2)),
        insides,
        _failing(body),
        st.builds(Each, st.booleans(), maybe, st.booleans(), st.booleans()),
    )


def _blocks(*extra: Any) -> Any:
    return _rows(st.recursive(st.one_of(_ONE, *extra), _larger, max_leaves=6), 3)


@st.composite
def plans(draw: Any) -> Plan:
    """A main process with up to two others that it may call."""
    children = draw(_few(_blocks(), 0, 2))
    calls = [st.just(Called(f"child{place}")) for place in range(len(children))]
    guarded = [st.builds(Guarded, call, _few(_guards(st.none()), 1, 2)) for call in calls]
    beside = draw(_few(_guards(_maybe(st.just(User()))), 0, 2))
    return Plan(draw(_blocks(*calls, *guarded)), children, draw(st.booleans()), beside)


def turns() -> Any:
    """A process that goes round for ever, as long as `turn` is set, over a random body."""
    return _blocks().map(lambda body: Plan(Again(body, "turn")))


_ITEM = st.integers(0, 9) | st.none() | st.just({"typename": "x"})
_FACTS = st.fixed_dictionaries(
    {"x": st.integers(0, 3)},
    optional={
        "items": st.lists(_ITEM, max_size=3),
        "note": st.sampled_from(
            ["", "é", None, {"a": [1]}, {"typename": "x"}, 1, True, 1.0, [True]]
        ),
    },
)
_PICK = st.integers(0, 4)
_KEYS = st.sampled_from(["", "", "0", "1", "3"])
COMMANDS = st.lists(
    st.one_of(
        st.tuples(st.just("complete"), _PICK, _FACTS),
        st.tuples(st.just("complete"), _PICK, _FACTS),
        st.tuples(st.just("job"), _PICK),
        st.tuples(st.just("send"), st.sampled_from(MESSAGES), st.integers(0, 3), _KEYS),
        st.tuples(st.just("signal"), st.sampled_from(SIGNALS), st.integers(0, 3)),
        st.tuples(st.just("later"), st.sampled_from([0.5, 1, 3, 30])),
        st.tuples(st.just("fire")),
    ),
    min_size=4,
    max_size=16,
)
"""What happens to an instance: (verb, details)."""

START = st.fixed_dictionaries({"x": st.integers(0, 3), "items": st.lists(_ITEM, max_size=3)})
"""Process data an instance starts with."""
