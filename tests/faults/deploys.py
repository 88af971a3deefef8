"""D6: a deployer is killed again and again while clients start instances."""

import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import select

from engine.definitions import unpack
from engine.deployment import bundle_hash
from engine.models import ProcessDefinition, ProcessInstance, ProcessVersion
from tests.faults import invariants
from tests.faults.invariants import Findings
from tests.faults.operations import ROUND
from tests.faults.site import AWAY, Ground, Site, send
from tests.journeys.installation import children_of, until

KILLS = 20
CLIENTS = 4


@dataclass
class Client:
    """Starts instances one after the other."""

    site: Site
    name: str
    over: threading.Event
    accepted: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Go on until told to stop."""
        while not self.over.wait(0.02):
            key = f"{self.name}-{len(self.accepted)}"
            try:
                self._start(key)
            except AWAY as error:
                self.trouble.append(str(error.orig))
            else:
                self.accepted.append(key)

    def _start(self, key: str) -> None:
        engine = self.site.app.engine
        self.site.write(
            lambda session: engine.start(session, ROUND, key=key, data={}, actor="system")
        )


def run(ground: Ground, dialect: str, seed: int, kills: int = KILLS) -> Findings:
    """Kill the deployer at random moments of its work; check what it left."""
    site = ground.site(dialect)
    site.furnish()
    over = threading.Event()
    clients = [Client(site, f"client{number}", over) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    try:
        killed = _kill_deployers(site, random.Random(seed), kills)  # noqa: S311 - repeatable
    finally:
        over.set()
        for thread in threads:
            thread.join()
    found = _check(site, clients)
    found.figures |= {"kills": killed, "seed": seed}
    site.app.db.engine.dispose()
    return found


def _kill_deployers(site: Site, source: random.Random, kills: int) -> int:
    deployer = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.part", "deploy-forever"],
        env=dict(site.webs[0].environment),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    killed = 0
    try:
        until(lambda: len(_versions(site)) > 1, 30)
        while killed < kills:
            time.sleep(source.uniform(0.1, 0.7))
            killed += sum(send(child, signal.SIGKILL) for child in children_of(deployer.pid))
    finally:
        deployer.kill()
        for child in children_of(deployer.pid):
            send(child, signal.SIGKILL)
        deployer.wait()
    return killed


def _versions(site: Site) -> list[int]:
    query = select(ProcessVersion.id).join(
        ProcessDefinition, ProcessDefinition.id == ProcessVersion.definition_id
    )
    return [row.id for row in site.read(query.where(ProcessDefinition.key == ROUND))]


def _check(site: Site, clients: list[Client]) -> Findings:
    found = Findings()
    invariants.check_history(site, found)
    invariants.check_integrity(site, found)
    found.wrong += [trouble for client in clients for trouble in client.trouble]
    versions = site.read(
        select(ProcessVersion.id, ProcessVersion.definition_id, ProcessVersion.bundle_hash)
        .add_columns(ProcessVersion.files)
        .order_by(ProcessVersion.id)
    )
    whole = {row.id for row in versions if bundle_hash(unpack(row.files)) == row.bundle_hash}
    found.wrong += [f"version {row.id} is not whole" for row in versions if row.id not in whole]
    rows = site.read(select(ProcessInstance.key, ProcessInstance.version_id))
    started = {row.key: row.version_id for row in rows}
    accepted = [key for client in clients for key in client.accepted]
    found.lost += [key for key in accepted if started.get(key) not in whole]
    if len(started) > len(accepted):
        found.double.append(f"{len(started)} instances of {len(accepted)} accepted starts")
    for row in site.read(select(ProcessDefinition.key, ProcessDefinition.active_version_id)):
        if row.active_version_id not in whole:
            found.wrong.append(f"{row.key} is active in version {row.active_version_id}")
    found.figures |= {"starts": len(accepted), "versions": len(versions)}
    return found
