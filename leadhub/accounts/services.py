"""Makes and changes users and teams.  Commits nothing."""

import secrets

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_security import SQLAlchemyUserDatastore
from flask_security.utils import uia_email_mapper

from leadhub.accounts import audit, handover
from leadhub.accounts.links import void_links
from leadhub.accounts.models import Role, Team, User
from leadhub.accounts.passwords import check_password, hash_of_password
from leadhub.accounts.queries import teams, user_by_email
from leadhub.accounts.roles import ADMINISTER, ALL, REACHES, ROLES
from leadhub.accounts.sessions import end_sessions
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.folding import fold

datastore = SQLAlchemyUserDatastore(db, User, Role)


class EmailTaken(RuleBroken):
    """Somebody signs in with that address already."""


class UnknownRole(RuleBroken):
    """No such role."""


class NotAnAddress(RuleBroken):
    """An e-mail address that can't be one."""


class LastAdmin(RuleBroken):
    """Nobody would be left to administer the hub."""


class TeamRefused(RuleBroken):
    """A name that another team has, or a team that has people."""


def create_user(email: str, password: str, *, role: str, name: str = "", language: str = "") -> User:
    """Store one user who can sign in.  Raises ``NotAnAddress``, ``EmailTaken``, ``WeakPassword``, ``UnknownRole``."""
    check_password(password, email=_address(email))
    user = _new_user(email, password, role=role, name=name, language=language)
    user.joined_at = user.password_set_at = utcnow()
    return user


def invite_user(email: str, *, role: str, name: str = "", team: Team | None = None) -> User:
    """Store one user who can't sign in yet: a link (``links.new_link``) lets them choose a password.

    Raises ``NotAnAddress``, ``EmailTaken`` or ``UnknownRole``.
    """
    user = _new_user(email, secrets.token_urlsafe(32), role=role, name=name)  # a password that nobody knows
    user.team = team
    return user


def change_user(user: User, *, name: str, role: str, team: Team | None, by: User) -> None:
    """What an admin may change of somebody.  Raises ``UnknownRole`` or ``LastAdmin``."""
    _check_role(role)
    if role != user.role:
        if user.may(ADMINISTER) and not _other_admins(user):
            raise LastAdmin(_("Somebody must remain who can administer the hub. Give another person this role first."))
        audit.record("role", user=by, person=user.id, old=user.role, new=role)
        user.roles = [datastore.find_role(role)]
    user.name, user.team = name.strip(), team


def join(user: User, password: str) -> None:
    """Somebody who was invited, or has forgotten the password, chooses one: every session and link ends.

    Raises ``WeakPassword``; nothing is changed then.
    """
    check_password(password, email=user.email)
    user.password = hash_of_password(password)
    user.password_set_at = utcnow()
    user.joined_at = user.joined_at or user.password_set_at
    void_links(user)
    end_sessions(user)
    audit.record("password", user=user)


def change_password(user: User, new: str, *, session_id: int | None) -> None:
    """One's own, by somebody who has proved to know the old one.  Ends every other session, and links.

    Raises ``WeakPassword``.
    """
    check_password(new, email=user.email)
    user.password = hash_of_password(new)
    user.password_set_at = utcnow()
    void_links(user)
    end_sessions(user, but=session_id)
    audit.record("password", user=user)


def deactivate(user: User, *, by: User) -> None:
    """Out at the next request, and for good: sessions, links and the second factor end.  What the person holds is
    moved by ``handover.hand_over``.  Raises ``LastAdmin``."""
    if user.may(ADMINISTER) and not _other_admins(user):
        raise LastAdmin(_("Somebody must remain who can administer the hub. Give another person this role first."))
    user.active = False
    db.session.flush()  # whoever gives this person something meanwhile is waited for, and what they give is moved too
    end_sessions(user)
    void_links(user)
    audit.record("deactivated", user=by, person=user.id)


def activate(user: User, *, by: User) -> None:
    """Back again, with the old password; no browser from before is."""
    user.active = True
    end_sessions(user)
    audit.record("activated", user=by, person=user.id)


def sign_out_everywhere(user: User, *, by: User) -> None:
    audit.record("sessions", user=by, person=user.id, removed=end_sessions(user))


def note_link(user: User, *, by: User | None) -> None:
    """Somebody was given a link to choose a password."""
    audit.record("link", user=by, person=user.id)


def note_hand_over(giver: User, taker: User | None, counts: dict[str, int], *, by: User) -> None:
    audit.record("handover", user=by, person=giver.id, taker=taker.id if taker else None, **counts)


def set_reach(reaches: dict[str, str], *, by: User) -> None:
    """Role -> one of ``roles.REACHES``; an admin's can't be narrowed."""
    for role in db.session.scalars(sa.select(Role).where(Role.name.in_(reaches))):
        wanted = reaches[role.name] if reaches[role.name] in REACHES and role.name != "admin" else ALL
        if wanted != role.reach:
            audit.record("reach", user=by, role=role.name, old=role.reach, new=wanted)
            role.reach = wanted


def create_team(name: str, *, by: User) -> Team:
    """Raises ``TeamRefused`` where another one is called so."""
    team = Team(name=_free_name(name, None))
    db.session.add(team)
    audit.record("team", user=by, new=team.name)
    return team


def rename_team(team: Team, name: str, *, by: User) -> None:
    """Raises ``TeamRefused`` where another one is called so."""
    new = _free_name(name, team)
    audit.record("team", user=by, old=team.name, new=new)
    team.name = new


def delete_team(team: Team, *, by: User) -> None:
    """What was for the team goes back to whoever holds it.  Raises ``TeamRefused`` while somebody is in it."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(User).where(User.team_id == team.id)):
        raise TeamRefused(_("There are people in this team. Give them another one first."))
    audit.record("team", user=by, old=team.name, **handover.leave_team(team))
    db.session.delete(team)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UnknownRole(_("There is no role “%(role)s”. Roles are: %(roles)s.", role=role, roles=", ".join(ROLES)))


def _other_admins(user: User) -> bool:
    """Is there another active person who administers?  Two who leave at once wait for each other here."""
    db.session.execute(sa.select(Role).where(Role.name == "admin").with_for_update())
    others = sa.select(User.id).join(User.roles).where(Role.name == "admin", User.active, User.joined_at.is_not(None))
    return db.session.scalar(others.where(User.id != user.id).limit(1)) is not None


def _free_name(name: str, team: Team | None) -> str:
    wanted = name.strip()
    if any(fold(other.name) == fold(wanted) for other in teams() if other != team):
        raise TeamRefused(_("Another team has this name."))
    return wanted


def _new_user(email: str, password: str, *, role: str, name: str, language: str = "") -> User:
    _check_role(role)
    address = _address(email)
    if user_by_email(address):
        raise EmailTaken(_("Somebody already signs in with this e-mail."))
    user: User = datastore.create_user(
        email=address, password=hash_of_password(password), roles=[role], name=name.strip(), language=language
    )
    db.session.flush()  # the database's own unique e-mail has the last word
    return user


def _address(email: str) -> str:
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        raise NotAnAddress(_("This is not an e-mail address.")) from None
    return uia_email_mapper(email) or email.lower()
