"""What every response tells the browser, and which requests are not answered at all."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Forbidden
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.config import WebSettings

_CSP = "Content-Security-Policy"
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
}
"""Only the page a mail is shown by lets itself be framed, under a policy of its own."""
_DRAWING = {"style-src-attr": "'unsafe-inline'"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HERE = frozenset({"same-origin", "none"})
_LOCAL = ("localhost", "127.0.0.1", "[::1]")

csrf = CSRFProtect()


def init(web: Flask, settings: WebSettings, public_url: str) -> None:
    """Answer only our own host and pages, and send every response with its headers."""
    home = urlsplit(public_url)
    with_tls = home.scheme == "https"
    web.config.update(
        OWN_ORIGIN=f"{home.scheme}://{home.netloc}",
        TRUSTED_HOSTS=_hosts(home.hostname, settings, with_tls=with_tls),
        MAX_CONTENT_LENGTH=settings.max_upload,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=1_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=with_tls,
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        fixed = ProxyFix(web.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        web.wsgi_app = fixed  # type: ignore[method-assign]  # the way Flask documents
    web.before_request(_refuse_strangers)
    csrf.init_app(web)
    web.after_request(_add_headers)
    if with_tls:
        web.after_request(_add_tls_headers)
    web.jinja_env.globals.update(draws_diagram=draws_diagram)


def _hosts(own: str | None, settings: WebSettings, *, with_tls: bool) -> list[str]:
    """Return the names we answer to; without TLS this machine's own names are among them."""
    return [*([own] if own else []), *settings.hosts, *(() if with_tls else _LOCAL)]


def draws_diagram() -> str:
    """Let this response's page draw a diagram: the library sets style attributes.

    The diagram macro calls it; a page that gets its diagram later calls it in its layout.
    """
    g.draws_diagram = True
    return ""


def safe_target(asked: str | None, otherwise: str) -> str:
    """Return an address of ours to go to next; `otherwise` for anything that leads elsewhere."""
    if not asked or not asked.isprintable() or "\\" in asked:
        return otherwise
    return asked if asked.startswith("/") and not asked.startswith("//") else otherwise


_LARGEST_FORM = 1_000_000
"""Bytes of a form without files; Werkzeug itself limits other kinds of form only."""


def _refuse_strangers() -> None:
    """Refuse a writing request that another site's page has sent."""
    if request.method in _SAFE:
        return
    if request.mimetype == "application/x-www-form-urlencoded":
        allowed = request.max_content_length or _LARGEST_FORM
        request.max_content_length = min(allowed, _LARGEST_FORM)
    ours = {f"{request.scheme}://{request.host}", current_app.config["OWN_ORIGIN"]}
    if request.headers.get("Origin", request.host_url.rstrip("/")) not in ours:
        raise Forbidden
    if request.headers.get("Sec-Fetch-Site", "none") not in _HERE:
        raise Forbidden


def plain_headers(web: Flask) -> list[tuple[str, str]]:
    """Return what every answer carries, for one that no view has made."""
    with_tls = urlsplit(web.config["OWN_ORIGIN"]).scheme == "https"
    tls = _TLS_ONLY.items() if with_tls else ()
    return [(_CSP, _policy(_POLICY)), *_HEADERS.items(), ("Cache-Control", "no-store"), *tls]


def _policy(rules: Mapping[str, str]) -> str:
    return "; ".join(f"{what} {who}" for what, who in rules.items())


def _add_headers(response: Response) -> Response:
    drawing = _DRAWING if g.get("draws_diagram", False) else {}
    response.headers.setdefault(_CSP, _policy(_POLICY | drawing))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _add_tls_headers(response: Response) -> Response:
    response.headers.update(_TLS_ONLY)
    return response
