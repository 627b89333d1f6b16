"""Users and roles, in the shape that Flask-Security asks for (its ``fsqla_v2`` models)."""

from flask_security.models import fsqla_v2 as fsqla
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.accounts.roles import ROLES
from leadhub.extensions import Model, db

fsqla.FsModels.set_db_info(db, user_table_name="users", role_table_name="roles")


class Role(Model, fsqla.FsRoleMixin):
    """One of ``roles.ROLES``."""

    __tablename__ = "roles"


class User(Model, fsqla.FsUserMixin):
    """Somebody who signs in.  Written by ``accounts.services`` only."""

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}  # an id is never given twice: links and tokens outlive users

    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8), default="")  # empty: the hub's
    theme: Mapped[str] = mapped_column(String(8), default="system")

    @property
    def label(self) -> str:
        return self.name or self.email

    @property
    def role(self) -> str:
        return self.roles[0].name if self.roles else ""

    def may(self, permission: str) -> bool:
        return permission in ROLES.get(self.role, frozenset())
