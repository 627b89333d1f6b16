"""What leads have in a field that the team added: told to those who delete the field."""

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.leads.models import CustomValue
from leadhub.referrers.registry import Referrer


def referrer() -> Referrer:
    return Referrer(key="leads.fields", table=FieldRow.__tablename__, count=_count, words=_words, move=_delete)


def _count(field_id: int) -> int:
    """Leads, those in the bin too."""
    leads = sa.func.count(CustomValue.lead_id.distinct())
    return db.session.scalar(sa.select(leads).where(CustomValue.field_id == field_id)) or 0


def _words(number: int) -> str:
    return str(ngettext("%(count)s lead", "%(count)s leads", number, count=format_decimal(number)))


def _delete(field_id: int, to: int | None, by: User | None) -> int:
    """A value has no other field to go to.  Histories keep what they say."""
    number = _count(field_id)
    values = sa.delete(CustomValue).where(CustomValue.field_id == field_id)
    db.session.execute(values, execution_options={"synchronize_session": False})
    db.session.expire_all()
    return number
