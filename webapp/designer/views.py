"""All pages below /designer."""

from webapp.designer import deployments, downloads, drafts, processes, starting
from webapp.designer.blueprint import bp

__all__ = ["bp", "deployments", "downloads", "drafts", "processes", "starting"]
