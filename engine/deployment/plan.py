"""What a deployment would do, told before anybody decides on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.deployment.bundles import bundle_hash, bundle_of
from engine.models import ProcessDefinition, ProcessVersion
from engine.spiff.sources import Sources, processes


@dataclass(frozen=True)
class Planned:
    """One process that a deployment would change."""

    process: str
    version: int
    """The version new instances would then start on."""
    again: bool
    """True: a version deployed before becomes active again; else it is a new one."""


@dataclass(frozen=True)
class FileChange:
    """One file of a deployment beside what is active now."""

    name: str
    state: Literal["new", "changed", "same"]
    size: int


def planned(
    session: Session, files: Mapping[str, bytes], current: Mapping[str, bytes]
) -> list[Planned]:
    """Return the processes whose new instances would run on another version, by id.

    `files` are readable diagrams without errors; `current` is what is deployed now.
    """
    merged = Sources({**current, **files})
    found = []
    for name in sorted(merged.named(".bpmn")):
        for process, _ in processes(merged.root(name)):
            change = _change(session, process, bundle_hash(bundle_of(merged, process)))
            if change is not None:
                found.append(change)
    return found


def changes(files: Mapping[str, bytes], current: Mapping[str, bytes]) -> list[FileChange]:
    """Return each file with how it differs from the one deployed now, by name."""
    return [
        FileChange(name, _state(raw, current.get(name)), len(raw))
        for name, raw in sorted(files.items())
    ]


def _change(session: Session, process: str, digest: str) -> Planned | None:
    definition = session.scalar(select(ProcessDefinition).where(ProcessDefinition.key == process))
    if definition is None:
        return Planned(process, 1, again=False)
    known = session.execute(
        select(ProcessVersion.id, ProcessVersion.version).where(
            ProcessVersion.definition_id == definition.id, ProcessVersion.bundle_hash == digest
        )
    ).one_or_none()
    if known is not None and known.id == definition.active_version_id:
        return None
    if known is not None:
        return Planned(process, known.version, again=True)
    newest = session.scalar(
        select(func.max(ProcessVersion.version)).where(
            ProcessVersion.definition_id == definition.id
        )
    )
    return Planned(process, (newest or 0) + 1, again=False)


def _state(raw: bytes, deployed: bytes | None) -> Literal["new", "changed", "same"]:
    if deployed is None:
        return "new"
    return "same" if deployed == raw else "changed"
