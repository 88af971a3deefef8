"""Deploying: files in, new versions out, all or nothing.

A bundle is the folder of a process with the folders of everything it calls. Deploying a file
makes a new version of every bundle that contains it; running instances keep theirs.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.definitions import pack, unpack
from engine.errors import DiagramError
from engine.linter import Finding, Vocabulary, lint
from engine.message_buffer import subscribe_starts
from engine.models import ProcessDefinition, ProcessVersion
from engine.spiff.parser import start_messages
from engine.spiff.sources import Sources, processes
from engine.spiff.xml import UnreadableXmlError

DEPLOYED_SUFFIXES = (".bpmn", ".dmn", ".form")


@dataclass(frozen=True)
class Origin:
    """Who deploys, why, and which warnings they accept."""

    actor: str
    comment: str
    findings: list[Finding]


def current_files(session: Session) -> dict[str, bytes]:
    """Return every file of every active version, by `<process>/<name>`."""
    query = select(ProcessVersion.files).join(
        ProcessDefinition, ProcessDefinition.active_version_id == ProcessVersion.id
    )
    files: dict[str, bytes] = {}
    for packed in session.scalars(query):
        files |= unpack(packed)
    return files


def check(
    session: Session, files: Mapping[str, bytes], vocabulary: Vocabulary, *, trial: bool = True
) -> list[Finding]:
    """Return what is wrong with every bundle that `files` change; deploys nothing.

    They are laid over what is deployed now. Of processes they leave alone nothing is said: these
    get no new version, whatever the rules of today find in them.
    """
    merged = Sources({**current_files(session), **files})
    return lint(_touched(merged, files), vocabulary, trial=trial)


def deploy(
    session: Session,
    files: Mapping[str, bytes],
    vocabulary: Vocabulary,
    *,
    actor: str,
    comment: str = "",
    trial: bool = True,
) -> list[ProcessVersion]:
    """Deploy `files` over what is active and return the new versions, made active at once.

    Nothing is written and DiagramError raised when any finding is an error. Bundles that come
    out unchanged get no new version. `trial` starts every process in a limited child process
    first (`engine.linter.trial` states its cost).
    """
    lock(session)
    merged = Sources({**current_files(session), **files})
    findings = lint(_touched(merged, files), vocabulary, trial=trial)
    if any(finding.severity == "error" for finding in findings):
        raise DiagramError(findings)
    made = []
    for process, name in _executable(merged):
        origin = Origin(actor, comment, findings)
        version = _store(session, process, name, bundle_of(merged, process), origin)
        if version is not None:
            made.append(version)
    session.flush()
    return made


def bundle_of(files: Mapping[str, bytes], process: str) -> dict[str, bytes]:
    """Return the files of a process and of all it calls, however deep."""
    return dict(Sources.of(files).bundle(process))


def _touched(merged: Sources, files: Mapping[str, bytes]) -> Sources:
    """Return the files of every bundle that holds one of `files`; all when one is unreadable."""
    names = set(files)
    for diagram in merged.named(".bpmn"):
        try:
            bundle = merged.bundle(diagram.split("/", 1)[0])
        except UnreadableXmlError:
            return merged
        if files.keys() & bundle.keys():
            names |= bundle.keys()
    return merged.only(names)


def bundle_hash(files: Mapping[str, bytes]) -> str:
    """Return SHA-256 over names and contents."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()


def lock(session: Session) -> None:
    """Let one deployment run at a time; on SQLite the writing transaction already does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(0x0CA5E)))


def _executable(files: Sources) -> list[tuple[str, str]]:
    return [item for name in sorted(files.named(".bpmn")) for item in processes(files.root(name))]


def _store(
    session: Session, process: str, name: str, bundle: dict[str, bytes], origin: Origin
) -> ProcessVersion | None:
    """Add a version unless the active one already holds exactly these files."""
    definition = session.scalar(select(ProcessDefinition).where(ProcessDefinition.key == process))
    if definition is None:
        definition = ProcessDefinition(key=process, name=name)
        session.add(definition)
        session.flush()  # its versions need its id
    digest = bundle_hash(bundle)
    known = session.scalar(
        select(ProcessVersion).where(
            ProcessVersion.definition_id == definition.id, ProcessVersion.bundle_hash == digest
        )
    )
    if known is not None and definition.active_version_id == known.id:
        return None
    version = known or _new_version(session, definition, bundle, digest, origin)
    definition.active_version_id, definition.name = version.id, name
    subscribe_starts(session, definition.id, sorted(_start_messages(bundle, process)))
    return version


def _start_messages(bundle: Mapping[str, bytes], process: str) -> set[str]:
    """Return the messages that start a process, not those that start what it calls."""
    own = [name for name in bundle if name.startswith(f"{process}/") and name.endswith(".bpmn")]
    return {message for name in own for message in start_messages(bundle[name])}


def _new_version(
    session: Session,
    definition: ProcessDefinition,
    bundle: dict[str, bytes],
    digest: str,
    origin: Origin,
) -> ProcessVersion:
    newest = session.scalar(
        select(func.max(ProcessVersion.version)).where(
            ProcessVersion.definition_id == definition.id
        )
    )
    version = ProcessVersion(
        definition_id=definition.id,
        version=(newest or 0) + 1,
        bundle_hash=digest,
        files=pack(bundle),
        findings=[finding.as_json() for finding in origin.findings if finding.file in bundle],
        comment=origin.comment,
        deployed_by=origin.actor,
        deployed_at=clock.business_now(session),
    )
    session.add(version)
    session.flush()  # the definition points at its id
    return version
