"""Categories, queues and settings."""

import pytest
from sqlalchemy import text

from engine.errors import InvalidInputError
from processes.cases import categories, settings
from processes.cases.models import CaseStatus, Category, Priority
from processes.cases.settings import recent_changes
from processes.cases.status import by_language


@pytest.mark.requirement("COV-20")
def test_a_fresh_house_offers_three_categories_in_three_languages(house):
    with house.db.read() as session:
        offered = house.app.lookups(session)["categories"]({})
        unknown = categories.find(session, "unknown")
        queues = {queue.id: queue.key for queue in categories.queues(session)}
    assert [option.text("nl") for option in offered] == [
        "Gebruikershulp", "Commerciële vragen", "Weet het niet"
    ]  # fmt: skip
    assert offered[0].text("de") == "Hilfe bei der Nutzung"
    assert offered[2].text("en") == "I don't know"
    assert queues[unknown.queue_id] == "triage"


@pytest.mark.requirement("COV-18")
def test_a_category_is_added_ordered_and_goes_from_forms_but_not_from_old_cases(house):
    old = house.submits()
    with house.db.write() as session:
        queue = categories.queues(session)[0]
        added = categories.add_category(session, names("Deliveries"), queue.id)
        categories.move(session, added, -3)
    assert offered(house)[0] == "deliveries"
    with house.db.write() as session:
        categories.set_active(session, categories.find(session, "user_help"), active=False)
    assert "user_help" not in offered(house)
    assert house.see(old).category.key == "user_help"
    with pytest.raises(InvalidInputError):
        house.submits(category="gone")


def test_renaming_keeps_key_and_cases(house):
    case = house.submits()
    with house.db.write() as session:
        categories.rename(session, categories.find(session, "user_help"), names("Help"))
    assert house.see(case).category.names["en"] == "Help"
    assert house.see(case).category.key == "user_help"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"nl": ""}, "name_nl"), ({"de": "x" * 81}, "name_de"), ({"en": "  "}, "name_en")],
)
def test_a_name_is_needed_in_every_language(house, wrong, field):
    with house.db.write() as session, pytest.raises(InvalidInputError) as refused:
        categories.add_category(session, names("Deliveries") | wrong, 1)
    assert field in refused.value.fields


def test_equal_names_get_different_keys(house):
    with house.db.write() as session:
        queue = categories.queues(session)[0].id
        first = categories.add_category(session, names("Ärger & Öl"), queue)
        second = categories.add_category(session, names("Ärger & Öl"), queue)
        assert (first.key, second.key) == ("arger_ol", "arger_ol_2")


def test_subcategories_depend_on_their_category(house):
    with house.db.write() as session:
        lookups = house.app.lookups(session)
        help_id = categories.find(session, "user_help").id
        categories.add_subcategory(session, help_id, names("Printing"), Priority.LOW)
        keys = [option.value for option in lookups["subcategories"]({"category": "user_help"})]
        assert keys[-1] == "printing"
        assert lookups["subcategories"]({"category": "nothing"}) == []
        assert lookups["subcategories"]({"category": ["user_help"]}) == []


def test_a_rule_that_changes_is_written_down(house):
    with house.db.write() as session:
        settings.put(session, settings.COMPANY, "Lowland Coffee", "staff:1")
        settings.put(session, settings.COMPANY, "Lowland Coffee", "staff:1")
    with house.db.read() as session:
        assert settings.get(session, settings.COMPANY) == "Lowland Coffee"
        changes = recent_changes(session)
    assert [(c.key, c.before, c.after, c.author) for c in changes] == [
        ("company", "Casewright", "Lowland Coffee", "staff:1")
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (settings.STANDARD_MESSAGE, {"en": "Hi"}),
        (settings.STANDARD_MESSAGE, {"en": "Hi", "nl": "Hoi", "de": " "}),
        (settings.AUTOMATIC_MAIL, "yes"),
        (settings.COMPANY, ""),
        (settings.COMPANY, "x" * 5_000),
        ("something", True),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(house, key, value):
    with house.db.write() as session, pytest.raises((InvalidInputError, KeyError)):
        settings.put(session, key, value, "staff:1")


@pytest.mark.requirement_part("COV-76", missing="the reports that count it apart")
def test_handled_by_escalation_is_a_status_of_its_own():
    assert CaseStatus.CLOSED_BY_ESCALATION is not CaseStatus.CLOSED
    assert len(CaseStatus) == 5


def test_the_database_refuses_a_sixth_status(house):
    case = house.submits()
    with pytest.raises(Exception, match=r"(?i)check"), house.db.write() as session:
        session.execute(text("UPDATE cases SET status = 'on_hold' WHERE id = :id"), {"id": case.id})


def test_translations_of_a_property_are_collected():
    properties = {"label.nl": "Naam", "label.fr": "Nom", "label": "Name"}
    assert by_language(properties, "label") == {"nl": "Naam"}


def names(english):
    return {"en": english, "nl": f"{english} (nl)", "de": f"{english} (de)"}


def offered(house):
    with house.db.read() as session:
        assert session.query(Category).count()
        return [option.value for option in house.app.lookups(session)["categories"]({})]
