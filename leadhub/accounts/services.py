"""Makes and changes users.  Commits nothing."""

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_security import SQLAlchemyUserDatastore, hash_password
from flask_security.utils import uia_email_mapper

from leadhub.accounts.models import Role, User
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.roles import ROLES
from leadhub.errors import RuleBroken
from leadhub.extensions import db

PASSWORD_MIN = 12
PASSWORD_MAX = 1000
datastore = SQLAlchemyUserDatastore(db, User, Role)


class EmailTaken(RuleBroken):
    """Somebody signs in with that address already."""


class WeakPassword(RuleBroken):
    """A password that the hub does not take."""


class UnknownRole(RuleBroken):
    """No such role."""


class NotAnAddress(RuleBroken):
    """An e-mail address that can't be one."""


def create_user(email: str, password: str, *, role: str, name: str = "", language: str = "") -> User:
    """Store one user.  Raises ``NotAnAddress``, ``EmailTaken``, ``WeakPassword`` or ``UnknownRole``."""
    if role not in ROLES:
        raise UnknownRole(_("There is no role “%(role)s”. Roles are: %(roles)s.", role=role, roles=", ".join(ROLES)))
    address = _address(email)
    if user_by_email(address):
        raise EmailTaken(_("Somebody already signs in with this e-mail."))
    check_password(password, email=address)
    user = datastore.create_user(
        email=address, password=hash_password(password), roles=[role], name=name.strip(), language=language
    )
    db.session.flush()  # the database's own unique e-mail has the last word
    return user


def check_password(password: str, *, email: str = "") -> None:
    """Raises ``WeakPassword``: too short or long, few signs repeated, or the address itself (ASVS 5.0, 6.2)."""
    if len(password) > PASSWORD_MAX:
        raise WeakPassword(_("A password has at most %(count)d characters.", count=PASSWORD_MAX))
    if len(password) < PASSWORD_MIN:
        raise WeakPassword(_("A password has at least %(count)d characters.", count=PASSWORD_MIN))
    if len(set(password)) < 4 or (email and password.lower() in (email, email.split("@")[0])):
        raise WeakPassword(_("This password is too easy to guess."))


def _address(email: str) -> str:
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        raise NotAnAddress(_("This is not an e-mail address.")) from None
    return uia_email_mapper(email) or email.lower()
