"""What a password must be."""

import unicodedata
from typing import Final

from flask_babel import gettext as _
from flask_security import hash_password, verify_password

from leadhub.errors import RuleBroken

PASSWORD_MIN = 12
PASSWORD_MAX = 1000
NORMAL_FORM: Final = "NFKD"
"""Of Unicode: an é may be typed as one sign or as two, as the keyboard has it (RFC 8265, 4.2).  Flask-Security brings
what is typed at the door into this form, so what is hashed must be in it too."""


class WeakPassword(RuleBroken):
    """A password that the hub does not take."""


def check_password(password: str, *, email: str = "") -> None:
    """Raises ``WeakPassword``: too short or long, few signs repeated, or the address itself (ASVS 5.0, 6.2)."""
    if len(password) > PASSWORD_MAX:
        raise WeakPassword(_("A password has at most %(count)d characters.", count=PASSWORD_MAX))
    if len(password) < PASSWORD_MIN:
        raise WeakPassword(_("A password has at least %(count)d characters.", count=PASSWORD_MIN))
    if len(set(password)) < 4 or (email and password.lower() in (email, email.split("@")[0])):
        raise WeakPassword(_("This password is too easy to guess."))


def hash_of_password(password: str) -> str:
    return str(hash_password(unicodedata.normalize(NORMAL_FORM, password)))


def is_password(password: str, password_hash: str) -> bool:
    return bool(verify_password(unicodedata.normalize(NORMAL_FORM, password), password_hash))
