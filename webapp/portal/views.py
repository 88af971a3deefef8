"""All pages of the portal; importing them adds their addresses to the blueprint."""

from webapp.portal import intake, pages, sign_in
from webapp.portal.blueprint import bp

__all__ = ["bp", "intake", "pages", "sign_in"]
