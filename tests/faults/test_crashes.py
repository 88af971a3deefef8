"""A few of the points of `make faults`, with everything around them real."""

import pytest

from tests.faults import crashes, invariants
from tests.faults.site import opened


@pytest.mark.timeout(180)
def test_a_process_that_dies_at_a_point_loses_nothing_and_does_nothing_twice(make_site):
    points = [point for point in crashes.all_points() if point.name in crashes.SHORT]
    site = make_site()
    with opened(site):
        found = crashes.run_on(site, points)
    invariants.check_orphans(site, found)
    assert found.words() == []
    assert found.figures["crashes"] == len(points) == len(crashes.SHORT)


def test_the_plan_holds_at_least_22_points_and_each_has_a_name_of_its_own():
    names = [(point.name, point.action) for point in crashes.all_points()]
    assert len(set(names)) == len(names) >= 22
