import json
import re
from uuid import UUID

import pytest

from processes.cases.models import Channel
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import address, part, tree, words


def strip(text: str) -> tuple[str, dict]:
    """Return which diagram the page draws, and its state."""
    host = tree(text).xpath("//*[@data-mode='strip']")[0]
    process = re.search(r"/diagrams/\d+/(\w+)\.bpmn", host.get("data-diagram")).group(1)
    return process, json.loads(host.get("data-state"))


def activities(text: str) -> dict[str, list[str]]:
    """Return the names of what was, is and will be done."""
    items = tree(text).xpath("//ol[@class='steps']/li")
    found: dict[str, list[str]] = {"done": [], "now": [], "later": []}
    for item in items:
        name = item.xpath("./b/text() | ./span[not(@class)]/text()")[0]
        found[item.get("class")].append(name.strip())
    return found


@pytest.mark.requirement("COV-36")
def test_every_case_number_opens_its_page(desk, house):
    cases = [
        house.submits(),
        house.opens(Channel.FAX),
        house.classified(),
        house.answered(),
        house.closed(),
    ]

    for case in cases:
        for typed in (case.number, case.number.lower(), case.number.replace("-", "")):
            assert case.number in words(page(desk.get(f"/desk/cases/{typed}")), "//header")


@pytest.mark.parametrize(
    "number",
    ["AAAA-AAAA-A", "1", "-", "7K3M-9QXT-4'", "x" * 4_000, "%00", "..%2f..%2fetc", "٣٣٣٣-٣٣٣٣-٣"],
)
@pytest.mark.parametrize("rest", ["", "/live"])
def test_a_number_nobody_has_is_not_found(desk, number, rest):
    assert desk.get(f"/desk/cases/{number}{rest}").status_code == 404


@pytest.mark.requirement("CON-11")
@pytest.mark.parametrize("username", ["faqNewsUser", "designerUser", "adminUser"])
def test_whoever_has_no_business_with_requests_sees_none(web, client, signed_in, house, username):
    case = house.classified(subject="Only for agents")
    signed_in(client, username)
    rules = [rule for rule in web.url_map.iter_rules() if rule.endpoint.startswith("desk.")]
    ids = dict.fromkeys(("activity_id", "text_id", "mail_id"), 1) | {"other": case.number}
    filled = {"number": case.number, "task_id": UUID(int=1), **ids}

    with web.test_request_context():
        addresses = [
            (rule.methods, rule.build({name: filled[name] for name in rule.arguments})[1])
            for rule in rules
        ]
    answers = [
        client.post(path) if "POST" in methods else client.get(path) for methods, path in addresses
    ]

    assert len(answers) > 12
    assert {answer.status_code for answer in answers} == {403}
    assert not any("Only for agents" in answer.text for answer in answers)


def test_a_stranger_is_asked_to_sign_in(client, house):
    case = house.classified()

    assert client.get(address(case)).headers["Location"].startswith("/sign-in")
    assert client.post(address(case, "notes"), data={"text": "x"}).status_code == 303
    assert [entry.kind for entry in house.timeline(case)].count("note") == 0


@pytest.mark.requirement("COV-49")
def test_company_and_contact_stand_beside_the_case(desk, house, send):
    case = house.submits()

    send(case, "classify", organization="Vries & Zonen", contact_name="Sanne de Vries")

    side = words(page(desk.get(address(case))), "//aside[@id='side']")
    assert "Sanne de Vries" in side
    assert "Vries & Zonen" in side
    assert "sanne@example.org" in side


@pytest.mark.requirement("COV-55")
def test_the_improved_and_the_own_words_are_both_to_be_read(desk, house, send):
    case = house.submits(description="kan niet inloge!!")

    send(case, "classify", description="Customer cannot sign in since Monday.")

    facts = part(page(desk.get(address(case))), "facts")
    assert "Customer cannot sign in since Monday." in facts
    assert "own words" in facts
    assert "kan niet inloge!!" in facts


def test_the_strip_follows_the_token_into_the_called_process(desk, house):
    case = house.classified()
    process, state = strip(page(desk.get(address(case))))
    assert process == "request"
    assert state["now"][0] == {"id": "handle", "label": "You"}
    assert "classify" in state["done"]
    assert "take_down" in state["later"]

    house.completes(case, "handle", next="final_answer")
    house.completes(case, "write_final_answer", answer="Het is hersteld.")

    process, state = strip(page(desk.get(address(case))))
    assert process == "closure"
    assert [each["id"] for each in state["now"]] == ["good_week"]
    assert [each["id"] for each in state["timers"]] == ["good_week_over"]


def test_the_activities_tell_what_was_is_and_will_be_done(desk, house):
    case = house.answered()

    shown = activities(page(desk.get(address(case))))

    assert shown["done"] == ["Classify", "Handle request", "Write final answer"]
    assert shown["now"] == ["A good week"]
    assert shown["later"] == ["Closed"]


def test_the_page_says_why_the_case_waits_and_until_when(desk, house):
    case = house.answered()

    head = part(page(desk.get(address(case))), "chead")

    assert "The final answer has been sent." in head
    assert re.search(r"closed on \w{3} \d+ \w{3,4}, \d\d:\d\d", head)
    assert "{due}" not in head
    assert "Closes in 7 d" in head or "Closes in 8 d" in head


def test_the_pills_name_step_status_priority_handler_and_topic(desk, house):
    case = house.classified(priority="urgent", is_complaint="true")

    head = part(page(desk.get(address(case))), "chead")

    for told in ("Handle request", "In progress", "You", "Urgent", "Complaint", "User help"):
        assert told in head


@pytest.mark.requirement("COV-88")
@pytest.mark.requirement("COV-89")
def test_a_closed_case_says_when_by_whom_and_leads_to_its_solution(desk, house, send):
    case = house.classified()
    send(case, "handle", next="close_now", message="Het is hersteld.")
    closed = house.see(case)
    assert (closed.status, closed.closed_at is not None) == ("closed", True)

    shown = page(desk.get(address(case)))

    assert "Closed by an agent" in part(shown, "chead")
    assert "A reply of the customer opens the case again." in part(shown, "chead")
    links = tree(shown).xpath("//*[@id='chead']//a[text()='Applied solution']/@href")
    (target,) = [tree(shown).get_element_by_id(link.removeprefix("#")) for link in links]
    assert "Het is hersteld." in target.text_content()
    assert "Applied solution" in target.text_content()
    assert not tree(shown).xpath("//button[contains(., 'Complete step')]")


@pytest.mark.requirement("COV-95")
def test_a_reply_to_a_closed_case_leaves_a_note_to_the_handler(desk, house):
    case = house.closed()
    reply = house.replies(case, "Het gaat alweer mis.")

    shown = page(desk.get(address(case)))

    (note,) = tree(shown).xpath("//article[contains(@class, 'note')]")
    assert "opened again by a message of Sanne de Vries" in " ".join(note.text_content().split())
    assert "Het gaat alweer mis." in note.text_content()
    assert note.xpath(".//a/@href") == [f"#entry-{reply.id}"]
    row = tree(page(desk.get("/desk/"))).get_element_by_id(f"case-{case.id}")
    assert "new" in row.get("class").split()


def test_other_cases_of_the_customer_are_one_click_away(desk, house):
    older = house.closed(subject="The older question")
    house.submits(name="Somebody Else", email="else@example.org")
    case = house.classified()

    links = tree(page(desk.get(address(case)))).xpath("//ul[contains(@class, 'others')]//a")

    assert [(link.text, link.get("href")) for link in links] == [
        ("The older question", address(older))
    ]


def test_the_way_to_the_neighbours_leads_through_the_same_list(desk, house):
    cases = [house.classified(subject=f"Case {number}") for number in range(3)]

    shown = tree(page(desk.get(address(cases[1]) + "?view=all")))

    assert shown.xpath("//a[@aria-label='Previous case']/@href") == [
        address(cases[2]) + "?view=all"
    ]
    assert shown.xpath("//a[@aria-label='Next case']/@href") == [address(cases[0]) + "?view=all"]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nl", ["Aanvraag behandelen", "De actie ligt bij ons", "Los de vraag op."]),
        ("de", ["Anfrage bearbeiten", "Wir sind am Zug", "Lösen Sie die Anfrage."]),
    ],
)
def test_what_the_diagram_says_is_read_in_the_readers_language(desk, house, language, told):
    case = house.classified()
    with house.db.write() as session:
        session.merge(house.mila).locale = language

    shown = words(page(desk.get(address(case))))

    assert [each for each in told if each not in shown] == []


HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def test_what_strangers_write_is_text_and_nothing_else(desk, house):
    case = house.submits(name=HOSTILE[:100], subject=HOSTILE, description=HOSTILE)
    house.completes(case, "classify", organization=HOSTILE, contact_name=HOSTILE[:100])
    house.replies(case, HOSTILE)

    for path in (address(case), "/desk/?view=all", address(case, "live")):
        text = page(desk.get(path))
        assert "<img src=x" not in text
        assert "<script>alert" not in text
        assert "&lt;img src=x" in text


def test_an_instance_that_an_admin_ended_leaves_a_page_that_says_so(desk, house):
    case = house.classified()
    with house.db.write() as session:
        house.app.engine.cancel(
            session, case.instance_id or house.see(case).instance_id, "no", "staff:1"
        )

    shown = page(desk.get(address(case)))

    assert "The process of this case was ended" in part(shown, "chead")
