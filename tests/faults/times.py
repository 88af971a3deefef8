"""D5: clocks that jump, days of 23 and 25 hours, days that do not exist every year."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine import clock, deployment
from engine.models import HistoryEntry, Job, ProcessInstance
from processes.bootstrap import App, build
from tests.engine import diagrams as d
from tests.faults.invariants import Findings, compare
from tests.faults.site import Ground
from workers import look
from workers.config import WorkerSettings

TIMERS = 40
ALARM = "alarm"
_BERLIN, _NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Story:
    """A moment at which timers are armed, what each says, and the instant that means."""

    name: str
    armed: datetime
    says: Callable[[int], str]
    means: Callable[[datetime, int], datetime]
    """Given when the timer was really armed, and its number."""
    back: timedelta = timedelta(0)
    """By how much the clock is set back after arming."""


def _local(zone: ZoneInfo, *parts: int) -> Callable[[int], datetime]:
    """Return moments on the wall clock of a zone, a quarter of an hour apart."""
    first = datetime(*parts, tzinfo=zone)  # type: ignore[misc,arg-type]
    return lambda n: first.astimezone(UTC) + timedelta(minutes=15 * n)


def _dated(name: str, armed: datetime, zone: ZoneInfo, *parts: int) -> Story:
    """Return a story of dates as a person in `zone` writes them, with their offset."""
    moment = _local(zone, *parts)
    return Story(
        name,
        armed,
        says=lambda n: moment(n).astimezone(zone).isoformat(),
        means=lambda _armed, n: moment(n),
    )


def _lasting(name: str, armed: datetime, length: str, **after: int) -> Story:
    """Return a story of durations of equal length."""
    return Story(name, armed, says=lambda _: length, means=lambda at, _: _later(at, **after))


def _later(at: datetime, *, months: int = 0, day: int = 0, **delta: int) -> datetime:
    """Return a time counted by hand: `day` is the expected day after adding months."""
    if months:
        total = at.month - 1 + months
        at = at.replace(year=at.year + total // 12, month=total % 12 + 1, day=day)
    return at + timedelta(**delta)


STORIES = (
    _lasting("a week at one jump", datetime(2027, 2, 1, 9, tzinfo=UTC), "P7D", days=7),
    Story(
        "an hour back",
        datetime(2027, 2, 3, 9, tzinfo=UTC),
        says=lambda n: f"PT{30 + n}M",
        means=lambda at, n: at + timedelta(minutes=30 + n),
        back=timedelta(hours=1),
    ),
    _dated("spring in Berlin", datetime(2027, 3, 27, 12, tzinfo=UTC), _BERLIN, 2027, 3, 28, 0),
    _dated("autumn in Berlin", datetime(2027, 10, 30, 12, tzinfo=UTC), _BERLIN, 2027, 10, 31, 0),
    _dated("spring in New York", datetime(2027, 3, 13, 12, tzinfo=UTC), _NEW_YORK, 2027, 3, 14, 0),
    _dated("autumn in New York", datetime(2027, 11, 6, 12, tzinfo=UTC), _NEW_YORK, 2027, 11, 7, 0),
    _lasting("a day over spring", datetime(2027, 3, 27, 12, tzinfo=UTC), "P1D", hours=24),
    _lasting("a leap day comes", datetime(2028, 2, 28, 9, tzinfo=UTC), "P1D", days=1),
    _lasting(
        *("a year from a leap day", datetime(2028, 2, 29, 9, tzinfo=UTC), "P1Y"), months=12, day=28
    ),
    _lasting(
        *("a month from the 31st", datetime(2027, 1, 31, 9, tzinfo=UTC), "P1M"), months=1, day=28
    ),
)


class Times:
    """Arms and fires timers on one database; no processes, for time is what is tested."""

    def __init__(self, app: App) -> None:
        self.app, self.found = app, Findings()
        self.fired = self.early = 0

    def prepare(self) -> None:
        """Deploy the alarm: a timer that says what its data say."""
        content = d.diagram(
            *(ALARM, d.start(), d.timer("bell", "x").replace('"x"', "says"), d.end()),
            d.chain("start", "bell", "end"),
        )
        with self.app.db.write() as session:
            files = {f"{ALARM}/{ALARM}.bpmn": content}
            deployment.deploy(session, files, self.app.vocabulary, actor="system")

    def tell(self, story: Story) -> None:
        """Arm, jump to the due times one by one, to some a second early; look each time."""
        self._set(story.armed)
        meant = self._arm(story)
        self._check_due(meant)
        if story.back:
            self._move(-story.back)
            self._look(story, meant)
        for number, due in enumerate(sorted(set(meant.values()))):
            if number % 8 == 0:  # the others are looked at just after the one before them
                self._set(due - timedelta(seconds=1))
                self._look(story, meant)
            self._set(due + timedelta(seconds=1))
            self._look(story, meant)
        self._check_fired(story, meant)

    def _arm(self, story: Story) -> dict[str, datetime]:
        meant = {}
        with self.app.db.write() as session:
            at = clock.business_now(session)
            for number in range(TIMERS):
                key = f"{story.name} {number}"
                data = {"says": story.says(number)}
                self.app.engine.start(session, ALARM, key=key, data=data, actor="system")
                meant[key] = story.means(at, number)
        return meant

    def _check_due(self, meant: dict[str, datetime]) -> None:
        with self.app.db.read() as session:
            query = select(ProcessInstance.key, Job.due_at).join(
                Job, Job.instance_id == ProcessInstance.id
            )
            due = dict(map(tuple, session.execute(query)))
        for key, moment in meant.items():
            if due.get(key) != moment:
                self.found.wrong.append(f"{key}: due {due.get(key)}, meant {moment}")

    def _look(self, story: Story, meant: dict[str, datetime]) -> None:
        """Fire what is due now; nothing may fire before it is meant to."""
        look.work(self.app, WorkerSettings())
        with self.app.db.read() as session:
            now = clock.business_now(session)
        early = [key for key, at in self._firings(story).items() if now < meant[key]]
        self.early += len(early)
        self.found.wrong += [f"{key} fired early" for key in early]

    def _check_fired(self, story: Story, meant: dict[str, datetime]) -> None:
        fired = self._firings(story)
        self.fired += len(fired)
        for key, moment in meant.items():
            compare(self.found, key, 1, self._count.get(key, 0))
            late = (fired[key] - moment).total_seconds() if key in fired else 0.0
            if not 0 <= late <= _SLACK:
                self.found.wrong.append(f"{key} fired {late:.1f} s after its time")

    def _firings(self, story: Story) -> dict[str, datetime]:
        with self.app.db.read() as session:
            rows = session.execute(
                select(ProcessInstance.key, HistoryEntry.at)
                .join(HistoryEntry, HistoryEntry.instance_id == ProcessInstance.id)
                .where(HistoryEntry.cause == "timer", ProcessInstance.key.startswith(story.name))
            ).all()
        self._count: dict[str, int] = {}
        for row in rows:
            self._count[row.key] = self._count.get(row.key, 0) + 1
        return dict(map(tuple, rows))

    def _set(self, moment: datetime) -> None:
        with self.app.db.write() as session:
            clock.advance(session, moment - clock.business_now(session))

    def _move(self, delta: timedelta) -> None:
        with self.app.db.write() as session:
            clock.advance(session, delta)


_SLACK = 20.0
"""Seconds a firing may come after its time here: the look itself takes some on a busy machine."""


def run(ground: Ground, dialect: str) -> Findings:
    """Tell all stories, this process being in a wrong zone on purpose, from now on."""
    os.environ["TZ"] = "America/New_York"
    time.tzset()
    app = build(ground.settings(dialect))
    try:
        return tell_all(app)
    finally:
        app.db.engine.dispose()


def tell_all(app: App) -> Findings:
    """Tell all stories on a prepared product."""
    times = Times(app)
    times.prepare()
    for story in STORIES:
        times.tell(story)
    times.found.figures |= {
        "stories": len(STORIES),
        "timers": TIMERS * len(STORIES),
        "fired": times.fired,
        "early": times.early,
    }
    return times.found
