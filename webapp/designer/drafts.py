"""Files between upload and deployment: checked, drawn, thrown away."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import deployment
from engine.definitions import pack
from engine.deployment import drafts
from engine.deployment.drafts import Draft
from engine.deployment.placement import MisplacedFileError, place
from engine.errors import NotFoundError
from webapp import diagrams
from webapp.auth import requires, staff
from webapp.context import checkpoint, give_up, give_way, tx
from webapp.designer import checks, imports, uploads
from webapp.designer.blueprint import bp
from webapp.designer.checks import Check
from webapp.designer.downloads import attachment
from webapp.designer.processes import index_page, process_page
from webapp.designer.rules import RULES
from webapp.i18n import language
from webapp.numbers import whole_number
from webapp.sentences import said

_LONGEST_ID = 100


@bp.post("/uploads")
@requires("processes", "write")
def upload() -> ResponseReturnValue:
    """Keep the files that were sent and say what is wrong with them; deploys nothing."""
    process = request.form.get("process", "")[:_LONGEST_ID]
    give_way()  # reading and converting take their time
    try:
        sent = imports.converted(uploads.read(request.files.getlist("files")))
        files = place(sent.files, deployment.current_files(tx()), process)
    except uploads.UploadError as error:
        return _refused(process, str(error))
    except MisplacedFileError as error:
        words = gettext("Nobody can say where %(name)s belongs. Choose a process.", name=error.name)
        return _refused(process, words)
    notes = imports.placed(sent, files)
    draft = drafts.keep(tx(), files, owner=staff().actor, process=process, notes=notes)
    checkpoint()  # kept also when the answer is a refusal
    give_up()  # checking takes its time and only reads: nobody else shall wait with writing
    checked = checks.check(draft)
    if checked.errors:
        return draft_page(checked), 422
    return redirect(url_for("designer.draft", draft_id=draft.id), 303)


@bp.get("/drafts/<uuid:draft_id>")
@requires("processes", "write")
def draft(draft_id: UUID) -> ResponseReturnValue:
    """Show an upload with every finding on it."""
    return draft_page(checks.check(mine(draft_id)))


@bp.post("/drafts/<uuid:draft_id>/drop")
@requires("processes", "write")
def drop(draft_id: UUID) -> ResponseReturnValue:
    """Throw an upload away."""
    process = mine(draft_id).process
    drafts.drop(tx(), draft_id, owner=staff().actor)
    flash(gettext("The upload is thrown away."), "ok")
    return redirect(place_of(process), 303)


@bp.get("/drafts/<uuid:draft_id>/files/<path:name>")
@requires("processes", "write")
def draft_file(draft_id: UUID, name: str) -> ResponseReturnValue:
    """Send a diagram of an upload, or one it leaves as it is, to be drawn."""
    checked = checks.check(mine(draft_id), trial=False)
    if name not in checked.drawn():
        raise NotFoundError
    body = diagrams.translated(checked.merged[name], language())
    return attachment(body, name.rsplit("/", 1)[-1], "application/xml")


@bp.get("/drafts/<uuid:draft_id>/files.zip")
@requires("processes", "write")
def draft_archive(draft_id: UUID) -> ResponseReturnValue:
    """Send the files of an upload as they would be deployed, converted ones included."""
    draft = mine(draft_id)
    return attachment(pack(draft.files), "converted.zip", "application/zip")


def mine(draft_id: UUID) -> Draft:
    """Return a draft of the person who asks. Raises NotFoundError."""
    return drafts.load(tx(), draft_id, owner=staff().actor)


def draft_page(checked: Check) -> str:
    """Return the page of a checked upload."""
    drawn = checked.drawn()
    file = request.args.get("file", "")
    element = request.args.get("element", "")
    line = whole_number(request.args.get("line", "")) or 0
    if file not in checked.merged:
        file = next((f.file for f in checked.found if f.file in drawn), drawn[0] if drawn else "")
    return render_template(
        "designer/draft.html",
        checked=checked,
        draft=checked.draft,
        notes=imports.shown(checked.draft.notes),
        topics=imports.TOPICS,
        weights=imports.WEIGHTS,
        rules=RULES,
        said=said,
        hidden=len(checked.errors) + len(checked.warnings) - len(checked.found),
        drawn=drawn,
        file=file,
        element=element,
        focus=_focus(checked, file, element),
        line=line,
        excerpt=checks.excerpt(checked.merged.get(file, b""), line),
    )


def _focus(checked: Check, file: str, element: str) -> str:
    """Return the shape to look at for the chosen element; the element itself when nobody knows."""
    chosen = (item for item in checked.found if (item.file, item.element_id) == (file, element))
    return next((checked.shape(item) for item in chosen), element)


def place_of(process: str) -> str:
    """Return the address of the process's page; that of all processes when it has none."""
    known = any(name.startswith(f"{process}/") for name in deployment.current_files(tx()))
    if process and known:
        return url_for("designer.process", process=process)
    return url_for("designer.index")


def _refused(process: str, words: str) -> ResponseReturnValue:
    try:
        page = process_page(process, words) if process else index_page(words)
    except NotFoundError:
        page = index_page(words)
    return page, 422
