"""Sets the hub up, once.  Commits nothing."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts import services as accounts
from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.models import ONLY_ID, Hub
from leadhub.hub.queries import hub
from leadhub.leads.key_jobs import renew_keys
from leadhub.setup.samples import load_samples


class AlreadySetUp(RuleBroken):
    """Somebody was faster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HubChoices:
    """What a team decides once.  ``country`` is ISO 3166-1 alpha-2, ``currency`` ISO 4217; with ``bin_days`` 0 what is
    in the bin stays there."""

    language: str
    time_zone: str
    country: str
    currency: str
    makes_quotations: bool
    bin_days: int = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstAdmin:
    """Who signs in first."""

    name: str
    email: str
    password: str


def new_setup_token() -> str:
    """A token for the link to the set-up page; those made before are worth nothing any more."""
    token = secrets.token_urlsafe(32)
    hub().setup_token_hash = _hash(token)
    return token


def is_setup_token(token: str) -> bool:
    row = hub()
    kept = row.setup_token_hash
    return row.set_up_at is None and kept is not None and hmac.compare_digest(kept, _hash(token))


def set_up(choices: HubChoices, admin: FirstAdmin, *, with_samples: bool) -> User:
    """Make the admin, keep the choices, and close the set-up page for ever.

    Raises ``AlreadySetUp``, or what ``accounts.services.create_user`` raises; nothing is stored then.
    """
    claim = sa.update(Hub).where(Hub.id == ONLY_ID, Hub.set_up_at.is_(None)).values(set_up_at=utcnow())
    if db.session.execute(claim).rowcount != 1:  # type: ignore[attr-defined]  # of two at once, the second waits here
        raise AlreadySetUp(_("This hub is set up already."))
    row = hub()
    user = accounts.create_user(admin.email, admin.password, role="admin", name=admin.name)
    keep_choices(row, choices)
    row.setup_token_hash = None
    if with_samples:
        load_samples(by=user)
    return user


def keep_choices(row: Hub, choices: HubChoices) -> None:
    row.language = choices.language
    row.time_zone = choices.time_zone
    if row.country != choices.country:
        row.country = choices.country
        renew_keys()
    row.currency = choices.currency
    row.makes_quotations = choices.makes_quotations
    row.bin_days = choices.bin_days


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
