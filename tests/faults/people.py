"""Customers and agents of the fault runs: each from a place of its own, each post sent twice."""

from dataclasses import dataclass
from itertools import count
from urllib.request import Request

from sqlalchemy import select

from processes.people.models import Staff
from tests.faults.site import Site
from tests.journeys.people import Agent, Customer
from tests.journeys.visitor import Page, Visitor


class Far(Visitor):
    """A browser at a network address of its own; `twice` sends every form a second time."""

    def __init__(self, addresses: list[str], place: int, *, twice: bool = False) -> None:
        super().__init__(addresses, patience=40)
        self._place = f"10.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}"
        self.twice = twice

    def submit(self, page: Page, part: str, **values: str) -> Page:
        """Send a form, and again if we are of that kind; return the first answer."""
        answer = super().submit(page, part, **values)
        if self.twice:
            super().submit(page, part, **values)
        return answer

    def _once(self, request: Request) -> Page:
        request.add_header("X-Forwarded-For", self._place)
        return super()._once(request)


@dataclass
class Cast:
    """Everybody who takes part on one site."""

    site: Site
    twice: bool = False

    def __post_init__(self) -> None:
        self._numbers = count()
        self.customers: list[Customer] = []
        self.agents: list[Agent] = []
        rows = self.site.read(select(Staff.id, Staff.username))
        self.handler = next(row.id for row in rows if row.username == "serviceUser")

    def customer(self) -> Customer:
        """Return somebody new."""
        number = next(self._numbers)
        far = Far(self.site.addresses, number, twice=self.twice)
        made = Customer(far, f"c{number}@customer.example", self.site.mail)
        self.customers.append(made)
        return made

    def agent(self) -> Agent:
        """Return an agent who has signed in."""
        place = 1 << 20 | len(self.agents)
        far = Far(self.site.addresses, place)
        made = Agent(far)
        made.sign_in()
        far.twice = self.twice
        self.agents.append(made)
        return made

    def statuses(self) -> set[int]:
        """Return every status that anybody was answered with."""
        return {status for one in (*self.customers, *self.agents) for status in one.browser.seen}
