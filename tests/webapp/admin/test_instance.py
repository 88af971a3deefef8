from uuid import uuid4

import pytest
from lxml import html
from sqlalchemy import update

from engine import queries
from engine.models import ProcessInstance
from tests.webapp.admin.tables import rows
from tests.webapp.conftest import page

DATA = {"reason": "The customer called it off."}


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


@pytest.fixture
def answered(practice):
    """A case that waits for its good week to pass, called at once from three hours ago."""
    case = practice.ask()
    practice.pass_time(hours=3, minutes=5)
    practice.answer(case)
    return case


def address(practice, case, rest=""):
    return f"/admin/instances/{practice.instance(case).id}{rest}"


def history(response):
    lines = html.fromstring(page(response)).xpath("//ul[@id='history']/li")
    return [" ".join(line.text_content().split()) for line in lines]


def table(response, panel):
    return rows(response, f"//div[@id='{panel}']")


def facts(response):
    tree = html.fromstring(page(response)).xpath("//div[@id='facts']")[0]
    words = [" ".join(cell.text_content().split()) for cell in tree.xpath(".//dt | .//dd")]
    return dict(zip(words[::2], words[1::2], strict=True))


def test_the_head_tells_what_this_is(admin, practice, answered):
    found = facts(admin.get(address(practice, answered)))

    assert found["Version"] == "1 of 1"
    assert found["Running for"] == "3 h 5 m"
    assert found["Case"] == answered.number
    assert found["Instance"] == str(practice.instance(answered).id)[:8]
    assert found["State"].endswith("bytes")


def test_the_history_tells_steps_and_how_long_they_took(admin, practice, answered):
    lines = history(admin.get(address(practice, answered)))

    assert lines[0].startswith("done: Request arrives")
    assert "done: Classify 3 h 5 m" in lines
    assert [line for line in lines if line.startswith("waits here: A good week Closure")]
    timer = practice.name("closure", "good_week_over")
    assert [line for line in lines if line.startswith(f"timer: {timer} Closure in 7 d 23 h")]


def test_the_diagram_shows_the_way_and_the_tokens(admin, practice, answered):
    own = admin.get(address(practice, answered, "/state")).json
    called = admin.get(address(practice, answered, "/state?process=closure")).json

    assert {"start", "classify", "handle"} <= set(own["done"])
    assert "from_classify_to_fork" in own["done"]
    assert "take_down" not in own["done"]
    assert [item["id"] for item in own["now"]] == ["closure"]
    assert own["timers"] == []
    assert [item["id"] for item in called["now"]] == ["good_week"]
    assert [item["id"] for item in called["timers"]] == ["good_week_over"]
    assert called["timers"][0]["label"].startswith("7 d 23 h")


def test_called_processes_can_be_opened(admin, practice, answered):
    tree = html.fromstring(page(admin.get(address(practice, answered))))
    links = {link.text_content().split()[0]: link for link in tree.xpath("//nav[@class='seg']/a")}

    assert list(links) == ["Request", "Portal", "Closure"]
    assert links["Request"].get("aria-current") == "true"
    assert links["Closure"].get("data-element") == "closure"
    opened = html.fromstring(page(admin.get(links["Closure"].get("href"))))
    assert "/closure.bpmn" in opened.xpath("//@data-diagram")[0]


def test_process_data_are_shown_while_it_runs(admin, practice, answered):
    found = table(admin.get(address(practice, answered)), "in-variables")

    assert 'request_type "information" text' in found
    assert "automatic_mail true yes or no" in found


def test_jobs_and_log_tell_the_rest(admin, practice, answered):
    response = admin.get(address(practice, answered))

    timer = practice.name("closure", "good_week_over")
    assert [row for row in table(response, "in-jobs") if row.startswith(f"Timer {timer}")]
    newest, *_, oldest = table(response, "in-log")
    assert "Mila Jansen Step completed Write final answer" in newest
    assert "Sanne de Vries Started Request arrives" in oldest


def test_an_incident_is_seen_everywhere_and_can_be_retried(admin, practice, answered):
    found = practice.break_timer(answered)

    response = admin.get(f"/admin/instances/{found.id}")
    assert "1 incident" in page(response)
    assert "OSError: the printer is on fire" in page(response)
    state = admin.get(f"/admin/instances/{found.id}/state?process=closure").json
    assert state["bad"] == [{"id": "good_week_over", "label": "1 incident"}]
    assert practice.name("closure", "good_week_over") in page(admin.get("/admin/incidents"))

    again = admin.post(f"/admin/instances/{found.id}/retry", follow_redirects=True)

    assert "tried again within seconds" in page(again)
    assert any("Ada Lindner Incident" in row for row in table(again, "in-log"))
    with practice.db.read() as session:
        timer = next(j for j in queries.jobs_of(session, found.id) if j.kind == "timer")
        assert (timer.state, timer.attempts) == ("ready", 0)
    assert "No incidents" in page(admin.get("/admin/incidents"))


def test_one_incident_is_retried_from_the_list(admin, practice, answered):
    practice.break_timer(answered)
    form = html.fromstring(page(admin.get("/admin/incidents"))).xpath("//article//form")[0]

    elsewhere = admin.post(form.get("action"), data={"next": "https://evil.example/"})

    assert elsewhere.headers["Location"] == "/admin/incidents"
    assert admin.post(form.get("action")).status_code == 404  # settled already
    assert admin.post("/admin/incidents/999999/retry").status_code == 404


def test_a_retry_without_an_incident_changes_nothing(admin, practice, answered):
    assert admin.post(address(practice, answered, "/retry")).status_code == 422


def test_cancelling_asks_for_a_reason_first(admin, practice, answered):
    where = address(practice, answered, "/cancel")
    assert "Reason" in page(admin.get(where))

    for reason in ("", "   ", "\0", "x" * 501):
        refused = admin.post(where, data={"reason": reason})
        assert refused.status_code == 422
        assert "Please give a reason" in refused.text
    assert practice.instance(answered).status == "running"


def test_a_cancelled_instance_says_who_and_why(admin, practice, answered):
    where = address(practice, answered, "/cancel")

    response = admin.post(where, data=DATA, follow_redirects=True)

    text = page(response)
    assert "Cancelled" in text
    newest = table(response, "in-log")[0]
    assert "Ada Lindner Cancelled The customer called it off." in newest
    assert [line for line in history(response) if line.startswith("left early: A good week")]
    assert "no longer kept" in text
    assert admin.post(where, data=DATA).status_code == 409
    with practice.db.read() as session:
        assert queries.open_tasks(session, str(answered.id)) == []


def test_designers_may_look_but_not_touch(client, signed_in, practice, answered):
    practice.break_timer(answered)
    signed_in(client, "designerUser")

    text = page(client.get(address(practice, answered)))

    assert "Retry" not in text
    assert "/cancel" not in text
    for path in ("/cancel", "/retry"):
        assert client.post(address(practice, answered, path), data=DATA).status_code == 403
    assert client.get(address(practice, answered, "/cancel")).status_code == 403
    assert practice.instance(answered).status == "running"


def test_agents_and_strangers_see_nothing(client, signed_in, practice, answered):
    where = address(practice, answered)
    assert client.get(where).status_code == 303
    assert client.post(f"{where}/cancel", data=DATA).status_code == 303
    signed_in(client, "serviceUser")
    for path in ("", "/state", "/cancel"):
        assert client.get(where + path).status_code == 403
    assert practice.instance(answered).status == "running"


def test_an_instance_whose_state_cannot_be_read_is_shown_and_cancelled(admin, practice, answered):
    where = address(practice, answered)
    with practice.db.write() as session:
        session.execute(update(ProcessInstance).values(state=b"\x07garbage"))
    assert "The stored state cannot be read" in page(admin.get(where))

    text = page(admin.post(f"{where}/cancel", data=DATA, follow_redirects=True))

    assert "The instance is cancelled." in text
    assert practice.instance(answered).status == "cancelled"
    with practice.db.read() as session:
        assert queries.open_tasks(session, str(answered.id)) == []


@pytest.mark.parametrize("rest", ["", "/state", "/cancel"])
def test_what_is_not_there_is_not_found(admin, rest):
    assert admin.get(f"/admin/instances/{uuid4()}{rest}").status_code == 404
    assert admin.get(f"/admin/instances/not-an-id{rest}").status_code == 404


def test_names_from_diagrams_and_reasons_are_text(admin, practice, answered):
    nasty = "<script>alert(1)</script>"
    where = address(practice, answered, "/cancel")

    response = admin.post(where, data={"reason": nasty}, follow_redirects=True)

    assert nasty not in page(response)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(response)
