"""Deployed bundles in memory: parsed once a version and process, shared by all threads."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from threading import Lock
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFoundError
from engine.forms.definition import FormDefinition
from engine.models import ProcessDefinition, ProcessVersion
from engine.spiff.elements import Element
from engine.spiff.parser import Bundle, parse

_MAX_CACHED = 200
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Definition:
    """One version of a process, parsed, with the files it was deployed with."""

    version_id: int
    process: str
    files: dict[str, bytes]
    bundle: Bundle

    @cached_property
    def by_id(self) -> dict[tuple[str, str], Element]:
        """Return elements by (process they are drawn in, element id)."""
        return {(element.process, element.id): element for element in self.bundle.elements.values()}

    @property
    def first_message(self) -> str | None:
        """Return the message that stands in when somebody starts the process by hand.

        None when it has a plain start, which needs none.
        """
        entries: list[str | None] = self.bundle.spec.entries
        return None if None in entries else entries[0]

    def form(self, process: str, form_key: str) -> FormDefinition:
        """Return a form of the bundle. Raises NotFoundError."""
        name = f"{process}/forms/{form_key}.form"
        if name not in self.files:
            raise NotFoundError
        known = self._forms.get(name)
        if known is None:
            known = self._forms[name] = FormDefinition.parse(self.files[name], name=name)
        return known

    @cached_property
    def _forms(self) -> dict[str, FormDefinition]:
        return {}


class Definitions:
    """Cache of definitions by version id; least recently used ones leave."""

    def __init__(self) -> None:
        self._cached: OrderedDict[int, Definition] = OrderedDict()
        self._lock = Lock()

    def get(self, session: Session, version_id: int) -> Definition:
        """Return the definition of a version. Raises NotFoundError."""
        with self._lock:
            known = self._cached.get(version_id)
            if known is not None:
                self._cached.move_to_end(version_id)
                return known
        loaded = _load(session, version_id)
        with self._lock:
            self._cached[version_id] = loaded
            while len(self._cached) > _MAX_CACHED:
                self._cached.popitem(last=False)
        return loaded

    def active(self, session: Session, process: str) -> Definition:
        """Return the version on which new instances start. Raises NotFoundError."""
        query = select(ProcessDefinition.active_version_id).where(ProcessDefinition.key == process)
        version_id = session.execute(query).scalar_one_or_none()
        if version_id is None:
            raise NotFoundError(process=process)
        return self.get(session, version_id)


def pack(files: dict[str, bytes]) -> bytes:
    """Return a zip archive that is the same for the same files, whenever it is made."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(ZipInfo(name, _EPOCH), files[name], ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(packed: bytes) -> dict[str, bytes]:
    """Return the files of an archive made by `pack`."""
    with ZipFile(BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _load(session: Session, version_id: int) -> Definition:
    query = (
        select(ProcessVersion.files, ProcessDefinition.key)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessVersion.definition_id)
        .where(ProcessVersion.id == version_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(version=version_id)
    files = unpack(row.files)
    return Definition(version_id, row.key, files, parse(files, row.key))
