"""The web application, put together from its parts."""

from importlib import import_module
from importlib.util import find_spec
from urllib.parse import urlsplit

from flask import Flask, redirect
from flask.typing import ResponseReturnValue

from processes.bootstrap import App
from webapp import (
    appearance,
    assets,
    auth,
    context,
    errors,
    i18n,
    live,
    logs,
    navigation,
    numbers,
    security,
    sessions,
    shortage,
    words,
)
from webapp.config import WebSettings
from webapp.context import TransactionalFlask

_BRAND = "Casewright"
_AREAS = ("account", "desk", "portal", "admin", "designer", "files")


def create_app(product: App, settings: WebSettings) -> Flask:
    """Return the web face of a wired product."""
    web = TransactionalFlask(__name__, static_folder=None)
    web.config.update(
        SECRET_KEY=product.settings.secret_key.get_secret_value(),
        SECRET_KEY_FALLBACKS=settings.former_keys,
    )
    web.jinja_env.add_extension("jinja2.ext.do")
    web.jinja_env.trim_blocks = web.jinja_env.lstrip_blocks = True
    public_url = product.settings.public_url
    web.session_interface = sessions.DatabaseSessions(secure=urlsplit(public_url).scheme == "https")
    numbers.init(web)
    context.init(web, product)
    logs.init(web)
    web.before_request(sessions.insist)
    security.init(web, settings, public_url)
    auth.init(web)
    i18n.init(web)
    appearance.init(web, _BRAND, demo=product.settings.demo)
    words.init(web)
    navigation.init(web)
    errors.init(web)
    live.init(web, product, settings.live_streams)
    _add_areas(web, demo=product.settings.demo)
    web.add_url_rule("/", "home", _home)
    assets.init(web)
    shortage.init(web, i18n.LANGUAGES)
    return web


def _add_areas(web: Flask, *, demo: bool) -> None:
    """Register the pages of every area that is there."""
    for area in (*_AREAS, "health", "diagrams", *(("demo", "demo_mail") if demo else ())):
        name = f"webapp.{area}.views" if area in _AREAS else f"webapp.{area}"
        if area in _AREAS and find_spec(f"webapp.{area}") is None:
            continue
        web.register_blueprint(import_module(name).bp)


def _home() -> ResponseReturnValue:
    """Send everybody to their first page."""
    return redirect(navigation.start(), 303)
