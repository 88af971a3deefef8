"""How customers came: chosen for each case, counted, and a way to look at the cases (CALL-02)."""

import pytest

from processes.cases.models import Channel
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import SCRIPT, address, part, rows, tree, words


@pytest.mark.requirement("CALL-02")
def test_fax_can_be_chosen_and_is_reported(desk, house):
    house.classified(subject="By the portal")
    house.opens(Channel.PHONE)
    assert desk.post("/desk/new", data={"channel": "fax"}).status_code == 303
    desk.post("/desk/new", data={"channel": "fax"})

    start = page(desk.get("/desk/"))

    (report,) = tree(start).xpath("//nav[@aria-label='Open cases by the way they came']")
    counts = [" ".join(each.text_content().split()) for each in report.xpath(".//a")]
    assert counts[0] == "Fax 2"
    assert sorted(counts[1:]) == ["Phone 1", "Portal 1"]
    (link,) = report.xpath(".//a[contains(., 'Fax')]/@href")
    listed = page(desk.get(link))
    assert len(rows(listed)) == 2
    assert "Only cases by: Fax" in part(listed, "rows")
    case = house.classified()
    noted = desk.post(address(case, "contacts"), data={"text": "A fax came.", "medium": "fax"})
    assert noted.status_code == 303
    assert "by fax" in part(page(desk.get(address(case))), "talk")


def test_the_narrowed_list_stays_narrowed_on_its_way(desk, house):
    case = house.opens(Channel.FAX)
    house.classified(subject="By the portal")

    opened = page(desk.get(f"{address(case)}?view=all&channel=fax"))

    assert len(rows(opened)) == 1
    fragment = desk.get("/desk/list?view=all&channel=fax", headers=SCRIPT)
    assert len(rows(fragment.text)) == 1
    everything = tree(fragment.text).xpath("//a[contains(., 'Show all')]/@href")
    assert everything == ["/desk/?view=all"]


@pytest.mark.parametrize("odd", ["telepathy", "' OR 1=1 --", "FAX", "%00", "x" * 5_000])
def test_a_channel_that_is_none_narrows_nothing(desk, house, odd):
    house.classified(subject="By the portal")

    shown = desk.get("/desk/", query_string={"view": "all", "channel": odd})

    assert len(rows(page(shown))) == 1
    assert "Only cases by" not in words(shown.text, "//body")


def test_a_channel_nobody_came_by_says_so(desk, house):
    house.classified()

    shown = page(desk.get("/desk/?view=all&channel=chat"))

    assert "No cases came this way" in part(shown, "rows")
