"""A thousand and more mails of every shape, each different, the same for the same seed.

`messages(seed, count)` gives the shapes in turn until there are enough; the few large ones (20 MB,
41 MB) come once, so a thousand need some 250 MB while they are made, one by one, and 100 on disk.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, cycle
from random import Random

from processes.mail.models import MailKind
from tests.mails import answers, attached, hostile, machines, texts
from tests.mails.building import OWN_ADDRESSES, SUPPORT, Facts, Shape, facts

__all__ = ["OWN_ADDRESSES", "SUPPORT", "Sample", "messages", "of_each_shape"]

EACH: tuple[Callable[[Facts], Shape], ...] = (
    *texts.SHAPES,
    *attached.SHAPES,
    *answers.SHAPES,
    *machines.SHAPES,
    *hostile.SHAPES,
)
ONCE: tuple[Callable[[Facts], Shape], ...] = (*attached.ONCE, *hostile.ONCE)


@dataclass(frozen=True)
class Sample:
    """A raw mail and what must come of reading it."""

    name: str
    """`<shape>-<number>`, unique in its corpus."""
    raw: bytes
    kind: MailKind
    words: tuple[str, ...]
    """Stand in the text."""
    folded: tuple[str, ...]
    """Stand in the quote and not in the text."""
    files: tuple[str, ...]
    """Names of the files, in order."""
    quarantine: str | None
    """The code with which reading refuses it; None when it can be read."""
    mark: str
    """A word that stands in no other mail of the corpus."""
    extra: dict[str, object] = field(default_factory=dict)
    """Fields of the read mail, by `name` or `name.name`."""


def messages(seed: int, count: int) -> Iterator[Sample]:
    """Give the mails one after the other: every shape in turn, the large ones once, at the end."""
    random = Random(seed)  # noqa: S311 - the same each time is what it is for
    large = ONCE if count >= len(EACH) + len(ONCE) else ()
    shapes = chain(_take(count - len(large)), large)
    for number, shape in enumerate(shapes):
        yield _sample(shape, facts(seed, number, random))


def of_each_shape(seed: int = 1) -> Iterator[Sample]:
    """Give one mail of each shape, the large ones too."""
    return messages(seed, len(EACH) + len(ONCE))


def _take(count: int) -> Iterator[Callable[[Facts], Shape]]:
    for _, shape in zip(range(count), cycle(EACH), strict=False):
        yield shape


def _sample(shape: Callable[[Facts], Shape], its: Facts) -> Sample:
    made = shape(its)
    return Sample(
        name=f"{shape.__name__.strip('_')}-{its.number}",
        raw=made.raw,
        kind=made.kind,
        words=made.words,
        folded=made.folded,
        files=made.files,
        quarantine=made.quarantine,
        mark=its.word,
        extra=made.extra,
    )
