"""Clocks that jump and days of 23 hours: each timer once, at its instant, never early."""

import pytest

from tests.faults import times

SHORT = ("an hour back", "spring in Berlin", "a month from the 31st")


@pytest.mark.parametrize("name", SHORT)
def test_timers_fire_once_at_the_instant_they_mean(product, name):
    (story,) = [story for story in times.STORIES if story.name == name]
    told = times.Times(product)
    told.prepare()
    told.tell(story)
    assert told.found.words() == []
    assert told.fired == times.TIMERS
