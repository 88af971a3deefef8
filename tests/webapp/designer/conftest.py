"""Designers with their files."""

import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from engine import queries
from engine.definitions import Definitions
from processes.request import services
from tests.webapp.designer.pages import findings


class Designer:
    """A browser in which a process designer works."""

    def __init__(self, product, client):
        self.product, self.client = product, client
        self.shipped = product.shipped_files()

    def upload(self, files, process="", **options):
        """Send files by name; the answer is the page that says what is wrong, or the way there."""
        sent = [FileStorage(io.BytesIO(raw), name) for name, raw in files.items()]
        boundary, body = encode_multipart({"files": sent, "process": process})
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client.post("/designer/uploads", data=body, content_type=kind, **options)

    def checked(self, files, process=""):
        """Upload files that have no errors and return the address of their check."""
        answer = self.upload(files, process)
        assert answer.status_code == 303, findings(answer)
        return answer.headers["Location"]

    def deploy(self, files, process="", comment=""):
        return self.client.post(f"{self.checked(files, process)}/deploy", data={"comment": comment})

    def versions(self, process):
        """Return number, whether it is active, and comment of each version, the newest first."""
        with self.product.db.read() as session:
            rows = queries.versions(session, process)
            return [(row.version, row.active, row.comment) for row in rows]

    def closure(self, wait="P8D", **replaced):
        """Return the shipped closure with another wait, and words replaced."""
        raw = self.shipped["closure/closure.bpmn"].replace(b"P8D", wait.encode())
        for old, new in replaced.items():
            assert old.encode() in raw
            raw = raw.replace(old.encode(), new.encode())
        return raw


@pytest.fixture
def designer(client, product, signed_in):
    signed_in(client, "designerUser")
    return Designer(product, client)


@pytest.fixture(autouse=True)
def fresh_definitions(product):
    """Version ids come again after each test, with other files behind them."""
    product.engine.definitions = Definitions()
    yield
    product.engine.definitions = Definitions()


@pytest.fixture
def practice_of_one(product):
    """One case that waits to be classified; its number."""
    intake = services.Intake(
        name="Sanne de Vries",
        email="sanne@example.com",
        category="user_help",
        subcategory="how_to",
        description="How do I oil a door?",
        language="en",
    )
    with product.db.write() as session:
        return services.submit_request(product, session, intake).number
