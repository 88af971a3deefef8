import pytest

from tests.webapp.conftest import page
from webapp import assets
from webapp.app import create_app
from webapp.config import WebSettings


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return how a build writes its manifest; the folder begins empty."""
    monkeypatch.setattr(assets, "_BUILT", tmp_path)

    def write(text: str) -> None:
        (tmp_path / "manifest.json").write_text(text)

    return write


def test_pages_work_without_a_bundle_and_say_what_is_missing(product, build):
    text = page(create_app(product, WebSettings()).test_client().get("/sign-in"))

    assert "make assets" in text
    assert "<script" not in text


def test_a_new_bundle_is_named_on_the_next_page(product, build):
    client = create_app(product, WebSettings()).test_client()
    build('{"app.css": "app-AAAAAAAA.css", "app.js": "app-BBBBBBBB.js"}')
    assert "/static/dist/app-AAAAAAAA.css" in page(client.get("/sign-in"))

    build('{"app.css": "app-CCCCCCCC.css", "app.js": "app-BBBBBBBB.js"}')

    text = page(client.get("/sign-in"))
    assert "/static/dist/app-CCCCCCCC.css" in text
    assert "make assets" not in text


def test_files_with_their_hash_in_the_name_may_be_kept_for_good(client):
    text = page(client.get("/sign-in"))
    style = text.split('<link rel="stylesheet" href="')[1].split('"')[0]

    with client.get(style, headers={"Accept-Encoding": "gzip"}) as answer:
        headers = answer.headers

    assert answer.status_code == 200
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Encoding"] == "gzip"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers


def test_other_files_change_their_address_with_their_content(client):
    text = page(client.get("/sign-in"))
    icon = text.split('<link rel="icon" href="')[1].split('"')[0]

    with client.get(icon) as answer:
        headers = answer.headers

    assert "?v=" in icon
    assert headers["Content-Type"].startswith("image/svg+xml")
    assert "immutable" not in headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../config.py",
        "/static/dist/../../app.py",
        "/static/%2e%2e/config.py",
        "/static//etc/passwd",
        "/static/dist/manifest.json%00",
        "/static/",
    ],
)
def test_nothing_beside_the_static_files_is_served(client, path):
    assert client.get(path).status_code == 404
