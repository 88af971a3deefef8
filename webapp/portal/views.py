"""All pages of the portal; importing them adds their addresses to the blueprint."""

from webapp.portal import door, intake, pages
from webapp.portal.blueprint import bp

__all__ = ["bp", "door", "intake", "pages"]
