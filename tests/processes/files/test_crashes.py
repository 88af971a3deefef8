"""A process that keeps files is killed in the middle: every row has its bytes, whole."""

import random
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from processes.files import services
from processes.files.models import StoredFile
from processes.files.store import store_of
from tests.processes.files.conftest import settings_of

KILLS = 4
KEEPS = """
import os, sys
from processes.bootstrap import build
from processes.files import services
from tests.processes.world import settings_for

app = build(settings_for(sys.argv[1], data_dir=sys.argv[2]))
print("ready", flush=True)
while True:
    with app.db.write() as session:
        stored = services.keep(session, os.urandom(int.from_bytes(os.urandom(2)) * 8))
        services.attach(session, stored, "a.bin", uploaded_by="contact:1")
    print(stored.sha256, flush=True)
"""


def test_no_row_lacks_its_bytes_however_often_a_process_is_killed(
    make_house, database_url, tmp_path
):
    house = make_house(data_dir=tmp_path)
    told = [line for _ in range(KILLS) for line in run_until_killed(database_url, tmp_path)]
    with house.db.read() as session:
        known = set(session.scalars(select(StoredFile.sha256)))
        broken = [
            each for each in known if sha256(services.read(session, each)).hexdigest() != each
        ]
    assert broken == []
    assert len(told) >= KILLS
    assert set(told) <= known  # what was said to be kept is kept
    objects = {item.key[-64:] for item in store_of(settings_of(house)).items("files")}
    assert known <= objects
    assert len(objects - known) <= KILLS  # at most what each was about to write


def run_until_killed(database_url: str, folder: Path) -> list[str]:
    """Return the hashes a process said it had kept before it was killed."""
    child = subprocess.Popen(
        [sys.executable, "-c", KEEPS, database_url, str(folder)],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    child.stdout.readline()
    first = [child.stdout.readline().strip() for _ in range(random.randrange(1, 8))]  # noqa: S311
    # No point of the writing is aimed at: wherever the kill falls, the promise must hold.
    time.sleep(random.uniform(0, 0.1))  # noqa: S311 - no secret is made
    child.send_signal(signal.SIGKILL)
    said, _ = child.communicate()
    return [*first, *(line for line in said.split("\n")[:-1] if len(line) == 64)]
