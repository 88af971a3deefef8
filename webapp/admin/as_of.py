"""Two people at one form: whoever saves second is told before anything is overwritten."""

import json
from hashlib import sha256
from typing import Any

from flask import request

from webapp.admin.blueprint import bp

FIELD = "_as_of"
"""Hidden field: what was saved when the form was shown."""


@bp.app_template_global("as_of")
def as_of(saved: Any) -> str:
    """Return a short sign of what is saved; it changes with anything in it."""
    told = json.dumps(saved, sort_keys=True, default=str)
    return sha256(told.encode()).hexdigest()[:16]


def has_changed(saved: Any) -> bool:
    """Return whether a form was shown before somebody saved what is there now."""
    shown = request.form.get(FIELD, "")
    return bool(shown) and shown != as_of(saved)
