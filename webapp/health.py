"""A sign of life for whoever watches over the processes."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from webapp.context import tx

bp = Blueprint("health", __name__)


@bp.get("/health")
def health() -> ResponseReturnValue:
    """Say that this process answers and reaches its database."""
    tx().execute(text("SELECT 1"))
    return {"status": "ok"}
