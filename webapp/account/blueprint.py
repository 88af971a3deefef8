"""Where the pages of staff about themselves are registered."""

from flask import Blueprint

bp = Blueprint("account", __name__)
