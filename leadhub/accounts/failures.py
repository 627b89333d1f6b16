"""Counts tries that fail, in the database, so that every process counts together and a restart forgets nothing.

In a quarter of an hour: ten tries for one account from one caller, a hundred for it from everywhere, so that a stranger
can't shut somebody out from afar, and fifty of one caller; the next is refused (ASVS 5.0, 6.3.1).  A try is written
down before it is judged, and taken back when it was right: a hundred at once count as a hundred.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_security.utils import uia_email_mapper

from leadhub.accounts import audit
from leadhub.accounts.models import Failure, User
from leadhub.callers import caller_network
from leadhub.database import begin_writing, unhurried, utcnow
from leadhub.errors import UserError
from leadhub.extensions import db

WINDOW = timedelta(minutes=15)
PER_PAIR = 10
PER_ACCOUNT = 100
PER_CALLER = 50
QUIET = {"reset"}  # asking is no failure; it is counted to bound the mails
KNOWN_DOORS = {"code", "proof"}  # behind a right password: their tries are one person's, wherever they come from


class TooManyTries(UserError):
    """The door stays shut for a while; what was typed was not looked at."""

    status = 429
    retry_after = int(WINDOW.total_seconds())


@dataclass
class Try:
    """One try.  ``user`` is whose door it was, as far as that is known; for the audit log."""

    succeeded: bool = False
    user: User | None = None

    def succeed(self) -> None:
        self.succeeded = True


@contextmanager
def one_try(door: str, account: str = "") -> Iterator[Try]:
    """A try at the door (``sign_in``, ``code``, ``proof``, ``reset``, ``link``), to be judged inside the block.

    ``account`` is an e-mail as it was typed.  Raises ``TooManyTries``.  Commits: what was pending before, and what the
    block did.
    """
    key, network = _key(account), caller_network()
    begin_writing(db.session())
    _refuse_beyond(door, key, network, this_one=0)
    row = Failure(door=door, account=key, address=network)
    db.session.add(row)
    db.session.flush()  # counted below, and known by its id
    row_id = row.id
    db.session.commit()
    _refuse_beyond(door, key, network, this_one=1)
    attempt = Try()
    with unhurried(db.session()):
        yield attempt
    if attempt.succeeded:
        db.session.execute(sa.delete(Failure).where(Failure.id == row_id))
    elif door not in QUIET:
        audit.record("failed", user=attempt.user, door=door)
    db.session.commit()


def purge_failures() -> None:
    """Forget tries that count no more."""
    db.session.execute(sa.delete(Failure).where(Failure.at < utcnow() - WINDOW))


def _key(account: str) -> str:
    """One key for every way to spell an address: as Flask-Security reads it, hashed."""
    spelt = account.strip()
    return hashlib.sha256((uia_email_mapper(spelt) or spelt).lower().encode()).hexdigest() if spelt else ""


def _refuse_beyond(door: str, account: str, network: str, *, this_one: int) -> None:
    """``this_one``: how many of the counted tries are the one that asks."""
    ours, theirs = Failure.account == account, Failure.address == network
    bounds = [(theirs, PER_CALLER)]
    if account:
        bounds += [(ours & theirs, PER_PAIR), (ours, PER_PAIR if door in KNOWN_DOORS else PER_ACCOUNT)]
    for condition, most in bounds:
        if _count(door, condition) >= most + this_one:
            db.session.rollback()
            raise TooManyTries(_("Too many tries. Wait a quarter of an hour, then try again."))


def _count(door: str, condition: sa.ColumnElement[bool]) -> int:
    since = utcnow() - WINDOW
    found = sa.select(sa.func.count()).where(Failure.door == door, condition, Failure.at > since)
    return db.session.scalar(found) or 0
