import pytest
from lxml import html

from processes.cases import categories as topics
from processes.cases.models import Case, Category, Priority, Queue, Subcategory
from tests.webapp.admin.tables import rows
from tests.webapp.conftest import page

LANGUAGES = ("en", "nl", "de")
DOORS = {"name_en": "Doors", "name_nl": "Deuren", "name_de": "Türen"}


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


def found(product, kind, key):
    with product.db.read() as session:
        return session.query(kind).filter_by(key=key).one()


def offered(product, name="categories", **values):
    """Return what every form offers: value and the labels by language."""
    with product.db.read() as session:
        options = product.lookups(session)[name](values)
        return {option.value: option.labels for option in options}


def on_portal(browser, language="en"):
    """Return the categories the customers' form offers."""
    tree = html.fromstring(page(browser.get(f"/portal/request?lang={language}")))
    options = tree.xpath("//*[@name='category']/option | //input[@name='category']")
    return {option.get("value") for option in options} - {""}, tree.text_content()


def queue_id(product, key):
    return str(found(product, Queue, key).id)


def add(admin, product, **changed):
    data = DOORS | {"queue": queue_id(product, "support")} | changed
    return admin.post("/admin/categories", data=data)


@pytest.mark.requirement("COV-20")
def test_a_fresh_installation_offers_three_categories_in_three_languages(client, product):
    assert offered(product) == {
        "user_help": {"en": "User help", "nl": "Gebruikershulp", "de": "Hilfe bei der Nutzung"},
        "commercial": {
            "en": "Commercial questions",
            "nl": "Commerciële vragen",
            "de": "Kaufmännische Fragen",
        },
        "unknown": {"en": "I don't know", "nl": "Weet het niet", "de": "Weiß ich nicht"},
    }
    assert found(product, Category, "unknown").queue_id == found(product, Queue, "triage").id
    for language in LANGUAGES:
        values, words = on_portal(client, language)
        assert values == {"user_help", "commercial", "unknown"}
        assert all(labels[language] in words for labels in offered(product).values())


@pytest.mark.requirement("COV-18")
def test_categories_are_added_ordered_and_taken_from_forms_while_old_cases_keep_them(
    admin, practice
):
    product = practice.product
    assert add(admin, product).status_code == 303
    doors = found(product, Category, "doors")
    assert list(offered(product)) == ["user_help", "commercial", "unknown", "doors"]

    admin.post(f"/admin/categories/{doors.id}/move", data={"way": "up"})
    admin.post(f"/admin/categories/{doors.id}/move", data={"way": "up"})
    assert list(offered(product)) == ["user_help", "doors", "commercial", "unknown"]

    case = practice.ask()
    help_id = found(product, Category, "user_help").id
    admin.post(f"/admin/categories/{help_id}/active", data={"active": "no"})

    assert list(offered(product)) == ["doors", "commercial", "unknown"]
    assert on_portal(admin)[0] == {"doors", "commercial", "unknown"}
    with product.db.read() as session:
        assert session.get(Case, case.id).category_id == help_id
        assert topics.active_subcategories(session, "user_help") == []
    assert "1 not offered" in rows(admin.get("/admin/categories"))[0]

    admin.post(f"/admin/categories/{help_id}/active", data={"active": "yes"})
    assert next(iter(offered(product))) == "user_help"


@pytest.mark.requirement_part("COV-19", missing="classifications; queues stand in for them")
def test_categories_have_the_customers_words_and_nothing_else_renames_them(admin, practice):
    product = practice.product
    before = offered(product)
    with product.db.write() as session:  # what the house itself sorts by has names of its own
        for queue in session.query(Queue):
            queue.names = dict.fromkeys(LANGUAGES, f"Renamed {queue.key}")
    assert offered(product) == before
    assert {"category", "queue"} <= {Category.__tablename__, Queue.__tablename__}

    case = practice.ask()
    practice.classify(case, request_type="comment")
    with product.db.read() as session:
        assert session.get(Case, case.id).category_id == found(product, Category, "user_help").id

    topic = found(product, Category, "user_help")
    data = DOORS | {"queue": str(topic.queue_id)}
    admin.post(f"/admin/categories/{topic.id}", data=data)
    assert offered(product)["user_help"] == {"en": "Doors", "nl": "Deuren", "de": "Türen"}
    with product.db.read() as session:
        assert session.get(Case, case.id).category_id == topic.id


@pytest.mark.requirement("COV-21")
def test_the_name_of_a_category_opens_its_subcategories(admin):
    tree = html.fromstring(page(admin.get("/admin/categories")))
    (link,) = tree.xpath("//tbody//a[text()='User help']/@href")

    text = page(admin.get(link))

    for name in ("Signing in", "Something does not work", "How do I …?", "A wish or an idea"):
        assert name in text


def test_subcategories_are_kept_the_same_way(admin, product):
    topic = found(product, Category, "commercial")
    fresh = DOORS | {"priority": "urgent"}

    admin.post(f"/admin/categories/{topic.id}/subcategories", data=fresh)
    doors = found(product, Subcategory, "doors")
    assert (doors.category_id, doors.default_priority) == (topic.id, Priority.URGENT)
    admin.post(f"/admin/subcategories/{doors.id}/move", data={"way": "up"})
    assert list(offered(product, "subcategories", category="commercial")) == [
        *("quotation", "invoice", "doors", "contract")
    ]
    changed = fresh | {"name_en": "Gates", "priority": "low"}
    admin.post(f"/admin/subcategories/{doors.id}", data=changed)
    renamed = found(product, Subcategory, "doors")
    assert (renamed.names["en"], renamed.default_priority) == ("Gates", Priority.LOW)
    admin.post(f"/admin/subcategories/{doors.id}/active", data={"active": "no"})
    assert "doors" not in offered(product, "subcategories", category="commercial")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name_en": ""}, "name_en"),
        ({"name_nl": "   "}, "name_nl"),
        ({"name_de": "x" * 81}, "name_de"),
        ({"name_en": "\0"}, "name_en"),
        ({"queue": ""}, "queue"),
        ({"queue": "999999"}, "queue"),
        ({"queue": "99999999999999999999"}, "queue"),
        ({"queue": "1; DROP TABLE category"}, "queue"),
    ],
)
def test_a_faulty_category_is_refused_at_the_field(admin, product, changed, field):
    before = offered(product)

    refused = add(admin, product, **changed)

    assert refused.status_code == 422
    faulty = html.fromstring(refused.text).xpath("//*[@aria-invalid='true']/@name")
    assert faulty == [field]
    if "name_nl" not in changed:
        assert 'value="Deuren"' in refused.text  # nothing typed is lost
    assert offered(product) == before


@pytest.mark.parametrize("data", [{}, {"priority": "whatever"}, {"priority": "low", "name_en": ""}])
def test_a_faulty_subcategory_is_refused(admin, product, data):
    sub = found(product, Subcategory, "invoice")
    answer = admin.post(f"/admin/subcategories/{sub.id}", data=data)

    assert answer.status_code == 422
    kept = found(product, Subcategory, "invoice")
    assert (kept.names, kept.default_priority) == (sub.names, sub.default_priority)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("categories/{id}/move", {"way": "sideways"}),
        ("categories/{id}/active", {"active": "perhaps"}),
        ("categories/{id}/active", {}),
    ],
)
def test_nonsense_changes_nothing(admin, product, path, data):
    topic = found(product, Category, "commercial")
    before = offered(product)
    assert admin.post(f"/admin/{path.format(id=topic.id)}", data=data).status_code == 422
    assert offered(product) == before


@pytest.mark.parametrize("number", ["99999", "99999999999999999999", "0"])
def test_what_is_not_there_is_not_found(admin, number):
    assert admin.get(f"/admin/categories/{number}").status_code == 404
    for path in (f"categories/{number}", f"subcategories/{number}", f"categories/{number}/move"):
        assert admin.post(f"/admin/{path}", data=DOORS | {"way": "up"}).status_code == 404


def test_names_are_text_wherever_they_show(admin, product):
    nasty = "<img src=x onerror=alert(1)>"
    add(admin, product, name_en=nasty, name_de=nasty)
    topic = found(product, Category, "img_src_x_onerror_alert_1")

    for path in ("/admin/categories", f"/admin/categories/{topic.id}"):
        assert nasty not in page(admin.get(path))


def test_only_admins_keep_categories(client, signed_in, product, anybody):
    signed_in(client, anybody)
    if anybody == "adminUser":
        return
    before = offered(product)
    topic = found(product, Category, "user_help")
    assert client.get("/admin/categories").status_code == 403
    for path in ("", f"/{topic.id}", f"/{topic.id}/active", f"/{topic.id}/move"):
        data = DOORS | {"active": "no", "way": "down", "queue": "1"}
        assert client.post(f"/admin/categories{path}", data=data).status_code == 403
    assert offered(product) == before
