"""A job in a deadlock with somebody else is done again within the same look."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Barrier, BrokenBarrierError

from sqlalchemy import text

from engine import deployment, queries
from engine.clock import utc_now
from engine.linter import Vocabulary
from engine.registry import Operations
from engine.runtime import Engine, silent
from processes.cases.fields import Nothing
from processes.people.models import Organization
from tests.engine import diagrams as d
from workers import look
from workers.config import WorkerSettings

BOOK = d.diagram(
    "main",
    d.start(),
    d.service("book", "test.book", **{"async": "true"}),
    d.end(),
    d.chain("start", "book", "end"),
)


def test_a_service_in_a_deadlock_is_done_again_at_once(product):
    together, operations = Barrier(2), Operations()
    with product.db.write() as session:
        rows = [Organization(name=name, created_at=utc_now()) for name in ("one", "two")]
        session.add_all(rows)
        session.flush()
        first, second = [row.id for row in rows]

    def rename(session, *numbers):
        for number in numbers:
            session.get_one(Organization, number, with_for_update=True).name += "!"
            session.flush()
            with suppress(BrokenBarrierError):  # on SQLite, and the second time, it is alone
                together.wait(timeout=0.5)

    @operations.operation("test.book")
    def book(call, _form: Nothing):
        if call.session.get_bind().dialect.name == "postgresql":
            call.session.execute(text("SET LOCAL deadlock_timeout = '50ms'"))  # it is the victim
        rename(call.session, first, second)

    def somebody_else():
        with product.db.write() as session:
            rename(session, second, first)

    busy = replace(product, engine=Engine(operations, silent))
    with product.db.write() as session:
        files = {"main/main.bpmn": BOOK}
        deployment.deploy(session, files, Vocabulary(operations), actor="staff:1", trial=False)
        instance = busy.engine.start(session, "main", key="A", data={}, actor="staff:1")

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(somebody_else)
        assert look.work(busy, WorkerSettings()) == look.Tally(done=1)
        other.result()

    with product.db.read() as session:
        assert queries.instance(session, instance).status == "completed"
        assert [session.get_one(Organization, n).name for n in (first, second)] == [
            "one!!",
            "two!!",
        ]
