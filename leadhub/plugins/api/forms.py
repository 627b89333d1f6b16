"""Fields for settings forms that only the hub can fill or keep.  Everything else is WTForms' own."""

from typing import Any

from wtforms import PasswordField, SelectField


class PersonField(SelectField):
    """One of the people who may have leads.  ``data`` is an id, 0 for nobody; the hub fills in the choices."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, coerce=lambda value: int(value or 0), default=0, **options)


class LeadFieldField(SelectField):
    """One of the fields that leads can be counted by: ``Reader.leads_by``.  ``data`` is its name; the hub fills in
    those that whoever looks may count by.  For options of cards."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, **{"choices": [], "default": "industry"} | options)


class PipelineField(SelectField):
    """One of the pipelines that whoever looks may use.  ``data`` is its key; the hub fills in the choices, the default
    pipeline first, which is chosen where nobody says otherwise.  For options of cards."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, **{"choices": []} | options)


class SecretField(PasswordField):
    """A password or a key: stored encrypted, never shown again; left empty, it stays as it is."""
