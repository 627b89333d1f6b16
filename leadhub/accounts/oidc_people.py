"""What the word of a sign-in service is worth here: whose account it opens, with which role.  Commits nothing."""

import sqlalchemy as sa
import structlog
from flask_babel import gettext as _

from leadhub.accounts import audit
from leadhub.accounts.links import void_links
from leadhub.accounts.models import Role, User
from leadhub.accounts.oidc import Identity, SignInFailed
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.services import datastore, invite_user
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.settings import Settings

log = structlog.get_logger()


class NotLetIn(SignInFailed):
    """The provider knows this person, and the hub does not let them in."""

    status = 403


def user_for(settings: Settings, identity: Identity) -> User:
    """The user of this identity: known, linked by a verified e-mail, or made now.  Raises ``NotLetIn``.

    Where roles are mapped, theirs follows the provider; the last admin's does not.
    """
    if settings.oidc_roles and not identity.role:
        raise NotLetIn(_("The sign-in service gives you no role in LeadHub. Ask an admin for one."), "no role")
    known = db.session.scalar(sa.select(User).where(User.oidc_subject == identity.subject))
    user = known or _linked(identity) or _made(identity)
    if not user.active:
        raise NotLetIn(_("Your account is deactivated. Ask an admin."), "deactivated")
    if identity.role and identity.role != user.role:
        _give_role(user, identity.role)
    if user.joined_at is None:
        user.joined_at = utcnow()
        void_links(user)  # the invitation has served
    return user


def _linked(identity: Identity) -> User | None:
    """The user with that e-mail, from now on that of this subject.  None: nobody has the e-mail."""
    user = user_by_email(identity.email) if identity.email else None
    if user is None:
        return None
    if not identity.is_email_verified or user.oidc_subject:
        message = _("Somebody already signs in here with your e-mail, and LeadHub can’t be sure that it is you.")
        raise NotLetIn(message, "e-mail of another user" if user.oidc_subject else "e-mail not verified")
    user.oidc_subject = identity.subject
    return user


def _made(identity: Identity) -> User:
    if not identity.role:
        raise NotLetIn(_("You have no account here. Ask an admin for an invitation."), "unknown person")
    if not identity.email:
        raise NotLetIn(_("The sign-in service does not tell your e-mail. Ask an admin."), "no e-mail")
    user = invite_user(identity.email, role=identity.role, name=identity.name)
    user.oidc_subject = identity.subject
    return user


def _give_role(user: User, role: str) -> None:
    """Two admins who come back at once as less wait for each other here."""
    db.session.execute(sa.select(Role).where(Role.name == "admin").with_for_update())
    admins = sa.select(User.id).join(User.roles).where(Role.name == "admin", User.active, User.joined_at.is_not(None))
    if user.role == "admin" and db.session.scalar(admins.where(User.id != user.id).limit(1)) is None:
        log.warning("the last admin stays admin, whatever the sign-in service says", user=user.id, role=role)
        return
    audit.record("role", user=None, person=user.id, old=user.role, new=role)
    user.roles = [datastore.find_role(role)]
