"""Files on their way between a browser and a bucket."""

import os
from dataclasses import replace

import pytest

from tests.processes.files.conftest import s3_server
from tests.webapp.files.conftest import upload
from webapp.app import create_app
from webapp.config import WebSettings

__all__ = ["s3_server"]
CONTENT = os.urandom(7_000_000)


@pytest.fixture
def desk(product, s3_server, signed_in, tmp_path):
    """Mila's browser at an installation that keeps its files in a bucket."""
    told = s3_server.settings | {"files_url": f"{s3_server.settings['files_url']}/{tmp_path.name}"}
    settings = type(product.settings)(**(product.settings.model_dump() | told))
    web = create_app(replace(product, settings=settings), WebSettings())
    web.config.update(WTF_CSRF_ENABLED=False)
    browser = web.test_client()
    signed_in(browser, "serviceUser")
    return browser


def test_a_file_goes_to_the_bucket_and_comes_back_whole_and_in_part(desk, tmp_path):
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="data.bin"\r\n\r\n'
    sent = desk.post(
        "/files",
        data=head + CONTENT + b"\r\n--x--\r\n",  # the client's own way leaves a file open
        content_type="multipart/form-data; boundary=x",
        headers={"Accept": "application/json"},
    )
    address = f"/files/{sent.json[0]['key']}"
    assert desk.get(address).data == CONTENT
    part = desk.get(address, headers={"Range": "bytes=6000000-6000009"})
    assert (part.status_code, part.data) == (206, CONTENT[6_000_000:6_000_010])
    assert not (tmp_path / "files").exists()


def test_an_empty_file_comes_back_from_the_bucket(desk):
    sent = upload(desk, ("empty.txt", b""), headers={"Accept": "application/json"})
    answer = desk.get(f"/files/{sent.json[0]['key']}")
    assert (answer.status_code, answer.data) == (200, b"")


def test_a_bucket_that_went_away_is_told_in_a_sentence(desk, s3_server):
    sent = upload(desk, ("data.bin", b"data"), headers={"Accept": "application/json"})
    s3_server.stop()
    try:
        answer = desk.get(f"/files/{sent.json[0]['key']}")
        assert answer.status_code == 503
        assert "cannot be reached at the moment" in answer.text
        again = upload(desk, ("more.bin", b"more"))
        assert again.status_code == 503
        assert s3_server.settings["files_secret"] not in answer.text + again.text
    finally:
        s3_server.start()
