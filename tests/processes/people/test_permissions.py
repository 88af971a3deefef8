"""Each cell of the permission matrix."""

import pytest

from processes.people.models import Role, Staff
from processes.people.permissions import ACTIONS, AREAS, MATRIX, allows

READ, ALL = {"read"}, {"read", "write"}
SERVICE = {
    "requests": ALL, "tasks": ALL, "customers": ALL, "resources": ALL, "faqs": READ, "news": READ
}  # fmt: skip


def check(role, wanted):
    person = Staff(role=role, active=True)
    for area in AREAS:
        for action in ACTIONS:
            allowed = action in wanted.get(area, set())
            assert allows(person, area, action) == allowed, (area, action)


@pytest.mark.requirement("CON-09")
def test_an_agent_works_on_requests_and_reads_faqs_and_news():
    check(Role.AGENT, SERVICE)


@pytest.mark.requirement("CON-10")
def test_a_superuser_also_decides_approvals():
    check(Role.SUPERUSER, SERVICE | {"approvals": ALL})
    assert not allows(Staff(role=Role.AGENT, active=True), "approvals", "write")


def test_an_editor_has_faqs_and_news_and_sees_no_request():
    check(Role.FAQ_NEWS, {"faqs": ALL, "news": ALL})


def test_designers_have_processes_and_admins_have_instances_and_settings():
    check(Role.DESIGNER, {"processes": ALL, "instances": READ})
    check(Role.ADMIN, {"instances": ALL, "processes": READ, "settings": ALL})


def test_the_matrix_knows_every_role_and_no_unknown_area():
    assert set(MATRIX) == set(Role)
    assert {area for row in MATRIX.values() for area in row} <= set(AREAS)


def test_who_has_left_may_nothing():
    person = Staff(role=Role.SUPERUSER, active=False)
    assert not any(allows(person, area, action) for area in AREAS for action in ACTIONS)
    assert not allows(Staff(role=Role.AGENT, active=True), "requests", "delete")
    assert not allows(Staff(role=Role.AGENT, active=True), "payroll", "read")
