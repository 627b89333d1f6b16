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
from leadhub.web import label, language


def choices_of(field: Field, user: User | None) -> Sequence[Choice]:
    """In their order, retired ones too; stages of the pipelines that the user may use.  Empty for a field that has no
    list."""
    if field.model is Stage:
        return [_stage(row) for row in stages() if may_use(user, row.pipeline)]
    if field.type not in (kinds.CHOICE, kinds.CHOICES) or not (field.model or field.is_custom):
        return []
    rows = own_choices_of(field) if field.is_custom else rows_of(field.model)
    return [
        Choice(key=row.key, label=label(row), kind=row.kind if isinstance(row, Status) else "", retired=row.retired)
        for row in rows
    ]


def _stage(row: Stage) -> Choice:
    return Choice(
        key=row.key, label=row.short(language()), kind=row.kind, group=row.pipeline.key,
        group_label=label(row.pipeline), retired=row.retired or row.pipeline.retired,
    )  # fmt: skip
