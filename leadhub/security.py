"""Headers, hosts, cookies and limits: what keeps strangers out of every page, in one place."""

import ipaddress
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request

from leadhub.assets import csp_sources
from leadhub.settings import Network, Settings

BODY_MAX = 2 * 1024 * 1024  # bytes; a route that takes files raises it for itself
FIELD_BYTES = 500_000  # of all fields that are no files
FIELDS_MAX = 1000
COOKIE_LIFE = timedelta(days=30)  # of one that stays on a device; sessions end earlier, in the database
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")  # as the Host header has them
HEALTH = ("/healthz", "/readyz")
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


def config_for(settings: Settings) -> dict[str, Any]:
    """Flask settings that follow from the hub's own address."""
    parts = urlsplit(settings.base_url)
    hosts = [*LOOPBACK, *([parts.hostname] if parts.hostname else [])]
    return {
        "MAX_CONTENT_LENGTH": BODY_MAX,
        "MAX_FORM_MEMORY_SIZE": FIELD_BYTES,
        "MAX_FORM_PARTS": FIELDS_MAX,
        "PERMANENT_SESSION_LIFETIME": COOKIE_LIFE,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": _cookie_name(parts.scheme == "https", parts.path),
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": parts.scheme == "https",
        "SESSION_COOKIE_PATH": (parts.path or "") + "/",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "TRUSTED_HOSTS": hosts,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page left open over lunch still saves
    }


def _cookie_name(is_secure: bool, path: str) -> str:
    """The prefixes that browsers keep to (RFC 6265bis, 4.1.3): set over https only, and for this very host where the
    hub has the host for itself."""
    if not is_secure:
        return "leadhub"
    return "__Secure-leadhub" if path else "__Host-leadhub"


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the headers of every answer, and put the hub behind its own address."""
    policy = _policy(app)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.endpoint == "security.logout":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        if settings.base_url.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    app.wsgi_app = BehindProxy(app.wsgi_app, settings)  # type: ignore[method-assign]


def _policy(app: Flask) -> str:
    """No inline script or style; the addresses of the CDN only where its files are not kept here."""
    cdn = csp_sources(app)
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *cdn["script-src"]],
        "style-src": ["'self'", *cdn["style-src"]],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())


class BehindProxy:
    """Gives the app its public scheme and path prefix from BASE_URL, and the caller's address from trusted proxies.

    What a header says of scheme, host or prefix is never believed.
    """

    def __init__(self, wsgi: Wsgi, settings: Settings) -> None:
        parts = urlsplit(settings.base_url)
        self.wsgi = wsgi
        self.scheme = parts.scheme
        self.prefix = parts.path
        self.proxies = settings.trusted_proxies

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if self.scheme:
            environ["wsgi.url_scheme"] = self.scheme
        path = environ.get("PATH_INFO", "")
        if self.prefix:
            environ["SCRIPT_NAME"] = self.prefix
            if path == self.prefix or path.startswith(self.prefix + "/"):
                environ["PATH_INFO"] = path[len(self.prefix) :] or "/"
        if environ.get("PATH_INFO") in HEALTH:
            environ["HTTP_HOST"] = LOOPBACK[0]  # a probe calls by any address, and is told only whether we are well
        if self.proxies:
            environ["REMOTE_ADDR"] = self._caller(environ)
        return self.wsgi(environ, start_response)

    def _caller(self, environ: Environ) -> str:
        """The nearest address that is none of ours: each proxy appends the one it was called from."""
        chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        caller = str(environ.get("REMOTE_ADDR", ""))
        while chain and _is_in(caller, self.proxies):
            caller = chain.pop()
        return caller


def _is_in(text: str, networks: Iterable[Network]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks)
