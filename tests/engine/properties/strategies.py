"""Random plans and random commands."""

from typing import Any

from hypothesis import strategies as st

from tests.engine.properties.blocks import (
    MESSAGES,
    TOLD,
    After,
    Again,
    Called,
    Catch,
    Each,
    First,
    Guard,
    Guarded,
    Inside,
    Plan,
    Row,
    Split,
    Throw,
    User,
    Work,
)

_HOURS = st.sampled_from([0, 1, 2, 5, 24])
_EVENT = st.one_of(st.builds(Catch, st.sampled_from(MESSAGES)), st.builds(After, _HOURS))
_LATER = st.just(Work(later=True))
_ONE = st.one_of(
    st.just(User()),
    st.just(User()),
    st.builds(Work, st.booleans()),
    st.builds(Throw, st.sampled_from([TOLD, *MESSAGES])),
    _EVENT,
)
_SPLITS = st.sampled_from(["exclusiveGateway", "inclusiveGateway", "parallelGateway"])


def _few(inner: Any, least: int, most: int) -> Any:
    return st.lists(inner, min_size=least, max_size=most).map(tuple)


def _rows(inner: Any, most: int = 2) -> Any:
    return st.one_of(inner, _few(inner, 2, most).map(Row))


def _larger(inner: Any) -> Any:
    body = _rows(inner)
    maybe = st.one_of(st.none(), body)
    hosts = st.one_of(st.just(User()), _LATER, st.builds(Inside, body, st.booleans()))
    guards = st.builds(Guard, _EVENT, st.booleans(), maybe)
    return st.one_of(
        st.builds(Split, _SPLITS, _few(body, 2, 3), st.booleans()),
        st.builds(Again, maybe),
        st.builds(First, _few(st.tuples(_EVENT, maybe), 1, 3)),
        st.builds(Guarded, hosts, _few(guards, 1, 2)),
        st.builds(Inside, body, st.booleans()),
        st.builds(Each, st.booleans(), maybe, st.booleans(), st.booleans()),
    )


def _blocks(*extra: Any) -> Any:
    return _rows(st.recursive(st.one_of(_ONE, *extra), _larger, max_leaves=6), 3)


@st.composite
def plans(draw: Any) -> Plan:
    """A main process with up to two others that it may call."""
    children = draw(_few(_blocks(), 0, 2))
    calls = [st.just(Called(f"child{place}")) for place in range(len(children))]
    guarded = [
        st.builds(Guarded, call, _few(st.builds(Guard, _EVENT, st.booleans(), st.none()), 1, 2))
        for call in calls
    ]
    return Plan(draw(_blocks(*calls, *guarded)), children, draw(st.booleans()))


def turns() -> Any:
    """A process that goes round for ever, as long as `turn` is set, over a random body."""
    return _blocks().map(lambda body: Plan(Again(body, "turn")))


_FACTS = st.fixed_dictionaries(
    {"x": st.integers(0, 3)},
    optional={
        "items": st.lists(st.integers(0, 9) | st.none(), max_size=3),
        "note": st.sampled_from(["", "é", None, {"a": [1]}]),
    },
)
_PICK = st.integers(0, 4)
COMMANDS = st.lists(
    st.one_of(
        st.tuples(st.just("complete"), _PICK, _FACTS),
        st.tuples(st.just("complete"), _PICK, _FACTS),
        st.tuples(st.just("job"), _PICK),
        st.tuples(st.just("send"), st.sampled_from(MESSAGES), st.integers(0, 3)),
        st.tuples(st.just("later"), st.sampled_from([0.5, 1, 3, 30])),
        st.tuples(st.just("fire")),
    ),
    min_size=4,
    max_size=16,
)
"""What happens to an instance: (verb, details)."""

START = st.fixed_dictionaries(
    {"x": st.integers(0, 3), "items": st.lists(st.integers(0, 9) | st.none(), max_size=3)}
)
"""Process data an instance starts with."""
