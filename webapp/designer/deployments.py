"""Making files active: a checked upload, or an older version again."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import deployment
from engine.deployment import drafts
from engine.deployment.plan import Planned
from engine.errors import DiagramError, NotFoundError
from webapp.auth import requires, staff
from webapp.context import app, tx
from webapp.designer import checks
from webapp.designer.blueprint import bp
from webapp.designer.drafts import draft_page, mine, place_of
from webapp.designer.processes import version_of

LONGEST_COMMENT = 500


@bp.post("/drafts/<uuid:draft_id>/deploy")
@requires("processes", "write")
def deploy(draft_id: UUID) -> ResponseReturnValue:
    """Deploy a checked upload; when anything is wrong with it by now, nothing happens."""
    deployment.lock(tx())  # before the look: what is told below is what then happens
    try:
        draft = mine(draft_id)
    except NotFoundError:  # most often the second of two clicks
        flash(gettext("This upload is gone: deployed, thrown away, or older than a day."), "warn")
        return redirect(url_for("designer.index"), 303)
    checked = checks.check(draft)
    comment = " ".join(request.form.get("comment", "").replace("\0", "").split())
    try:
        deployment.deploy(
            tx(),
            draft.files,
            app().vocabulary,
            actor=staff().actor,
            comment=comment[:LONGEST_COMMENT],
        )
    except (DiagramError, RecursionError):
        return draft_page(checked), 422
    drafts.drop(tx(), draft.id, owner=staff().actor)
    for item in checked.plan:
        flash(_told(checked.name_of(item.process), item), "ok")
    if not checked.plan:
        flash(gettext("Nothing had to be deployed: these files are active already."), "info")
    first = checked.plan[0].process if len(checked.plan) == 1 else draft.process
    return redirect(place_of(first), 303)


@bp.post("/<process>/versions/<int:number>/again")
@requires("processes", "write")
def take_again(process: str, number: int) -> ResponseReturnValue:
    """Lay the files of an older version out for deployment, as if they were uploaded.

    They are the whole bundle: what the version called then comes back with it.
    """
    row = version_of(process, number)
    files = app().engine.definitions.get(tx(), row.id).files
    comment = gettext("Back to version %(version)s", version=number)
    draft = drafts.keep(tx(), files, owner=staff().actor, process=process, comment=comment)
    return redirect(url_for("designer.draft", draft_id=draft.id), 303)


def _told(name: str, item: Planned) -> str:
    if item.again:
        return gettext(
            "%(process)s: version %(version)s is active again.",
            process=name,
            version=item.version,
        )
    return gettext(
        "%(process)s: version %(version)s is deployed. New cases start on it.",
        process=name,
        version=item.version,
    )
