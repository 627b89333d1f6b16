"""What Flask-Security needs to sign people in as the hub wants it: tries are counted, codes of an app are good once."""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import sqlalchemy as sa
from flask import Flask, abort, g, redirect, request, session, url_for
from flask_security import LoginForm, Totp, current_user
from flask_security.forms import TwoFactorVerifyCodeForm
from flask_security.recovery_codes import MfRecoveryCodesUtil, MfRecoveryForm
from flask_security.tf_plugin import tf_clean_session
from passlib.totp import TOTP, AppWallet, TotpMatch
from werkzeug.datastructures import MultiDict

from leadhub.accounts.failures import one_try
from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.settings import Settings
from leadhub.web import own_path

STEP = "first_step"  # in the cookie: when the password was right, and a digest of what it was right for
STEP_SECONDS = 600
SECOND_STEP = ("two_factor_token_validation", "mf_recovery")


class CountedSignIn(LoginForm):
    """E-mail and password."""

    def validate(self, **kwargs: Any) -> bool:
        with one_try("sign_in", self.email.data or "") as attempt:
            right = bool(super().validate(**kwargs))
            attempt.user = self.user
            if right:
                attempt.succeed()
                g.judged_password = _hashes_of(self.user)
                session[STEP] = [int(time.time()), _digest(self.user, g.judged_password[0])]
        return right


class SecondStep:
    """What both forms of the second step share: tries are counted, and judged under a lock on the person's row."""

    user: User

    def validate(self, **kwargs: Any) -> bool:
        with one_try("code", self.user.email) as attempt:
            attempt.user = _locked(self.user)
            right = _is_same_person(self.user) and bool(super().validate(**kwargs))  # type: ignore[misc]
            if right:
                attempt.succeed()
        return right


class CountedCode(SecondStep, TwoFactorVerifyCodeForm):
    """The six digits of an authenticator app."""


class CountedRecovery(SecondStep, MfRecoveryForm):
    """One of the codes kept for the day that the app is lost."""


class OnceCodes(MfRecoveryCodesUtil):
    """Recovery codes; to look whether one is right uses it up, under the lock of the form above."""

    def check_recovery_code(self, user: User, code: str) -> bool:
        right = bool(super().check_recovery_code(user, code))
        return right and bool(super().delete_recovery_code(user, code))

    def delete_recovery_code(self, user: User, code: str) -> bool:
        return True  # it is gone already


class OnceTotp(Totp):
    """Time-based codes (RFC 6238); one that was used, and those before it, are refused (section 5.2 there)."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        """The newest key, which encrypts, is the first one; the others only decrypt."""
        self._totp = TOTP.using(issuer=issuer, wallet=AppWallet(secrets, default_tag=next(iter(secrets))))

    def get_last_counter(self, user: User) -> int | None:
        return user.tf_last_counter

    def set_last_counter(self, user: User, tmatch: TotpMatch) -> None:
        user.tf_last_counter = tmatch.counter


def config_for(settings: Settings) -> dict[str, Any]:
    """Settings of Flask-Security: an authenticator app as the second factor, and codes for when it is lost."""
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # seconds that two clocks may differ
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
        "SECURITY_TOTP_SECRETS": {_tag(key): key for key in settings.encryption_keys},
        "SECURITY_TOTP_ISSUER": "LeadHub",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [key.encode() for key in settings.encryption_keys],
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/login/recovery",
    }


FORMS = {
    "login_form": CountedSignIn,
    "two_factor_verify_code_form": CountedCode,
    "mf_recovery_form": CountedRecovery,
}
CLASSES: dict[str, Any] = {"totp_cls": OnceTotp, "mf_recovery_codes_util_cls": OnceCodes}
UNUSED = (
    "two_factor_setup", "two_factor_setup_validate", "two_factor_rescue", "tf_select", "mf_recovery_codes", "verify",
)  # fmt: skip
"""Views of Flask-Security that the hub has others for, or no use."""


def init_app(app: Flask) -> None:
    """Close the library's pages that the hub has others for, and guard the two of the second step."""
    app.before_request(_refuse_oddities)
    for name in UNUSED:
        app.view_functions[f"security.{name}"] = _not_here
    for name in SECOND_STEP:
        app.view_functions[f"security.{name}"] = _guarded(app.view_functions[f"security.{name}"])


def _refuse_oddities() -> None:
    """Its pages take forms, not JSON; and lead back to pages of this hub alone."""
    if request.blueprint != "security":
        return
    if request.is_json:
        abort(415)
    for name in ("args", "form"):
        sent = getattr(request, name)
        if not own_path(sent.get("next")):
            kept = MultiDict((key, text) for key, text in sent.items(multi=True) if key != "next")
            setattr(request, name, kept)


def _not_here(**values: str) -> NoReturn:
    abort(404)


def _guarded(view: Callable[..., Any]) -> Callable[..., Any]:
    """The second step is for somebody who has just taken the first, and for nobody who is in already."""

    @wraps(view)
    def guarded(**values: str) -> Any:
        if current_user.is_authenticated:
            return redirect(url_for("home"), 303)
        if time.time() - session.get(STEP, [0])[0] > STEP_SECONDS:
            tf_clean_session()
            return redirect(url_for("security.login"), 303)
        return view(**values)

    return guarded


def _hashes_of(user: User) -> tuple[str, str | None]:
    """The hash that was judged, and the one that the library would have in its place, if it wants another."""
    history: Any = sa.inspect(user).attrs.password.history
    return (str(history.deleted[0]), user.password) if history.deleted else (user.password, None)


def _digest(user: User, password_hash: str) -> str:
    """Of everything that must not change between the two steps."""
    return hashlib.sha256(f"{user.fs_uniquifier} {password_hash}".encode()).hexdigest()


def _is_same_person(user: User) -> bool:
    return bool(user.active and session[STEP][1] == _digest(user, user.password))


def _locked(user: User) -> User:
    """As the row is now; two tries with one code wait for each other here."""
    row = sa.select(User).where(User.id == user.id).with_for_update()
    return db.session.scalars(row.execution_options(populate_existing=True)).one()


def _tag(key: str) -> str:
    """A name for a key that tells nothing of it and stays the same wherever the key stands in the list."""
    return "k" + hashlib.sha256(key.encode()).hexdigest()[:12]
