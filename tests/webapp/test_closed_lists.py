"""Statuses and priorities are closed lists: chosen in steps, translated, edited nowhere."""

import pytest
from lxml import html

from processes.cases.models import CaseStatus, Priority
from webapp import words

PAGES = {
    "adminUser": (
        "/admin/", "/admin/incidents", "/admin/workers", "/admin/outbox", "/admin/categories",
        "/admin/settings", "/preferences",
    ),
    "designerUser": ("/designer/", "/designer/request", "/admin/", "/preferences"),
}  # fmt: skip


def written_fields(page):
    """Return the names of all fields in forms that write."""
    found = set()
    for form in html.fromstring(page).forms:
        if form.method == "POST":
            found |= {name for name in form.fields if name}
    return found


@pytest.mark.requirement("COV-71")
@pytest.mark.parametrize("username", PAGES)
def test_no_screen_can_add_a_status_or_a_priority(client, web, signed_in, username):
    signed_in(client, username)
    for address in PAGES[username]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        fields = written_fields(answer.text)
        assert not [name for name in fields if "status" in name], address
    posts = [rule.rule for rule in web.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert not [rule for rule in posts if "status" in rule or "priorit" in rule]
    with web.test_request_context("/"):
        for kind, closed in (("status", CaseStatus), ("priority", Priority)):
            assert [choice.value for choice in words.choices(kind)] == list(closed)


@pytest.mark.requirement_part("CON-34", missing="a role that reads requests and may not write")
def test_who_may_not_write_sees_no_actions(client, signed_in):
    signed_in(client, "designerUser")
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert "/admin/settings" not in answer.text
