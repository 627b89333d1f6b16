"""What a field offers, told to plugins.  Nothing here writes."""

from collections.abc import Sequence

from leadhub.accounts.models import User
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import choices_of as own_choices_of
from leadhub.lists.queries import rows_of
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import may_use, stages
from leadhub.plugins.api.reading import Choice
from leadhub.statuses.models import Status
from leadhub.web import label


def choices_of(field: Field, user: User | None) -> Sequence[Choice]:
    """In their order, without those that are retired; stages of the pipelines that the user may use.  Empty for a field
    that has no list."""
    if field.model is Stage:
        return [
            Choice(
                key=row.key, label=label(row), kind=row.kind, group=row.pipeline.key, group_label=label(row.pipeline)
            )
            for row in stages()
            if not row.retired and not row.pipeline.retired and may_use(user, row.pipeline)
        ]
    if field.type not in (kinds.CHOICE, kinds.CHOICES) or not (field.model or field.is_custom):
        return []
    rows = own_choices_of(field) if field.is_custom else rows_of(field.model)
    return [
        Choice(key=row.key, label=label(row), kind=row.kind if isinstance(row, Status) else "")
        for row in rows
        if not row.retired
    ]
