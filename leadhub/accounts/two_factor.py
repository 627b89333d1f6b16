"""The second factor of one person: an authenticator app, and codes for the day that it is lost.  Commits nothing."""

from typing import Any

from flask_babel import gettext as _
from flask_security.proxies import _security

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.accounts.services import datastore
from leadhub.accounts.sessions import end_sessions
from leadhub.errors import RuleBroken

METHOD = "authenticator"
WINDOW = 30  # seconds that two clocks may differ


class WrongCode(RuleBroken):
    """Not what the app shows now, or shown and used already."""


def is_on(user: User) -> bool:
    return bool(user.tf_primary_method and user.tf_totp_secret)


def new_secret() -> str:
    """Encrypted: it may wait in a cookie until the person has proved that the app knows it."""
    return str(_security.totp_factory.generate_totp_secret())


def setup_values(user: User, secret: str) -> dict[str, Any]:
    """What a person needs to teach the app: ``image`` (a data: address of the QR code) and ``key`` to type instead."""
    return dict(_security.totp_factory.fetch_setup_values(secret, user))


def switch_on(user: User, secret: str, code: str, *, session_id: int | None) -> list[str]:
    """Returns the recovery codes, which are shown once; every other browser is signed out.  Raises ``WrongCode``;
    nothing is changed then."""
    user.tf_last_counter = None
    if not _security.totp_factory.verify_totp(code.replace(" ", ""), secret, user, WINDOW):
        raise WrongCode(_("This is not the code that the app shows now."))
    datastore.tf_set(user, METHOD, totp_secret=secret)
    end_sessions(user, but=session_id)  # none of them has taken the second step
    audit.record("two_factor", user=user, on=True)
    return new_codes(user)


def new_codes(user: User) -> list[str]:
    """Fresh recovery codes; the old ones are worth nothing any more."""
    return list(_security.mf_recovery_codes_util.create_recovery_codes(user))


def switch_off(user: User, *, by: User) -> None:
    datastore.tf_reset(user)
    datastore.mf_set_recovery_codes(user, None)
    audit.record("two_factor", user=by, person=user.id, on=False)
