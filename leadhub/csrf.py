"""CSRF tokens that look different in every response, since the pages are compressed.

A secret that stands unchanged in compressed pages can be guessed from their sizes (BREACH, breachattack.com).  So the
token of Flask-WTF is mixed with a fresh pad each time it is written, and unmixed when it comes back.
"""

import base64
import binascii
import secrets

from flask import Flask
from flask_wtf.csrf import CSRFProtect, generate_csrf


def masked_token() -> str:
    """The session's CSRF token under a fresh pad: URL-safe base64 of pad and pad XOR token."""
    token = generate_csrf().encode("ascii")
    pad = secrets.token_bytes(len(token))
    return base64.urlsafe_b64encode(pad + _mixed(pad, token)).decode("ascii")


def unmasked(text: str) -> str:
    """The token under the pad; an empty string for what ``masked_token`` can't have written."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
        half = len(raw) // 2
        return _mixed(raw[:half], raw[half:]).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        return ""


def _mixed(pad: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, text, strict=True))


class MaskedCSRFProtect(CSRFProtect):
    """Flask-WTF's protection, reading and writing masked tokens.  Templates write ``csrf_token()``."""

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(lambda: {"csrf_token": masked_token})

    def _get_csrf_token(self) -> str | None:
        token = super()._get_csrf_token()
        return unmasked(token) if token else None
