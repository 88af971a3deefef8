"""D7: no room on the disk, no file handles, no memory: an answer in words, and no harm done."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select

from engine.models import ProcessInstance
from processes.cases.models import Case
from tests.faults import invariants
from tests.faults.invariants import Findings
from tests.faults.people import Cast
from tests.faults.site import Ground, Site, opened
from tests.journeys.installation import answers, children_of, until
from tests.journeys.people import Customer
from tests.journeys.visitor import Page

_PAGE = 4096
_HANDLES = 64
_ROOMS = (0, 1 << 18, 1 << 20)
"""Bytes left: it shall end in the middle of all kinds of work, pages about it among them."""
_HEAVY = "It leaks. " * 45_000
"""As much as a form may hold; read, decoded and checked it takes many times as much."""
_IN_WORDS = {503: "try again", 507: "no room"}
_KINDS = ("disk full", "64 handles", "no memory")


class Limits:
    """Limits the web processes of one site, one kind after the other."""

    def __init__(self, site: Site) -> None:
        self.site, self.found = site, Findings()
        self.cast = Cast(site)
        self._told: dict[str, list[int]] = {kind: [] for kind in _KINDS}

    def run(self) -> Findings:
        """Run all kinds; whatever was refused is accepted once the limit is gone."""
        if self.site.app.db.dialect == "sqlite":
            self._limited("disk full", resource.RLIMIT_FSIZE, self._full_disk())
        for room in _ROOMS:
            self._limited("no memory", resource.RLIMIT_DATA, self._no_memory(room))
        self._handles()
        invariants.check_history(self.site, self.found)
        invariants.check_integrity(self.site, self.found)
        invariants.check_answers(self.cast.statuses(), self.found)
        self.found.figures["answers"] = {kind: told for kind, told in self._told.items() if told}
        return self.found

    def _children(self) -> list[int]:
        return [child for main in self.site.mains("web") for child in children_of(main)]

    def _full_disk(self) -> dict[int, int]:
        """Let no file grow beyond what the write-ahead log has now, but for a page."""
        log = Path(f"{self.site.app.db.engine.url.database}-wal")
        size = log.stat().st_size if log.exists() else 0
        return dict.fromkeys(self._children(), size + _PAGE)

    def _no_memory(self, room: int) -> dict[int, int]:
        """Let each process have what it has now and `room` bytes more."""
        return {child: _data_of(child) + room for child in self._children()}

    def _limited(self, kind: str, what: int, limits: dict[int, int]) -> None:
        customers = [self.cast.customer() for _ in range(4)]
        forms = [customer.browser.get("/portal/request") for customer in customers]
        time.sleep(2.1)  # a form that comes back faster was not filled in by a person
        before = self._rows()
        with limited(what, limits):
            if what == resource.RLIMIT_DATA:
                self._told[kind] += self._heavy(kind)
            pages = [self._try(kind, *each) for each in zip(customers, forms, strict=True)]
        self._told[kind] += [page.status for page in pages]
        taken = sum(was_taken(page) for page in pages)
        if self._rows() != tuple(count + taken for count in before):
            self.found.wrong.append(f"{kind}: {before} rows became {self._rows()}, told {taken}")
        if kind == "disk full" and taken == len(customers):
            self.found.wrong.append(f"{kind}: nothing was refused")
        for customer, form in zip(customers, forms, strict=True):
            customer.ask(form=form)
        if self._rows() != tuple(count + len(customers) for count in before):
            self.found.lost.append(f"{kind}: after it {before} became {self._rows()}")

    def _heavy(self, kind: str) -> list[int]:
        """Send forms that need memory to each process in turn; return the statuses."""
        customer = self.cast.customer()
        form = customer.browser.get("/portal/request")
        return [self._try(kind, customer, form, description=_HEAVY).status for _ in range(4)]

    def _try(self, kind: str, customer: Customer, form: Page, **changed: str) -> Page:
        """Send a request once; return the answer. A refusal says what to do."""
        page = send_once(customer, form, **changed)
        if page.status >= 500:
            words = _IN_WORDS.get(page.status)
            if words is None or words not in page.text.lower():
                self.found.wrong.append(f"{kind}: {page.status} {page.text[:80]}")
        return page

    def _rows(self) -> tuple[int, int]:
        queries = (select(func.count()).select_from(table) for table in (Case, ProcessInstance))
        cases, instances = (self.site.read(query)[0][0] for query in queries)
        return cases, instances

    def _handles(self) -> None:
        """Hold more connections than the web has handles; it answers again when they are gone."""
        (address,) = self.site.addresses
        children = self._children()
        limits = dict.fromkeys(children, _HANDLES)
        with limited(resource.RLIMIT_NOFILE, limits):
            held = [_connect(address) for _ in range(3 * _HANDLES)]
            time.sleep(1)
            for connection in held:
                connection.close()
        until(lambda: answers(f"{address}/health"), 15)
        self._told["64 handles"].append(self.cast.customer().browser.get("/portal/request").status)
        if self._children() != children:
            self.found.wrong.append("64 handles: a web process ended, and its requests with it")


def send_once(customer: Customer, form: Page, **changed: str) -> Page:
    """Send a filled-in request form and return the answer, whatever it is."""
    patience, customer.browser.patience = customer.browser.patience, 0.0
    try:
        return customer.browser.submit(form, "/portal/request", **customer.request() | changed)
    finally:
        customer.browser.patience = patience


def was_taken(page: Page) -> bool:
    """Tell whether somebody was sent on to the thanks, be there memory for that page or not."""
    return urlsplit(page.address).path.endswith("/thanks")


@contextmanager
def limited(what: int, limits: dict[int, int]) -> Iterator[None]:
    """Limit running processes from outside, and take the limits away again."""
    former = {}
    for number, limit in limits.items():
        soft, hard = resource.prlimit(number, what)
        former[number] = (soft, hard)
        resource.prlimit(number, what, (limit, hard))
    try:
        yield
    finally:
        for number, limit in former.items():
            if Path(f"/proc/{number}").exists():
                resource.prlimit(number, what, limit)


def _data_of(number: int) -> int:
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    (found,) = [line for line in lines if line.startswith("VmData:")]
    return int(found.split()[1]) * 1024


def _connect(address: str) -> socket.socket:
    place = urlsplit(address)
    return socket.create_connection((place.hostname, place.port), timeout=5)


def run(ground: Ground, dialect: str) -> Findings:
    """Run on a site of its own."""
    with opened(ground.site(dialect)) as site:
        return Limits(site).run()
