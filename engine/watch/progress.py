"""How far the looks have come: kept in the payload of their one job, no table of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

GAP = timedelta(minutes=3)
"""Looks are seconds apart; after a longer silence everything may rightly be late."""
EVERY = timedelta(seconds=15)
"""Time between two looks."""
_LOOKS_A_ROUND = 16
_FEWEST, _MOST = 5_000, 70_000


@dataclass(frozen=True)
class Place:
    """A place in a list sorted by time and id; None is before the first."""

    at: datetime
    id: UUID


@dataclass(frozen=True)
class Progress:
    """Where the looks stand."""

    looked_at: datetime | None = None
    """When the latest look ended (real time)."""
    since: datetime | None = None
    """Since when looks have come without a gap."""
    place: Place | None = None
    """How far the present round over all running instances has come."""
    seen: int = 0
    """Instances seen in this round."""
    last_round: int = 0
    """Instances seen in the round before."""
    sample: Place | None = None
    """How far thawing has come."""
    lane: str | None = None
    """Where the walk over open user tasks stands: lane and place in it."""
    task: Place | None = None
    late: tuple[int, ...] = field(default=())
    """Jobs that were late at the latest look; late twice is an incident."""

    @classmethod
    def read(cls, payload: Mapping[str, Any] | None) -> "Progress":
        """Return what an earlier look has kept; a fresh start for anything else."""
        kept = payload or {}
        return cls(
            looked_at=_moment(kept.get("looked_at")),
            since=_moment(kept.get("since")),
            place=_place(kept.get("place")),
            seen=int(kept.get("seen", 0)),
            last_round=int(kept.get("last_round", 0)),
            sample=_place(kept.get("sample")),
            lane=kept.get("lane"),
            task=_place(kept.get("task")),
            late=tuple(kept.get("late", ())),
        )

    def kept(self) -> dict[str, Any]:
        """Return it as a job's payload."""
        return {
            "looked_at": _text(self.looked_at),
            "since": _text(self.since),
            "place": _pair(self.place),
            "seen": self.seen,
            "last_round": self.last_round,
            "sample": _pair(self.sample),
            "lane": self.lane,
            "task": _pair(self.task),
            "late": list(self.late),
        }

    def began(self, now: datetime) -> "Progress":
        """Return it at the beginning of a look; after a gap, lateness begins to count anew."""
        unbroken = self.looked_at is not None and now - self.looked_at <= GAP
        if unbroken and self.since is not None:
            return replace(self, looked_at=now)
        return replace(self, looked_at=now, since=now, late=())

    @property
    def quota(self) -> int:
        """Return how many instances a look walks over, so that a round takes four minutes."""
        most_known = max(self.last_round, self.seen)
        return min(max(_FEWEST, -(-most_known // _LOOKS_A_ROUND)), _MOST)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _place(pair: list[str] | None) -> Place | None:
    return Place(datetime.fromisoformat(pair[0]), UUID(pair[1])) if pair else None


def _pair(place: Place | None) -> list[str] | None:
    return [place.at.isoformat(), place.id.hex] if place else None
