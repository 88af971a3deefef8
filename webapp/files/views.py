"""Downloads, previews, a page to look at a file, and uploading one by one."""

from flask import Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from engine.errors import AppError, InvalidInputError, NotFoundError
from processes.cases.attachments import Place
from processes.files.kinds import is_picture
from processes.files.models import Attachment, PreviewState
from processes.files.previews import SIZES
from webapp import sentences
from webapp.context import give_up
from webapp.files import sending, words
from webapp.files.access import requires_person, requires_reader
from webapp.files.blueprint import bp, on_both_sides
from webapp.files.uploads import FIELD, take

__all__ = ["bp"]

words.init(bp)


@on_both_sides("/<key>")
@requires_reader
def download(place: Place) -> Response:
    """Send the file for saving; no browser opens it in our pages."""
    return sending.send(place.attachment)


@on_both_sides("/<key>/inline")
@requires_reader
def inline(place: Place) -> Response:
    """Send a raster picture to be shown in the text of its mail; nothing else."""
    if not is_picture(place.attachment.file.media_type):
        raise NotFoundError
    return sending.send(place.attachment, inline=True)


@on_both_sides("/<key>/preview/<size>")
@requires_reader
def preview(place: Place, size: str) -> Response:
    """Send the picture we drew of a file, small or large."""
    if size not in SIZES or place.attachment.file.preview is not PreviewState.READY:
        raise NotFoundError
    return sending.send_preview(place.attachment, size)


@on_both_sides("/<key>/look")
@requires_reader
def look(place: Place) -> str:
    """Show a file large, with its name and size."""
    if place.attachment.file.preview is not PreviewState.READY:
        raise NotFoundError
    return render_template("files/look.html", place=place, attachment=place.attachment)


@on_both_sides("", method="POST")
@requires_person
def upload() -> ResponseReturnValue:
    """Keep one file until a message takes it along.

    Answers with the line a form shows of it, or as JSON for who asks for that; what is wrong is
    said in one sentence.
    """
    try:
        kept = take(request.files.getlist(FIELD))
        if not kept:
            raise InvalidInputError({FIELD: ["required"]})
    except AppError as error:
        give_up()
        return _refused(sentences.sentence(error), error.status)
    if _wants_json():
        return jsonify([_told(each) for each in kept]), 201
    return make_response(render_template("files/uploaded.html", files=kept), 201)


def _refused(sentence: str, status: int) -> ResponseReturnValue:
    if _wants_json():
        return jsonify({"problem": sentence}), status
    return Response(sentence, status, mimetype="text/plain")


def _told(attachment: Attachment) -> dict[str, object]:
    return {
        "key": attachment.key,
        "name": attachment.name,
        "size": attachment.file.size,
        "media_type": attachment.file.media_type,
    }


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"
