from datetime import UTC, datetime, timedelta

import pytest
from flask import g

from tests.webapp.conftest import SignIn, page
from webapp import i18n
from webapp.appearance import hue, initials, overdue, urgency
from webapp.i18n import duration, label, localtime, relative
from webapp.words import _WORDS, word

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # a Wednesday; 11:00 in Amsterdam


@pytest.fixture
def reader(web, product):
    """A request of an English reader at a fixed business time."""
    with web.test_request_context("/", headers={"Accept-Language": "en"}):
        g.business_now = NOW
        yield


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 m"),
        (35 * 60, "35 m"),
        (2 * 3600 + 10 * 60 + 30, "2 h 10 m"),
        (5 * 3600, "5 h"),
        (46 * 3600, "1 d 22 h"),
        (24 * 3600 + 5 * 60, "1 d"),
        (8 * 86400, "8 d"),
        (400 * 86400, "400 d"),
    ],
)
def test_a_length_of_time_reads_in_two_units(reader, seconds, words):
    assert duration(seconds) == words
    assert duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW - timedelta(hours=2), "09:00"),
        (NOW - timedelta(days=2), "Mon 11:00"),
        (NOW + timedelta(days=2), "Fri 11:00"),
        (NOW - timedelta(days=20), "29 Oct"),
        (NOW - timedelta(days=400), "14 Oct 2025"),
        (datetime(2026, 11, 17, 23, 30, tzinfo=UTC), "00:30"),  # today in Amsterdam
        (None, ""),
    ],
)
def test_a_moment_reads_as_short_as_it_can(reader, moment, words):
    assert localtime(moment) == words


def test_summer_time_is_told_apart(reader):
    assert localtime(datetime(2026, 7, 1, 10, 0, tzinfo=UTC), "time") == "12:00"
    assert localtime(datetime(2026, 12, 1, 10, 0, tzinfo=UTC), "time") == "11:00"


def test_a_distance_has_no_sign(reader):
    assert relative(NOW + timedelta(hours=2, minutes=10)) == "2 h 10 m"
    assert relative(NOW - timedelta(hours=2, minutes=10)) == "2 h 10 m"


@pytest.mark.parametrize(
    ("left", "whole", "tone"),
    [(0.5, 10, "bad"), (0.9, 10, "bad"), (2.4, 10, "warn"), (2.6, 10, ""), (-1, 10, "bad")],
)
def test_time_left_turns_amber_and_red(reader, left, whole, tone):
    due = NOW + timedelta(hours=left)

    assert urgency(due, due - timedelta(hours=whole)) == tone


@pytest.mark.parametrize(("hours", "tone"), [(0.5, "bad"), (3, "warn"), (5, ""), (-1, "bad")])
def test_without_a_beginning_hours_decide(reader, hours, tone):
    assert urgency(NOW + timedelta(hours=hours)) == tone
    assert overdue(NOW + timedelta(hours=hours)) is (hours < 0)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Sanne de Vries", "SV"),
        ("Omar El Idrissi", "OI"),
        ("Aylin", "A"),
        ("", "?"),
        ("  ", "?"),
        ("élan vital", "ÉV"),
        ("(Fenmark) Support", "S"),
    ],
)
def test_initials_are_the_first_and_the_last_word(name, letters):
    assert initials(name) == letters


def test_a_name_always_has_the_same_colour():
    assert hue("Mila Jansen") == hue("mila jansen")
    assert {hue(f"name {number}") for number in range(200)} == set(range(12))


class Named:
    names = {"en": "Invoice", "nl": "Factuur"}  # noqa: RUF012 - as a row has them


@pytest.mark.parametrize(
    ("language", "named", "words"),
    [
        ("nl", {"en": "Invoice", "nl": "Factuur"}, "Factuur"),
        ("de", {"en": "Invoice", "nl": "Factuur"}, "Invoice"),
        ("de", {"nl": "Factuur"}, "Factuur"),
        ("nl", Named(), "Factuur"),
        ("nl", "As it is", "As it is"),
        ("nl", None, ""),
        ("nl", {}, ""),
    ],
)
def test_names_read_in_the_readers_language_or_the_next_best(web, product, language, named, words):
    with web.test_request_context("/", headers={"Accept-Language": language}):
        assert label(named) == words


@pytest.mark.parametrize(
    ("query", "cookie", "header", "spoken"),
    [
        ("", "", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "", "fr", "en"),
        ("", "", "", "en"),
        ("", "nl", "de", "nl"),
        ("?lang=de", "nl", "nl", "de"),
        ("?lang=xx", "", "nl", "nl"),
        ("?lang=<script>", "xx", "", "en"),
    ],
)
def test_a_stranger_reads_the_language_they_ask_for(client, query, cookie, header, spoken):
    if cookie:
        client.set_cookie("lang", cookie)

    answer = client.get(f"/sign-in{query}", headers={"Accept-Language": header})

    assert f'<html lang="{spoken}"' in page(answer)
    assert answer.headers["Content-Language"] == spoken


def test_a_choice_of_language_lasts(client):
    client.get("/sign-in?lang=nl")

    assert '<html lang="nl"' in page(client.get("/sign-in"))


def test_staff_read_their_own_language_whatever_the_browser_says(
    client, product, signed_in: SignIn
):
    person = signed_in(client, "serviceUser")
    with product.db.write() as session:
        session.get(type(person), person.id).locale = "de"

    assert '<html lang="de"' in page(client.get("/preferences?lang=nl"))


def test_staff_read_times_in_their_own_zone(client, web, product, signed_in: SignIn):
    person = signed_in(client, "serviceUser")
    with product.db.write() as session:
        session.get(type(person), person.id).timezone = "Asia/Tokyo"
    client.get("/preferences")

    raw = client.get_cookie("casewright-desk").value
    with web.test_request_context("/", headers={"Cookie": f"casewright-desk={raw}"}):
        g.business_now = NOW
        assert i18n.timezone() == "Asia/Tokyo"
        assert localtime(NOW, "time") == "19:00"


@pytest.mark.parametrize("language", ["nl", "de"])
def test_every_stored_word_has_a_translation(web, product, language):
    with web.test_request_context("/", headers={"Accept-Language": language}):
        untold = [key for kind in _WORDS for key in _WORDS[kind] if not word(key, kind)]
    assert untold == []


def test_preferences_change_how_the_product_looks(client, signed_in: SignIn):
    signed_in(client, "serviceUser")

    answer = client.post(
        "/preferences", data={"locale": "nl", "timezone": "Europe/Berlin", "theme": "dark"}
    )

    text = page(client.get("/preferences"))
    assert answer.status_code == 303
    assert '<html lang="nl"' in text
    assert 'data-theme="dark"' in text
    assert 'data-keys="off"' in text


@pytest.mark.parametrize(
    "change",
    [{"locale": "xx"}, {"timezone": "Mars/Base"}, {"theme": "pink"}, {"timezone": "../../etc"}],
)
def test_preferences_that_do_not_exist_are_refused(client, signed_in: SignIn, change):
    signed_in(client, "serviceUser")
    good = {"locale": "nl", "timezone": "Europe/Berlin", "theme": "dark"}

    assert client.post("/preferences", data=good | change).status_code == 422
    assert '<html lang="en"' in page(client.get("/preferences"))
