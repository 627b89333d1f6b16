"""Forms that are sent once: a second post of the same form shows what the first one made.

A form carries a one-time key.  Its first post claims the key in the transaction of what it does; a second one at the
same time waits for that transaction.  What is refused gives the key back, since nothing of it is committed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from leadhub.accounts.models import FormPost, User
from leadhub.database import utcnow
from leadhub.extensions import db

KEPT = timedelta(days=2)
KEY_MAX = 64


@dataclass(frozen=True, slots=True)
class Claim:
    """``made`` is the path of what an earlier post of the form made; None: this post is the first."""

    key: str
    made: str | None = None

    def settle(self, path: str) -> None:
        """Where to see what this post made."""
        if self.key:
            db.session.execute(sa.update(FormPost).where(FormPost.key == self.key).values(made=path[:500]))


def new_key() -> str:
    return secrets.token_urlsafe(16)


def claim(key: str | None, *, user: User | None, endpoint: str) -> Claim:
    """To be called before anything is done.  ``user`` is None for a stranger.  ``endpoint``: of the form, or its path
    where it is of one record.  A form without a key can be sent again and again."""
    if not key:
        return Claim("")
    digest = hashlib.sha256(f"{user.id if user else ''}\0{endpoint}\0{key[:KEY_MAX]}".encode()).hexdigest()
    dialect = sqlite if db.session().get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(FormPost).values(key=digest, at=utcnow(), made="")
    if db.session.scalar(row.on_conflict_do_nothing(index_elements=[FormPost.key]).returning(FormPost.id)):
        return Claim(digest)
    return Claim(digest, db.session.scalar(sa.select(FormPost.made).where(FormPost.key == digest)) or "")


def purge_posts() -> None:
    db.session.execute(sa.delete(FormPost).where(FormPost.at < utcnow() - KEPT))
