"""A customer and an agent, each with a browser of their own."""

import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tests.journeys.installation import PASSWORD, until
from tests.journeys.visitor import Page, Visitor
from tests.servers.smtp import MailServer

_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2,3}(?![0-9A-Z-])")


@dataclass
class Customer:
    """Somebody with a question and a mailbox."""

    browser: Visitor
    email: str
    mailbox: MailServer
    number: str = ""

    def ask(self, *, wait: float = 2.1, form: Page | None = None) -> None:
        """Send the request form, opened now unless it was opened before; keep the number."""
        page = form or self.browser.get("/portal/request")
        if form is None:
            time.sleep(wait)  # a form that comes back faster was not filled in by a person
        page = self.browser.submit(page, "/portal/request", **self.request())
        assert page.status == 200, page.text
        (self.number,) = parse_qs(urlsplit(page.address).query)["number"]

    def request(self) -> dict[str, str]:
        """Return what the request form is filled in with."""
        return {
            "name": "Jane Roe",
            "email": self.email,
            "category": "user_help",
            "subcategory": "something_broken",
            "subject": "Washing machine leaks",
            "description": f"It leaks at the back. {self.email}",
        }

    def mails(self) -> list[str]:
        """Return the texts of all mails that arrived, oldest first."""
        return [
            message.get_body(("plain",)).get_content()
            for message in list(self.mailbox.messages)
            if self.email in str(message["To"])
        ]

    def sign_in(self) -> Page:
        """Open the case with the code from the first mail."""
        until(lambda: bool(self.codes()), 30)
        page = self.browser.get("/portal/sign-in")
        return self.browser.submit(page, "/portal/sign-in", email=self.email, code=self.codes()[0])

    def codes(self) -> list[str]:
        """Return the codes that came by mail; the case's number looks much like one."""
        found = [code for mail in self.mails() for code in _CODE.findall(mail)]
        return [code for code in found if code != self.number]

    def write(self, text: str) -> Page:
        """Send a message from the case's page."""
        page = self.browser.get(f"/portal/cases/{self.number}")
        return self.browser.submit(page, "/messages", text=text)


@dataclass
class Agent:
    """Somebody at the desk."""

    browser: Visitor
    username: str = "serviceUser"

    def sign_in(self) -> None:
        """Begin the day; once more when the answer was lost and the form is spent."""
        for _ in range(3):
            form = self.browser.get("/sign-in")
            if form.address.endswith("/sign-in"):
                form = self.browser.submit(
                    form, "/sign-in", username=self.username, password=PASSWORD
                )
            if form.status == 200:
                return
        raise AssertionError(form.text)

    def step(self, number: str, **values: str) -> Page:
        """Complete the step the case waits at."""
        page = self.browser.get(f"/desk/cases/{number}")
        return self.browser.submit(page, "/steps/", **values)

    def classify(self, number: str, handler: int) -> Page:
        """Complete the mandatory first step."""
        return self.step(
            number,
            handler=str(handler),
            category="user_help",
            subcategory="something_broken",
            priority="medium",
            request_type="action",
            status="in_progress",
            portal="on",
            automatic_mail="on",
        )

    def answer_finally(self, number: str) -> Page:
        """Write the final answer: the week begins."""
        self.step(number, next="final_answer", message="")
        return self.step(number, answer="Tighten the hose.")
