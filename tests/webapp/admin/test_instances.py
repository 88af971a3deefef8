import pytest
from lxml import html

from tests.webapp.conftest import page
from webapp.admin import instances


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


def numbers(response):
    rows = html.fromstring(page(response)).xpath("//tbody/tr/td[1]/a")
    return [row.text.strip() for row in rows]


def tabs(response):
    links = html.fromstring(page(response)).xpath("//nav[contains(@class, 'inner')]/a")
    return {link.text.strip(): int(link.xpath("span")[0].text) for link in links}


def test_the_list_says_which_case_waits_where_since_when(admin, practice):
    case = practice.ask()
    practice.pass_time(hours=2, minutes=10)

    text = page(admin.get("/admin/"))

    row = " ".join(html.fromstring(text).xpath("string(//tbody/tr)").split())
    assert row.startswith(case.number)
    assert "Request" in row
    assert "Classify" in row
    assert "2 h 10 m" in row


def test_filters_narrow_the_list_down(admin, practice):
    fresh, answered = practice.ask(), practice.ask("Another question")
    practice.answer(answered)
    both = {fresh.number, answered.number}

    def found(**asked):
        return set(numbers(admin.get("/admin/", query_string=asked)))

    assert found() == both
    assert found(process="request") == both
    assert found(process="closure") == set()
    assert found(process="request", version="1") == both
    assert found(process="request", step="classify") == {fresh.number}
    assert found(process="request", version="1", step="good_week") == {answered.number}
    assert found(case=fresh.number.lower().replace("-", " ")) == {fresh.number}
    assert found(case="no such number") == set()
    assert found(age="day") == set()
    practice.pass_time(days=2)
    assert found(age="day") == both
    assert found(age="week") == set()


def test_steps_are_those_of_the_chosen_version_by_process(admin, practice):
    tree = html.fromstring(page(admin.get("/admin/?process=request&version=1")))

    offered = {
        group.get("label"): [option.text.strip() for option in group]
        for group in tree.xpath("//select[@name='step']/optgroup")
    }
    assert "Classify" in offered["Request"]
    assert "A good week" in offered["Closure"]
    assert (
        practice.name("closure", "good_week_over") not in offered["Closure"]
    )  # instances wait at the gateway before it


def test_states_have_counts(admin, practice):
    running, broken, gone = (practice.ask(f"Question {n}") for n in range(3))
    practice.answer(broken)
    practice.break_timer(broken)
    with practice.db.write() as session:
        practice.engine.cancel(session, practice.instance(gone).id, "a joke", "staff:1")

    assert tabs(admin.get("/admin/")) == {
        "Running": 2,
        "With incident": 1,
        "Completed": 0,
        "Cancelled": 1,
    }
    assert numbers(admin.get("/admin/?status=incident")) == [broken.number]
    assert numbers(admin.get("/admin/?status=cancelled")) == [gone.number]
    assert running.number in numbers(admin.get("/admin/?status=running"))


def test_long_lists_have_pages(admin, practice, monkeypatch):
    monkeypatch.setattr(instances, "PER_PAGE", 2)
    wanted = {practice.ask(f"Question {n}").number for n in range(5)}

    pages = [numbers(admin.get(f"/admin/?page={n}")) for n in (1, 2, 3)]

    assert [len(found) for found in pages] == [2, 2, 1]
    assert {number for found in pages for number in found} == wanted
    assert numbers(admin.get("/admin/?page=99")) == pages[2]
    assert "Page 2 of 3" in page(admin.get("/admin/?page=2&process=request"))


def test_empty_lists_say_so(admin):
    assert "Nothing here yet" in page(admin.get("/admin/"))
    assert "Nothing fits these filters" in page(admin.get("/admin/?process=request"))
    assert "Everything that runs is fine" in page(admin.get("/admin/?status=incident"))


@pytest.mark.parametrize(
    "query",
    [
        "process=%00",
        "process=nobody&version=99999999999999999999",
        "process=request&version=one",
        "process=request&step=%22%5D%25_",
        "status=everything",
        "age=-1",
        "case='%20OR%201=1%20--",
        "page=0",
        "page=-7",
        "page=%C2%B2",
        "page=99999999999999999999999",
        "case=" + "x" * 5000,
        "process=request&step=%F0%9F%98%80%ED%A0%80%FF",
    ],
)
def test_odd_filters_find_nothing_and_break_nothing(admin, practice, query):
    practice.ask()
    assert admin.get(f"/admin/?{query}").status_code == 200


def test_only_those_who_may_watch_see_the_list(client, signed_in, anybody):
    signed_in(client, anybody)
    expected = 200 if anybody in {"adminUser", "designerUser"} else 403

    for path in ("/admin/", "/admin/incidents", "/admin/workers"):
        assert client.get(path).status_code == expected


def test_the_number_of_queries_does_not_grow_with_the_list(admin, practice, queries_of):
    practice.ask()
    page(admin.get("/admin/"))  # parses the diagrams once
    few = queries_of(lambda: page(admin.get("/admin/")))
    for n in range(8):
        practice.ask(f"Question {n}")

    many = queries_of(lambda: page(admin.get("/admin/")))

    assert many == few
    assert many <= 14
