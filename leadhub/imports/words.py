"""What the fields of a file's columns are called on the page, and in which groups they are offered."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.fields.catalogue import GROUPS, REACH, WHO, Field
from leadhub.fields.queries import catalogue
from leadhub.imports.headers import PLACES
from leadhub.imports.models import STANDS_IN, TELLS_TYPE
from leadhub.imports.plan import OTHER_DATA
from leadhub.imports.synonyms import PLACE_TYPES
from leadhub.imports.targets import FURTHER, Targets
from leadhub.leads.kinds import ADDRESS_TYPES

LABELS: dict[str, Any] = {
    "name": _l("Name (first and last in one)"),
    "external_id": _l("Id in another system"),
    "fax": _l("Fax"),
    "further_email": _l("Further e-mail"),
    "mobile": _l("Mobile phone"),
    "home_phone": _l("Home phone"),
    "further_phone": _l("Further phone"),
    OTHER_DATA: _l("Other data"),
    TELLS_TYPE: _l("Type of what is beside it"),
}
PARTS: dict[str, Any] = {
    "street": _l("Street"),
    "street_2": _l("Street, second line"),
    "postal_code": _l("Postal code"),
    "city": _l("City"),
    "county": _l("County"),
    "state": _l("State or region"),
    "country": _l("Country"),
}


def label_of(name: str) -> str:
    """A field that was deleted meanwhile has no name any more."""
    if name in LABELS:
        return str(LABELS[name])
    if name in PLACES:
        return _place(*PLACES[name])
    field = catalogue().get(name)
    return str(field.label) if field else _("A field that was deleted")


def meaning_of(column: dict[str, Any]) -> str:
    """What a column of ``Import.format`` was taken for."""
    return beside(column["of"]) if column["field"] == STANDS_IN else label_of(column["field"])


def beside(name: str) -> str:
    """What a column is called that feeds no field alone."""
    if name == "fax":
        return label_of("fax")
    if name in ("email", "phone"):
        return label_of(f"further_{name}")
    return _("%(field)s, where it is empty", field=label_of(name))


def offered(targets: Targets) -> Iterator[tuple[str, str, str]]:
    """Name, label and group of each field that a column can be, group by group, in the order of a lead's page."""
    groups: dict[str, list[tuple[str, str, str]]] = {str(label): [] for label in GROUPS.values()}
    for name in targets.names:
        if name in PLACES and PLACES[name][0] not in ("", *PLACE_TYPES):
            continue  # numbered ones come from files that name them so, and need no choosing
        group = _group(name, targets.fields.get(name))
        groups.setdefault(group, []).append((name, label_of(name), group))
    for fields in groups.values():
        yield from fields


def _group(name: str, field: Field | None) -> str:
    if name in PLACES:
        block = PLACES[name][0]
        return _("Address: %(type)s", type=str(ADDRESS_TYPES[block])) if block else _("Address")
    if field is None:
        return str(GROUPS[REACH] if name in FURTHER or name == "fax" else GROUPS[WHO])
    return str(GROUPS[field.group])


def _place(block: str, part: str) -> str:
    label = str(PARTS[part])
    if not block:
        return label
    type = str(ADDRESS_TYPES[block]) if block in ADDRESS_TYPES else block.removeprefix("address_")
    return _("%(part)s (%(type)s)", part=label, type=type)
