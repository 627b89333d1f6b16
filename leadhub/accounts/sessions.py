"""Who is signed in where.  A row per browser; the signed cookie holds its token, and a cookie without row is nobody.

A session ends twelve hours after its last use and seven days after its start; one that *stays on this device* ends
thirty days after its start (ASVS 5.0, 7.3).
"""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask, Response, g, request, session
from flask_babel import gettext as _
from flask_login import user_logged_in, user_logged_out
from flask_security import current_user
from sqlalchemy.orm import contains_eager

from leadhub.accounts import audit
from leadhub.accounts.models import User, UserSession
from leadhub.callers import caller
from leadhub.database import utcnow, write_if_free
from leadhub.errors import RuleBroken
from leadhub.extensions import db

KEY = "sign_in"  # in the cookie
KEPT = {"_user_id", "_fresh", "_id", "_flashes", "language"}  # of a cookie, when somebody signs in or out
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
STAYS = timedelta(days=30)
SHOWN = 50
TOUCH = timedelta(minutes=5)  # how exact "last used" is
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS"} | {
    "Linux": "Linux"
}


class SignInRefused(RuleBroken):
    """What was right when it was looked at is no longer right now that somebody would be signed in."""


def init_app(app: Flask) -> None:
    """Bind to Flask-Login: it asks who is signed in, and tells of signing in and out."""
    app.login_manager.user_loader(_user_of)  # type: ignore[attr-defined]
    app.after_request(_touch)
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)


def sessions_of(user: User) -> list[UserSession]:
    """Those that are still good, the last used first, fifty at most."""
    good = sa.select(UserSession).where(UserSession.user_id == user.id, _is_good())
    return list(db.session.scalars(good.order_by(UserSession.seen_at.desc()).limit(SHOWN)))


def current_session_id() -> int | None:
    """The row of the browser that asks."""
    row: UserSession | None = g.get("user_session")
    return row.id if row else None


def end_sessions(user: User, *, but: int | None = None, only: int | None = None) -> int:
    """End every session of the user, all but one, or just one; at its next request that browser is signed out.

    But for just one, whoever has got as far as the second step of signing in begins anew too.
    """
    statement = sa.delete(UserSession).where(UserSession.user_id == user.id)
    if but is not None:
        statement = statement.where(UserSession.id != but)
    if only is not None:
        statement = statement.where(UserSession.id == only)
    else:
        user.fs_uniquifier = uuid4().hex  # by which the library knows who is half signed in
        if but is not None and but == current_session_id():
            session["_user_id"] = user.fs_uniquifier
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def purge_sessions() -> None:
    """Forget those that have ended."""
    db.session.execute(sa.delete(UserSession).where(sa.not_(_is_good())))


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def device_of(agent: str) -> str:
    """``Firefox · Linux``, as far as the browser tells."""
    browser = next((name for sign, name in BROWSERS.items() if re.search(rf"\b{sign}", agent)), "")
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "")
    return " · ".join(word for word in (browser, system) if word)


def _is_good() -> sa.ColumnElement[bool]:
    now = utcnow()
    return sa.and_(UserSession.expires_at > now, sa.or_(UserSession.stays, UserSession.seen_at > now - IDLE))


def _user_of(identity: str) -> User | None:
    """The user with that identity, if this cookie's token is one of theirs that is still good."""
    token = session.get(KEY)
    if not isinstance(token, str):
        return None
    statement = (
        sa.select(UserSession)
        .join(UserSession.user)
        .where(UserSession.token_hash == hash_of(token), _is_good())
        .where(User.fs_uniquifier == identity, User.active)
        .options(contains_eager(UserSession.user).selectinload(User.roles))
    )
    g.user_session = db.session.scalar(statement)
    return g.user_session.user if g.user_session else None


def _begin(app: Flask, user: User, **_rest: Any) -> None:
    """A row for this browser; whoever signs somebody in commits it.  Raises ``SignInRefused``."""
    stays = session.get("_remember") == "set"  # instead of Flask-Login's own cookie, which no row could end
    _forget_browser()
    _look_again(user)
    token = secrets.token_urlsafe(32)
    session[KEY], session.permanent = token, stays
    row = UserSession(
        token_hash=hash_of(token),
        user_id=user.id,
        stays=stays,
        expires_at=utcnow() + (STAYS if stays else LONGEST),
        address=caller(),
        device=device_of(request.user_agent.string),
    )
    db.session.add(row)
    g.user_session = row
    audit.record("sign_in", user=user)


def _forget_browser() -> None:
    """Whatever somebody else has left in this browser, the session that it had among them."""
    db.session.execute(sa.delete(UserSession).where(UserSession.token_hash == hash_of(session.get(KEY, ""))))
    for key in set(session) - KEPT:
        del session[key]


def _look_again(user: User) -> None:
    """Under a lock: a password changed, or a person deactivated, since the password was judged lets nobody in."""
    db.session.flush()
    row = sa.select(User.password, User.active).where(User.id == user.id).with_for_update()
    password, active = db.session.execute(row).one()
    judged, fresh = g.pop("judged_password", (password, None))
    if not active or judged != password:
        raise SignInRefused(_("Something changed meanwhile. Sign in again."))
    if fresh:
        user.password = fresh  # hashed anew, as today's settings want it


def _end(app: Flask, user: User, **_rest: Any) -> None:
    _forget_browser()
    if user.is_authenticated:
        audit.record("sign_out", user=user)
    db.session.commit()  # the library's view commits nothing when it signs somebody out


def _touch(response: Response) -> Response:
    """Note that the session was used: now and then, and never waiting for a writer."""
    row: UserSession | None = g.get("user_session")
    if row is None or not current_user.is_authenticated or sa.inspect(row).expired or sa.inspect(row).transient:
        return response
    if (
        utcnow() - row.seen_at > TOUCH and "X-Quiet" not in request.headers
    ):  # a page that looks by itself is nobody's use
        write_if_free(db.engine, sa.update(UserSession).where(UserSession.id == row.id).values(seen_at=utcnow()))
    return response
