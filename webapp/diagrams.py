"""Process diagrams as browsers draw them: the deployed file with its labels in one language."""

from functools import lru_cache

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from lxml import etree

from engine.errors import ForbiddenError, NotFoundError
from webapp import auth
from webapp.context import app, tx
from webapp.i18n import LANGUAGES, language

bp = Blueprint("diagrams", __name__)

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_PROPERTY = "{http://spiffworkflow.org/bpmn/schema/1.0/core}property"
_READERS = ("requests", "processes", "instances")
_YEAR = 365 * 24 * 3600


@bp.get("/diagrams/<int:version_id>/<process>.bpmn")
@auth.requires_staff
def show(version_id: int, process: str) -> ResponseReturnValue:
    """Send the diagram of a process as it stands in one deployed version, for good."""
    if not any(auth.may(area, "read") for area in _READERS):
        raise ForbiddenError
    files = app().engine.definitions.get(tx(), version_id).files
    raw = files.get(f"{process}/{process}.bpmn")
    if raw is None:
        raise NotFoundError
    asked = request.args.get("language", "")
    body = translated(raw, asked if asked in LANGUAGES else language())
    headers = {
        "Cache-Control": f"private, max-age={_YEAR}, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(body, mimetype="application/xml", headers=headers)


@bp.app_template_global("diagram_address")
def address(version_id: int, process: str) -> str:
    """Return where the browser finds a diagram in the reader's language."""
    return url_for("diagrams.show", version_id=version_id, process=process, language=language())


@lru_cache(maxsize=128)
def translated(raw: bytes, wanted: str) -> bytes:
    """Return the file with each name replaced by its property `label.<language>`, if it has one."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(raw, parser)
    by_process: dict[str, str] = {}
    for found in root.iter(_PROPERTY):
        if found.get("name") != f"label.{wanted}":
            continue
        owner = _owner(found)
        words = found.get("value")
        if owner is None or not words:
            continue
        owner.set("name", words)
        by_process[owner.get("id", "")] = words
    for pool in root.iter(f"{_BPMN}participant"):
        words = by_process.get(pool.get("processRef", ""))
        if words:
            pool.set("name", words)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _owner(found: etree._Element) -> etree._Element | None:
    """Return the element whose extension properties these are."""
    holder = found.getparent()
    extensions = None if holder is None else holder.getparent()
    return None if extensions is None else extensions.getparent()
