"""What the watch has found, on the pages of an admin."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from lxml import html
from sqlalchemy import delete, select, update

from engine import clock, deployment, inspection, jobs, queries, watch
from engine.models import Incident, Job, ProcessInstance, UserTask
from engine.watch import Finding
from engine.watch.jobs import WATCH
from processes.mail import watch as mails
from processes.mail.models import MailState, OutgoingMail
from processes.people.models import Staff
from tests.engine import diagrams as d
from tests.engine.test_stuck import asleep
from tests.webapp.admin.test_health import beat
from tests.webapp.conftest import page


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


@pytest.fixture
def stuck(practice):
    """An instance that has lost its timer, found by the watch."""
    case = practice.ask()
    practice.answer(case)
    instance = practice.instance(case).id
    with practice.db.write() as session:
        session.execute(delete(Job).where(Job.instance_id == instance))
        found = watch.still_stuck(session, practice.engine.definitions, [instance])
        watch.settle(session, watch.STUCK, found)
    return instance


@pytest.fixture
def half_sent(practice):
    """A mail that a worker began and never ended, found by the watch."""
    practice.classify(practice.ask())
    with practice.db.write() as session:
        session.execute(update(OutgoingMail).values(state=MailState.SENDING))
        long_ago = clock.utc_now() - timedelta(minutes=20)
        session.execute(update(Job).where(Job.kind == jobs.MAIL).values(due_at=long_ago))
        watch.settle(session, watch.HALF_SENT, mails.half_sent(session))


def articles(response):
    return html.fromstring(page(response)).xpath("//article")


def words(node):
    return " ".join(node.text_content().split())


def open_incidents(practice):
    with practice.db.read() as session:
        return inspection.open_incidents(session)


def test_a_stuck_instance_is_listed_with_what_it_lacks_and_mended_by_a_retry(
    admin, practice, stuck
):
    (article,) = articles(admin.get("/admin/incidents"))
    assert "Stuck" in words(article)
    assert "rows are missing: timer good_week_over" in words(article)
    assert "Retry writes them anew" in words(article)
    own = page(admin.get(f"/admin/instances/{stuck}"))
    assert "Stuck" in own
    assert "Retry writes them anew" in own

    answer = admin.post(article.xpath(".//form/@action")[0], follow_redirects=True)

    assert "tried again within seconds" in page(answer)
    with practice.db.read() as session:
        timers = [job.element_id for job in queries.jobs_of(session, stuck)]
    assert timers == ["good_week_over"]
    assert open_incidents(practice) == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nl", "De lopende zaak kan niet verder zoals de rijen er nu staan"),
        ("de", "Die Instanz kommt nicht weiter, so wie ihre Zeilen stehen"),
    ],
)
def test_the_kinds_are_told_in_each_language(admin, practice, stuck, language, sentence):
    with practice.db.write() as session:
        session.execute(update(Staff).values(locale=language))
    assert sentence in page(admin.get("/admin/incidents"))
    assert sentence in page(admin.get(f"/admin/instances/{stuck}"))


@pytest.fixture
def lifeless(practice):
    """An instance that waits for nothing even by its state, found by the watch."""
    files = {
        "lone/lone.bpmn": d.diagram(
            "lone",
            d.start(),
            d.user("a", "imported.keep_answers"),
            d.end(),
            d.chain("start", "a", "end"),
        ),
        "lone/forms/any.form": d.FORM,
    }
    product = practice.product
    with practice.db.write() as session:
        deployment.deploy(session, files, product.vocabulary, actor="staff:1")
        lone = product.engine.start(session, "lone", key="lone", data={}, actor="system")
        row = session.get_one(ProcessInstance, lone)
        definition = product.engine.definitions.get(session, row.version_id)
        row.state = asleep(definition.bundle, row.state)
        session.execute(delete(UserTask).where(UserTask.instance_id == lone))
        found = watch.still_stuck(session, product.engine.definitions, [lone])
        watch.settle(session, watch.STUCK, found)
    return lone


def test_what_cannot_be_mended_stays_open_and_says_so(admin, practice, lifeless):
    assert "waits for nothing" in page(admin.get("/admin/incidents"))

    answer = admin.post(f"/admin/instances/{lifeless}/retry", follow_redirects=True)

    assert "Nothing could be mended" in page(answer)
    assert [item.instance_id for item in open_incidents(practice)] == [lifeless]


def test_a_half_sent_mail_can_be_sent_again_or_left(admin, practice, half_sent):
    (article,) = articles(admin.get("/admin/incidents"))
    assert "Half sent" in words(article)
    assert [words(button) for button in article.xpath(".//button")] == [
        "Leave as it is",
        "Send again",
    ]
    leave, again = article.xpath(".//form/@action")
    assert again.endswith("/retry")

    answer = admin.post(leave, follow_redirects=True)

    assert "will not be sent again" in page(answer)
    assert open_incidents(practice) == []
    with practice.db.read() as session:
        assert set(session.scalars(select(OutgoingMail.state))) == {MailState.FAILED}
    assert admin.post(leave).status_code == 404


def test_only_a_half_sent_mail_can_be_left_and_only_by_those_who_may(
    admin, client, signed_in, practice, stuck
):
    (incident,) = open_incidents(practice)
    assert admin.post(f"/admin/incidents/{incident.id}/leave").status_code == 404
    assert admin.post("/admin/incidents/999999/leave").status_code == 404
    signed_in(client, "designerUser")
    assert client.post(f"/admin/incidents/{incident.id}/leave").status_code == 403


def test_a_mail_that_somebody_sends_again_just_now_cannot_be_left(admin, practice, half_sent):
    (incident,) = open_incidents(practice)
    with ThreadPoolExecutor(1) as pool, practice.db.write() as session:
        practice.engine.retry(session, incident.id, "staff:1")
        session.flush()
        answer = pool.submit(admin.post, f"/admin/incidents/{incident.id}/leave")
        time.sleep(0.5)  # it has seen the incident open by now, and waits for us
        practice.db.commit(session)

    assert answer.result().status_code == 404
    with practice.db.read() as session:
        job = session.get_one(Job, session.get_one(Incident, incident.id).job_id)
        assert job.state == "ready"
        assert set(session.scalars(select(OutgoingMail.state))) == {MailState.SENDING}


def test_a_heap_of_late_work_is_one_line_that_leads_to_the_workers(admin, practice):
    with practice.db.write() as session:
        heap = Finding(watch.OVERDUE, "More than five minutes late: timer: 44")
        watch.settle(session, watch.OVERDUE, [heap])
    (article,) = articles(admin.get("/admin/incidents"))
    assert "Overdue" in words(article)
    assert article.xpath(".//header//a/@href") == ["/admin/workers"]
    assert "Mark as settled" in words(article)
    with practice.db.read() as session:
        assert session.scalars(select(Incident.kind)).all() == ["overdue"]


def test_without_workers_the_pages_say_it_once_and_with_one_they_do_not(admin, practice, stuck):
    paths = "/admin/incidents", f"/admin/instances/{stuck}"
    for path in paths:
        assert "No worker has ever been seen" in page(admin.get(path))
    beat(practice.product, minutes=7)
    for path in paths:
        assert "No worker has been seen for 7 m" in page(admin.get(path))
    beat(practice.product, seconds=30)
    for path in paths:
        assert "No worker" not in page(admin.get(path))


def test_the_health_page_tells_when_the_watch_last_looked(admin, practice):
    beat(practice.product, seconds=1)
    assert "has not looked yet" in page(admin.get("/admin/workers"))
    now = clock.utc_now()

    def looked(**ago):
        kept = {"looked_at": (now - timedelta(**ago)).isoformat(), "last_round": 1_234}
        with practice.db.write() as session:
            jobs.enqueue(session, WATCH, due_at=now, dedupe_key=WATCH)
            session.execute(update(Job).where(Job.kind == WATCH).values(payload=kept))
        return page(admin.get("/admin/workers"))

    assert "looked 40 s ago; its last round saw 1234 running instances" in looked(seconds=40)
    assert "The watch has not looked for 12 m" in looked(minutes=12)
