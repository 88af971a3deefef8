"""The pages of those who keep the product running."""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")
