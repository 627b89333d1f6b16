"""Sending a file, and saying what its columns are."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from leadhub.fields.queries import catalogue
from leadhub.forms import Form
from leadhub.imports.models import STANDS_IN, TELLS_TYPE, Import
from leadhub.imports.plan import OTHER_DATA
from leadhub.imports.targets import Targets
from leadhub.imports.words import beside, label_of, offered


class UploadForm(Form):
    """A file to be imported."""

    file = FileField(_l("CSV file"), [FileRequired()], render_kw={"accept": ".csv,.tsv,.txt,text/csv"})


class StartForm(Form):
    """A choice of field for each column; made by ``of``, since each file has columns of its own."""

    columns: list[dict[str, Any]]
    targets: Targets

    @classmethod
    def of(cls, import_: Import) -> "StartForm":
        """As the file was recognised; what was posted goes before it."""
        columns, targets = import_.format["columns"], Targets.of(catalogue())
        all_fields = [SelectChoice(name, label, optgroup=group) for name, label, group in offered(targets)]
        fields = {
            f"column_{place}": SelectField(
                column["name"], choices=[*_choices(column, targets), *all_fields], default=column["field"]
            )
            for place, column in enumerate(columns)
        }
        form: StartForm = type("ColumnsForm", (cls,), fields)()
        form.columns, form.targets = columns, targets
        return form

    def rows(self) -> list[tuple[dict[str, Any], Any]]:
        """Each column and its field of the form."""
        return [(column, self[f"column_{place}"]) for place, column in enumerate(self.columns)]

    def validate(self, extra_validators: Any = None) -> bool:
        """No two columns are the same field."""
        valid = super().validate(extra_validators)
        taken: dict[str, str] = {}
        for column, field in self.rows():
            if field.data in taken and field.data in self.targets.names:
                words = _("“%(column)s” is this field already.", column=taken[field.data])
                field.errors = [*field.errors, words]
                valid = False
            taken.setdefault(field.data, column["name"])
        return valid

    def forced(self) -> dict[str, str]:
        """What ``recognise`` is to be told: nothing where all is left as it was found, else all that the person saw."""
        rows = [(column["name"], column["field"], field.data) for column, field in self.rows()]
        if all(chosen == found for _name, found, chosen in rows):
            return {}
        return {name: chosen for name, found, chosen in rows if chosen in self.targets.names or chosen != found}


def _choices(column: dict[str, Any], targets: Targets) -> list[SelectChoice]:
    """Those outside the groups, what only this column can be among them."""
    found = column["field"]
    pairs = [(OTHER_DATA, label_of(OTHER_DATA))]
    if found == STANDS_IN:
        pairs.insert(0, (STANDS_IN, beside(column["of"])))
    elif found == TELLS_TYPE or (found in targets.names and found.startswith("address_")):
        pairs.insert(0, (found, label_of(found)))
    return [SelectChoice(name, label) for name, label in pairs]
