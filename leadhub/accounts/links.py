"""Links by which one person sets a password, once: an invitation for a week, a reset for an hour.  Commits nothing."""

import secrets
from datetime import timedelta

import sqlalchemy as sa

from leadhub.accounts.models import AccountLink, User
from leadhub.accounts.sessions import hash_of
from leadhub.database import utcnow
from leadhub.extensions import db

INVITATION, RESET = "invitation", "reset"
LIFETIMES = {INVITATION: timedelta(days=7), RESET: timedelta(hours=1)}


def new_link(user: User, *, alone: bool) -> tuple[AccountLink, str]:
    """The link and its token, which is told once.  ``alone``: every older link of this person is void; not where a
    stranger may have asked for it, who would make other people's links worthless."""
    if alone:
        void_links(user)
    purpose = RESET if user.joined_at else INVITATION
    token = secrets.token_urlsafe(32)
    expires = utcnow() + LIFETIMES[purpose]
    link = AccountLink(
        token_hash=hash_of(token), purpose=purpose, user_id=user.id, email=user.email, expires_at=expires
    )
    db.session.add(link)
    return link, token


def link_of(token: str) -> AccountLink | None:
    """The link that this token opens, if it is still good: unused, in time, for the address it was made for."""
    found = sa.select(AccountLink).join(AccountLink.user).where(AccountLink.token_hash == hash_of(token))
    good = found.where(AccountLink.used_at.is_(None), AccountLink.expires_at > utcnow())
    return db.session.scalar(good.where(User.active, User.email == AccountLink.email))


def use_link(link: AccountLink) -> bool:
    """Claim it.  Of two at once, the second gets False."""
    claim = sa.update(AccountLink).where(AccountLink.id == link.id, AccountLink.used_at.is_(None))
    return bool(db.session.execute(claim.values(used_at=utcnow())).rowcount)  # type: ignore[attr-defined]


def void_links(user: User) -> None:
    db.session.execute(sa.delete(AccountLink).where(AccountLink.user_id == user.id))


def purge_links() -> None:
    """Forget links that nobody can use."""
    dead = sa.or_(AccountLink.used_at.is_not(None), AccountLink.expires_at < utcnow())
    db.session.execute(sa.delete(AccountLink).where(dead))
