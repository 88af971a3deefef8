import json
import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from engine.clock import utc_now
from processes.bootstrap import App
from processes.cases import changes, numbers
from processes.cases.models import Case, Channel
from processes.people.models import Contact
from tests.webapp.browsing import silence
from tests.webapp.conftest import Enter, SignIn
from webapp.app import create_app
from webapp.config import WebSettings
from webapp.live import EXTENSION, Hub, Line

EVERYTHING = frozenset({("desk", "*"), ("case", "*")})


def note(product: App, topic: str, ref: str = "") -> None:
    with product.db.write() as session:
        changes.record(session, topic, ref)


def a_case(product: App, contact: Contact, number: str) -> Case:
    with product.db.write() as session:
        case = Case(
            number=number,
            channel=Channel.PORTAL,
            contact_id=contact.id,
            portal_enabled=True,
            step={},
            created_at=utc_now(),
            updated_at=utc_now(),
        )
        session.add(case)
        session.flush()
        return case


@pytest.fixture
def hub(product: App) -> Iterator[Hub]:
    made = Hub(product, 2)
    yield made
    silence(made)


def test_a_change_reaches_the_streams_that_may_hear_it(product, hub):
    desk = hub.open(EVERYTHING)
    customer = hub.open(frozenset({("case", "7")}))

    hub.tell(Line(1, "case", "8"))
    hub.tell(Line(2, "case", "7"))

    assert [desk.lines.get_nowait().id for _ in range(2)] == [1, 2]
    assert customer.lines.get_nowait() == Line(2, "case", "7")
    assert customer.lines.empty()


def test_a_committed_change_is_told(product, hub):
    stream = hub.open(EVERYTHING)

    note(product, "desk")

    assert stream.lines.get(timeout=5).topic == "desk"


def test_a_stream_misses_nothing_however_late_its_reader_begins(product, hub, monkeypatch):
    begins, run = threading.Event(), hub._run  # noqa: SLF001 - the scheduler may hold it up

    def late(*feed) -> None:
        begins.wait(5)
        run(*feed)

    monkeypatch.setattr(hub, "_run", late)
    stream = hub.open(EVERYTHING)
    note(product, "desk")
    begins.set()

    assert stream.lines.get(timeout=5).topic == "desk"


def test_no_more_streams_than_the_process_can_keep(product, hub):
    first = hub.open(EVERYTHING)
    hub.open(EVERYTHING)

    assert hub.open(EVERYTHING) is None
    hub.close(first)
    assert hub.open(EVERYTHING) is not None


def test_a_browser_that_lags_far_holds_nobody_up(product, hub):
    stream = hub.open(EVERYTHING)

    for number in range(1_000):
        hub.tell(Line(number, "desk", ""))

    assert stream.lines.full()


def test_a_page_without_a_stream_asks_what_is_new(client, product, signed_in: SignIn):
    signed_in(client, "serviceUser")
    note(product, "desk")
    before = client.get("/live/since/0").json["id"]
    note(product, "case", "12")

    answer = client.get(f"/live/since/{before}")

    assert answer.json == {"id": before + 1, "events": [{"topic": "case", "ref": "12"}]}
    assert client.get(f"/live/since/{before + 1}").status_code == 204


def test_over_the_limit_the_answer_ends_the_browsers_tries(product, signed_in: SignIn):
    web = create_app(product, WebSettings(live_streams=0))
    client = web.test_client()
    signed_in(client, "serviceUser")

    assert client.get("/live").status_code == 204


def test_a_stream_begins_with_what_the_page_missed(client, product, signed_in: SignIn):
    signed_in(client, "serviceUser")
    note(product, "desk")
    before = client.get("/live/since/0").json["id"]
    note(product, "case", "12")

    answer = client.get(f"/live?since={before}", buffered=False)
    told = b"".join(islice(answer.response, 2))
    answer.close()
    left = set(client.application.extensions[EXTENSION]._streams)  # noqa: SLF001
    silence(client.application.extensions[EXTENSION])

    assert left == set()
    assert answer.mimetype == "text/event-stream"
    event = json.loads(told.split(b"data: ")[1].split(b"\n")[0])
    assert event == {"topic": "case", "ref": "12"}


@pytest.mark.parametrize(
    "path", ["/live", "/live/since/0", "/portal/live/X", "/portal/live/X/since/0"]
)
def test_nobody_hears_anything_without_signing_in(client, path):
    assert client.get(path).status_code == 303


def test_somebody_without_requests_hears_nothing_of_cases(client, product, signed_in: SignIn):
    signed_in(client, "faqNewsUser")
    note(product, "case", "12")
    note(product, "desk")

    assert client.get("/live/since/0").status_code == 204


def test_a_customer_hears_of_their_own_case_only(client, product, entered: Enter):
    contact = entered(client)
    case = a_case(product, contact, numbers.new_number())
    note(product, "case", str(case.id + 1))
    note(product, "case", str(case.id))

    answer = client.get(f"/portal/live/{case.number}/since/0")

    assert {event["ref"] for event in answer.json["events"]} == {str(case.id)}


def test_the_case_of_another_customer_does_not_exist(client, product, entered: Enter):
    entered(client)
    with product.db.write() as session:
        other = Contact(name="Somebody Else", email="else@example.com", created_at=utc_now())
        session.add(other)
    case = a_case(product, other, numbers.new_number())

    answers = [client.get(f"/portal/live/{number}") for number in (case.number, "0000-0000-0")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_code_for_one_case_opens_no_other_of_the_same_customer(client, product, entered: Enter):
    contact = entered(client)
    one = a_case(product, contact, numbers.new_number())
    other = a_case(product, contact, numbers.new_number())
    entered(client, contact_id=contact.id, case_id=one.id)

    assert client.get(f"/portal/live/{one.number}/since/0").status_code in {200, 204}
    assert client.get(f"/portal/live/{other.number}/since/0").status_code == 404


def test_the_number_a_page_starts_from_is_the_newest(client, product, signed_in: SignIn):
    signed_in(client, "serviceUser")
    note(product, "desk")

    text = client.get("/preferences").text

    with product.db.read() as session:
        newest = changes.latest(session)
    assert f'data-live-since="{newest}"' in text
