"""`casewright run`, as people start it."""

import os
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from processes.demo.post.place import at


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe  # held until the test lets go


def _start(folder, number, **more):
    given = {"DATA_DIR": str(folder), "PORT": str(number), "CASEWRIGHT_DEMO": "1", **more}
    return subprocess.Popen(
        [sys.executable, "-m", "casewright", "run"],
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _answers(url, seconds=60):
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        try:
            with urlopen(url, timeout=2) as answer:
                return answer.status == 200
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def test_a_demo_starts_from_nothing_makes_a_case_of_a_mail_and_ends_with_ctrl_c(tmp_path, port):
    number = port.getsockname()[1]
    port.close()
    product = _start(tmp_path, number)
    try:
        assert _answers(f"http://127.0.0.1:{number}/sign-in"), product.stdout.read()
        lines = []
        while "Ctrl-C" not in (lines[-1] if lines else ""):
            lines.append(product.stdout.readline())
        assert f"http://127.0.0.1:{number}" in "".join(lines)
        assert "serviceUser" in "".join(lines)
        assert f"http://127.0.0.1:{number}/demo/mail" in "".join(lines)
        world = at(tmp_path)
        with smtplib.SMTP("127.0.0.1", world.smtp_port, timeout=10) as server:
            message = "From: ann@b.example\nSubject: A crack\n\nThe tank has a crack.\n"
            server.sendmail("ann@b.example", ["support@casewright.example"], message)
        assert _case_of("ann@b.example", tmp_path / "casewright.db")
    finally:
        product.send_signal(signal.SIGINT)
        product.communicate(timeout=30)
    assert product.returncode == 0


def _case_of(address, database, seconds=30):
    """Wait until a mail has become a case."""
    last = time.monotonic() + seconds
    asked = "SELECT case_id FROM incoming_mail WHERE from_address = ? AND state = 'new_case'"
    while time.monotonic() < last:
        with closing(sqlite3.connect(database)) as connection:
            found = connection.execute(asked, (address,)).fetchone()
        if found:
            return found[0]
        time.sleep(0.2)  # the product's own worker fetches it meanwhile
    return None


def test_a_taken_port_is_named(tmp_path, port):
    port.listen()
    number = port.getsockname()[1]
    refused = _start(tmp_path, number)
    output, _ = refused.communicate(timeout=60)
    assert (refused.returncode, str(number) in output) == (1, True)
