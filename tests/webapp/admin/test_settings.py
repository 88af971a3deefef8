import pytest
from lxml import html

from processes.cases import settings as rules
from processes.cases.models import Case
from processes.mail import queries as mails
from tests.webapp.admin.tables import rows

MESSAGE = {
    "en": "Good day! We have your question.",
    "nl": "Goedendag! We hebben uw vraag.",
    "de": "Guten Tag! Wir haben Ihre Frage.",
}


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


def form(**changed):
    values = {f"standard_message_{code}": text for code, text in MESSAGE.items()}
    values |= {"company": "Casewright", "automatic_mail": "on", "portal": "on"}
    return {key: value for key, value in (values | changed).items() if value is not None}


def stored(product):
    with product.db.read() as session:
        return rules.get_all(session)


@pytest.mark.requirement("COV-25")
def test_the_standard_message_opens_the_first_mail_in_the_language_of_the_case(admin, practice):
    admin.post("/admin/settings", data=form())
    assert stored(practice.product)[rules.STANDARD_MESSAGE] == MESSAGE

    for language, text in MESSAGE.items():
        case = practice.ask(email=f"{language}@example.com")
        practice.classify(case, language=language)
        with practice.db.read() as session:
            newest = mails.outbox(session)[0][0]
            assert (newest.case_id, newest.language) == (case.id, language)
            assert text in newest.text
            assert [m.case_id for m in mails.outbox(session)[0]].count(case.id) == 1


@pytest.mark.requirement("COV-29")
def test_the_switch_for_automatic_mails_is_the_default_of_new_cases_only(admin, practice):
    before = practice.ask()

    admin.post("/admin/settings", data=form(automatic_mail=None))

    after = practice.ask("Another question")
    with practice.db.read() as session:
        assert session.get(Case, before.id).automatic_mail is True
        assert session.get(Case, after.id).automatic_mail is False
    admin.post("/admin/settings", data=form())
    with practice.db.read() as session:
        assert session.get(Case, after.id).automatic_mail is False


@pytest.mark.requirement("COV-23")
def test_each_change_is_written_down_with_who_and_when(admin, practice):
    admin.post("/admin/settings", data=form())
    response = admin.post(
        "/admin/settings",
        data=form(automatic_mail=None, company="Deuren & Co"),
        follow_redirects=True,
    )

    lines = rows(response)

    assert len(lines) == 3
    assert any("Ada Lindner Send mails automatically on off" in line for line in lines)
    assert any("Ada Lindner Name mails are signed with" in line for line in lines)
    assert all(html.fromstring(response.text).xpath("//table//tbody/tr/td[1]/time/@datetime"))
    again = admin.post("/admin/settings", data=form(automatic_mail=None, company="Deuren & Co"))
    assert again.status_code == 303
    assert len(rows(admin.get("/admin/settings"))) == 3  # nothing changed, nothing written


def test_a_message_may_not_be_missing_in_any_language(admin, product):
    refused = admin.post("/admin/settings", data=form(standard_message_nl=" ", company="New name"))

    assert refused.status_code == 422
    assert "Please fill this in" in refused.text
    assert "Guten Tag! Wir haben Ihre Frage." in refused.text  # nothing typed is lost
    assert stored(product) == rules.DEFAULTS


@pytest.mark.parametrize("text", ["x" * 4001, "{{ 7 * 7 }}", "a\0b", "<b>bold</b>"])
def test_odd_messages_are_refused_or_stay_text(admin, practice, text):
    answer = admin.post("/admin/settings", data=form(standard_message_en=text))

    assert answer.status_code in {303, 422}
    shown = admin.get("/admin/settings")
    assert shown.status_code == 200
    assert "<b>bold</b>" not in shown.text
    case = practice.ask()
    practice.classify(case)
    with practice.db.read() as session:
        assert "49" not in mails.outbox(session)[0][0].text.replace(case.number, "")


def test_only_admins_see_and_change_settings(client, signed_in, product, anybody):
    signed_in(client, anybody)
    if anybody == "adminUser":
        return
    assert client.get("/admin/settings").status_code == 403
    assert client.post("/admin/settings", data=form()).status_code == 403
    assert stored(product) == rules.DEFAULTS
