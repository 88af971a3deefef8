"""Runs every story of `bpmn/*/scenarios` against the real engine, through the real forms."""

import json
from pathlib import Path

import pytest

from engine.spiff.timers import due_time
from processes.cases.models import Channel
from processes.cases.services import author
from processes.people.models import Contact
from processes.portal_access import services as portal

BPMN = Path(__file__).parents[2] / "bpmn"
STORIES = sorted(BPMN.glob("*/scenarios/*.json"))
INTAKE = {"name", "email", "category", "subcategory", "description", "language", "subject"}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_story_goes_as_it_is_told(path, house):
    story = json.loads(path.read_text())
    Story(house, story["given"]).goes(story["steps"])


def test_every_process_has_a_story():
    told = {path.parts[-3] for path in STORIES}
    assert told == {path.parent.name for path in BPMN.glob("*/*.bpmn")}


class Story:
    """One case on its way through a scenario."""

    def __init__(self, house, given):
        self.house = house
        if given["channel"] == "portal":
            self.case = house.submits(**{k: v for k, v in given.items() if k in INTAKE})
        else:
            self.case = house.opens(Channel(given["channel"]))
        house.works()

    def goes(self, steps):
        for number, step in enumerate(steps, start=1):
            verb, value = next(iter(step.items()))
            try:
                getattr(self, verb)(value, step)
            except AssertionError as failed:
                message = f"step {number} {step}: {failed}"
                raise AssertionError(message) from failed
            self.house.works()

    def complete(self, element, step):
        self.house.completes(self.case, element, **step.get("with", {}))

    def wait(self, duration, _step):
        now = self.house.see(self.case).created_at
        self.house.waits(seconds=(due_time(duration, now) - now).total_seconds())

    def customer(self, deed, step):
        if deed == "replies":
            self.house.replies(self.case, step["text"], step.get("medium", "portal"))
        elif deed == "agrees":
            self.house.agrees(self.case)
        else:
            opened = self.house.signs_in(self.case)
            assert (opened is not None) == (deed == "signs in"), opened

    def staff(self, deed, _step):
        assert deed == "switches the portal on"
        with self.house.db.write() as session:
            case = session.merge(self.house.see(self.case))
            portal.switch_on(self.house.app, session, case, author(self.house.mila))
            assert session.get(Contact, case.contact_id)

    def expect(self, wanted, _step):
        case, seen = self.house.see(self.case), {}
        for name in wanted:
            seen[name] = getattr(self, f"_{name}", lambda c, n=name: getattr(c, n))(case)
        assert seen == wanted | _sorted(wanted)

    def _waits_at(self, case):
        return self.house.waiting_at(case)

    def _mails(self, case):
        return [mail.template for mail in self.house.mails(case)]

    def _sla_clock(self, case):
        return case.step["sla_clock"]

    def _portal(self, case):
        return case.portal_enabled

    def _note(self, case):
        codes = [entry.data.get("code") for entry in self.house.timeline(case)]
        return codes[-1]


def _sorted(wanted):
    return {"waits_at": sorted(wanted["waits_at"])}
