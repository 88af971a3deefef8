"""The pages of those who draw the processes."""

from flask import Blueprint

bp = Blueprint("designer", __name__, url_prefix="/designer")
