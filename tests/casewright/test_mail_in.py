"""`casewright mail-in`: raw messages from files, as if they had been fetched."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from casewright import mail_in
from casewright.__main__ import main
from processes.cases.models import Case
from processes.mail.models import IncomingMail
from tests.processes.fixtures import furnished, house
from tests.processes.post import SUPPORT, Post, raw_mail

__all__ = ["furnished", "house"]


@pytest.fixture
def post(house):
    return Post(house)


@pytest.fixture
def command(house, monkeypatch):
    """The command on the house's database; gives the exit code."""
    settings = house.app.settings
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("SECRET_KEY", settings.secret_key.get_secret_value())
    monkeypatch.setattr(os, "environ", dict(os.environ))  # the command settles defaults in it

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["mail-in", *map(str, words)])
        return ended.value.code

    return run


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_file_gets_a_line_of_what_became_of_it(house, post, command, tmp_path, capsys):
    post.mailbox()
    case = house.classified()
    mails = {
        "1-new.eml": raw_mail(),
        "2-reply.eml": post.answer(case),
        "3-list.eml": raw_mail(list_id="<news.example.org>"),
        "4-broken.eml": b"\x00\x01",
    }
    for name, raw in mails.items():
        (tmp_path / name).write_bytes(raw)
    paths = [tmp_path / name for name in mails]
    assert command("--json", *paths) == mail_in.DONE
    found = lines(capsys)
    assert [line["file"] for line in found] == list(map(str, paths))
    assert [list(line) for line in found] == [["file", "stored", "outcome", "case", "why"]] * 4
    assert [line["outcome"] for line in found] == ["new_case", "reply", "filed", "quarantined"]
    assert all(line["stored"] for line in found)
    assert found[1]["case"] == case.number
    assert (found[2]["why"], found[2]["case"]) == ("list", None)
    assert found[3]["why"]


def test_a_mail_fed_twice_is_told_with_the_outcome_it_had(house, post, command, tmp_path, capsys):
    (tmp_path / "a.eml").write_bytes(raw_mail())
    assert command("--json", tmp_path / "a.eml") == mail_in.DONE
    assert command("--json", tmp_path / "a.eml") == mail_in.DONE
    first, second = lines(capsys)
    assert (first["stored"], second["stored"]) == (True, False)
    assert (first["outcome"], first["case"]) == (second["outcome"], second["case"])
    assert post.cases() == 1


def test_a_waiting_mail_counts_as_filed_with_why(post, command, tmp_path, capsys):
    post.inbox()
    (tmp_path / "a.eml").write_bytes(raw_mail())
    command("--json", tmp_path / "a.eml")
    (line,) = lines(capsys)
    assert (line["outcome"], line["why"], line["case"]) == ("filed", "inbox", None)


def test_a_folder_and_standard_input_can_be_fed(house, command, tmp_path, capsys, monkeypatch):
    folder = tmp_path / "mails"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.eml").write_bytes(raw_mail())
    (folder / "deeper" / "b.eml").write_bytes(raw_mail())
    with (tmp_path / "c.eml").open("wb+") as given:
        given.write(raw_mail())
        given.seek(0)
        monkeypatch.setattr(sys, "stdin", open(given.name))  # noqa: PTH123, SIM115
        assert command("--json", folder, "-") == mail_in.DONE
        sys.stdin.close()
    assert [line["file"].rpartition("/")[2] for line in lines(capsys)] == ["a.eml", "b.eml", "-"]


def test_a_file_that_cannot_be_read_is_code_2_and_the_others_are_fed(
    house, command, tmp_path, capsys
):
    (tmp_path / "a.eml").write_bytes(raw_mail())
    assert command(tmp_path / "missing.eml", tmp_path / "a.eml") == mail_in.UNREADABLE
    told = capsys.readouterr()
    assert "missing.eml" in told.err
    assert "a.eml: new_case" in told.out


def test_a_store_that_cannot_keep_a_mail_is_told(post, command, tmp_path, capsys, monkeypatch):
    (tmp_path / "a.eml").write_bytes(raw_mail())
    (tmp_path / "data").mkdir()
    monkeypatch.setitem(os.environ, "DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data" / "files").write_text("in the way")
    assert command("--json", tmp_path / "a.eml") == mail_in.UNREADABLE
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(str(tmp_path / "a.eml"))
    assert post.cases() == 0
    (tmp_path / "data" / "files").unlink()
    assert command("--json", tmp_path / "a.eml") == mail_in.DONE


def test_a_mailbox_can_be_named(house, post, command, tmp_path, capsys):
    box = post.mailbox()
    post.mailbox("sales@care.example", queue="sales")
    (tmp_path / "a.eml").write_bytes(raw_mail(to="sales@care.example"))
    assert command("--mailbox", SUPPORT, tmp_path / "a.eml") == mail_in.DONE
    with house.db.read() as session:
        assert session.scalars(select(Case.mailbox_id)).one() == box.id
    assert command("--mailbox", "nobody@care.example", tmp_path / "a.eml") == mail_in.UNREADABLE
    assert "no mailbox" in capsys.readouterr().err


def test_feeding_beside_workers_makes_one_case_a_mail(house, post):
    """Two feeders and a worker at once, each mail fed by both."""
    mails = [raw_mail(f"Mail {n}", sender=f"p{n}@example.org") for n in range(12)]

    def feed(order):
        return [mail_in.feed(house.app, str(n), mails[n]) for n in order]

    with ThreadPoolExecutor(3) as pool:
        there, back = pool.submit(feed, range(12)), pool.submit(feed, reversed(range(12)))
        worker = pool.submit(post.works)
        found = [*there.result(), *back.result()]
        assert worker.result().failed == 0
    assert [line.outcome for line in found] == ["new_case"] * 24
    assert sum(line.stored for line in found) == 12
    assert post.cases() == 12


def test_without_a_database_the_command_says_what_to_do(tmp_path):
    (tmp_path / "a.eml").write_bytes(raw_mail())
    told = subprocess.run(
        [sys.executable, "-m", "casewright", "mail-in", str(tmp_path / "a.eml")],
        env={**os.environ, "DATABASE_URL": "", "DATA_DIR": str(tmp_path), "SECRET_KEY": "k" * 40},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == mail_in.UNREADABLE
    assert "casewright migrate" in told.stderr
    assert "Traceback" not in told.stderr


def test_the_command_works_in_a_process_of_its_own(house, tmp_path):
    settings = house.app.settings
    (tmp_path / "a.eml").write_bytes(raw_mail())
    told = subprocess.run(
        [sys.executable, "-m", "casewright", "mail-in", "--json", str(tmp_path / "a.eml")],
        env={
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "DATA_DIR": str(tmp_path / "data"),
            "SECRET_KEY": settings.secret_key.get_secret_value(),
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(told.stdout)["outcome"] == "new_case"
    with house.db.read() as session:
        assert session.scalar(select(func.count(IncomingMail.id))) == 1
