"""The address at which a customer finds a quotation: signed, so that none can be guessed or changed."""

import hmac

from itsdangerous import BadSignature, URLSafeSerializer

from leadhub.accounts.notices import address_of
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.jobs.mail_server import current_settings
from leadhub.sales.documents import Quotation

SALT = "quotation-link"


class NoLink(LookupError):
    """Nobody made this link."""


def token_of(row: Quotation) -> str:
    return str(_serializer().dumps([row.id, row.link_key]))


def address(row: Quotation) -> str:
    """Empty for one that has no link: a draft."""
    return address_of("quotation_link.show", token=token_of(row)) if row.link_key else ""


def quotation_of(token: str) -> Quotation | None:
    """None where it was there once: it is gone, or has another link by now.  Raises ``NoLink``."""
    try:
        row_id, key = _serializer().loads(token)
    except (BadSignature, TypeError, ValueError):
        raise NoLink(token) from None
    row = db.session.get(Quotation, row_id) if isinstance(row_id, int) and 0 < row_id <= ID_MAX else None
    is_its = row is not None and hmac.compare_digest(str(row.link_key or "").encode(), str(key).encode())
    return row if is_its and key else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_settings().secret_key, salt=SALT)
