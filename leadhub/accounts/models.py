"""Users, roles and teams, in the shape that Flask-Security asks for (its ``fsqla_v2`` models); sessions, links,
failures, posts of forms and the audit log."""

from datetime import datetime
from typing import Any

from flask_security import AsaList
from flask_security.models import fsqla_v2 as fsqla
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.roles import ALL, ROLES
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model, db

fsqla.FsModels.set_db_info(db, user_table_name="users", role_table_name="roles")


class Role(Model, fsqla.FsRoleMixin):
    """One of ``roles.ROLES``, and how far its people see: one of ``roles.REACHES``."""

    __tablename__ = "roles"

    reach: Mapped[str] = mapped_column(String(8), default=ALL, server_default=ALL)


class Team(Model):
    """People who work together."""

    __tablename__ = "teams"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class User(Model, fsqla.FsUserMixin):
    """Somebody who signs in.  Written by ``accounts.services`` and its neighbours only.  Never deleted."""

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}  # an id is never given twice: links and tokens outlive users

    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8), default="")  # empty: the hub's
    time_zone: Mapped[str] = mapped_column(String(64), default="", server_default="")  # empty: the hub's
    theme: Mapped[str] = mapped_column(String(8), default="system")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="RESTRICT"), index=True)
    away: Mapped[bool] = mapped_column(default=False, server_default="0")
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: invited, and not come yet
    password_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: one that nobody knows
    oidc_subject: Mapped[str | None] = mapped_column(String(64), unique=True)  # SHA-256 of issuer and subject
    tf_last_counter: Mapped[int | None] = mapped_column(BigInteger)  # a code of the authenticator is good once
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))  # encrypted each

    team: Mapped[Team | None] = relationship()

    @property
    def label(self) -> str:
        return self.name or self.email

    @property
    def role(self) -> str:
        return self.roles[0].name if self.roles else ""

    @property
    def reach(self) -> str:
        return self.roles[0].reach if self.roles else ""

    def may(self, permission: str) -> bool:
        return permission in ROLES.get(self.role, frozenset())


class UserSession(Model):
    """A browser in which somebody is signed in.  The cookie holds the token, this row its SHA-256, hexadecimal."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stays: Mapped[bool] = mapped_column(default=False)  # signed in on this device until it ends, used or not
    address: Mapped[str] = mapped_column(String(64), default="")
    device: Mapped[str] = mapped_column(String(80), default="")

    user: Mapped[User] = relationship()


class AccountLink(Model):
    """A link that lets one person set a password, once.  ``purpose``: ``invitation`` or ``reset``."""

    __tablename__ = "account_links"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(255))  # a link dies with the address it was sent to
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class Failure(Model):
    """A try that failed, of a door that is tried by strangers; counted by account and by address."""

    __tablename__ = "failures"
    __table_args__ = (
        Index("ix_failures_account", "account", "at"),
        Index("ix_failures_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of what was typed; empty where none was
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class FormPost(Model):
    """A form that was sent, by the one-time key in it: a second post of the same shows what the first one made.

    ``made`` is the path of that, empty where there is nothing to show but the page."""

    __tablename__ = "form_posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of person, endpoint and key, hexadecimal
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    made: Mapped[str] = mapped_column(String(500), default="")


class AuditEvent(Model):
    """Who did something that somebody may ask about later.  Append-only; ``details`` are words and numbers."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_at", "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    user: Mapped[User | None] = relationship()
