"""Statuses.  A lead's status is a row with a stable key; its labels and colour are the admin's."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.extensions import Model
from leadhub.lists.models import ListRow


class Status(ListRow, Model):
    """One status.  ``kind`` is open, in_progress, won or lost; ``colour`` one of the palette's sixteen names."""

    __tablename__ = "statuses"

    kind: Mapped[str] = mapped_column(String(16))
    colour: Mapped[str] = mapped_column(String(16))
    is_default: Mapped[bool] = mapped_column(default=False)
    is_lock: Mapped[bool] = mapped_column(default=False)
