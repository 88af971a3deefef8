"""Before it does anything a web or a worker has told the collector what is there to stay."""

import subprocess
import sys

import pytest

_COUNT = "import gc; seen = lambda *_: print(gc.get_freeze_count())\n"
_WORKER = (
    _COUNT
    + """
from types import SimpleNamespace
from workers import main
main.create_worker = lambda *_: SimpleNamespace(start=seen, exitcode=0)
main.main()
"""
)
_WEB = (
    _COUNT
    + """
from types import SimpleNamespace as Some
from casewright import web
from processes.config import Settings
product = Some(db=Some(ring=None), settings=Settings())
options = []
web._Server = lambda given: options.append(given) or Some(run=lambda: None)
web.serve(Some(host="127.0.0.1", port=1), reload=False)
options[0]["post_worker_init"](Some(wsgi=Some(extensions={"casewright": product})))
seen()
"""
)


@pytest.mark.parametrize("part", [_WORKER, _WEB], ids=["worker", "web"])
def test_a_part_takes_what_it_has_loaded_for_permanent(part, tmp_path):
    env = {"SECRET_KEY": "k" * 40, "DATABASE_URL": "sqlite://", "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", part]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    assert int(told.stdout) > 50_000
