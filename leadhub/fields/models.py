"""What admins decided about fields, and the fields that they added."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.extensions import Model
from leadhub.lists.models import ListRow


class FieldRow(Model):
    """One field.  ``name`` is that of a built-in one, which is here once an admin has decided about it, or
    ``custom_<id>`` of one that the team added, with a ``type`` and ``names`` by language.

    ``shown``: ``form``, ``more`` or ``off``.  ``seen_by`` and ``changed_by``: ``all`` or ``managers``.
    """

    __tablename__ = "fields"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(16), default="")  # empty: built in
    names: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int] = mapped_column(default=0)
    shown: Mapped[str] = mapped_column(String(8))
    required: Mapped[bool] = mapped_column(default=False)
    in_list: Mapped[bool] = mapped_column(default=False)
    seen_by: Mapped[str] = mapped_column(String(16), default="all")
    changed_by: Mapped[str] = mapped_column(String(16), default="all")
    searchable: Mapped[bool] = mapped_column(default=False, server_default=false())  # found by the search box


class FieldChoice(ListRow, Model):
    """One choice of a field that the team added."""

    __tablename__ = "field_choices"

    field_id: Mapped[int] = mapped_column(ForeignKey("fields.id", ondelete="RESTRICT"), index=True)

    field: Mapped[FieldRow] = relationship()
