"""From the words of drafts to what leads hold: rows of lists, people, tags, looked up once for a whole block."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import catalogue, may_change_field
from leadhub.fields.services import choices_named
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.checks import FieldRefused
from leadhub.leads.values import exact
from leadhub.lists.models import Source
from leadhub.lists.queries import rows_of
from leadhub.lists.services import rows_chosen, rows_named
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import stages_named
from leadhub.plugins.api.leads import LeadDraft, Reach

TYPED = "form"
Words = Mapping[str, Any]  # word -> row
DRAFTED = [name for name in kinds.FIELDS if name in LeadDraft.__dataclass_fields__]
MANY = {"email": "emails", "phone": "phones"}
_drafted = attrgetter(*DRAFTED)


@dataclass(frozen=True, slots=True)
class Links:
    """The rows that the words of a block of drafts stand for, kept in memory while it lasts."""

    rows: Mapping[str, Words]  # field -> word -> row
    people: Mapping[str, User]  # e-mail -> user

    @classmethod
    def of(cls, drafts: Sequence[LeadDraft], by: User | None) -> "Links":
        """A word that no row goes by becomes one, but for what was chosen in a form; an unknown person is nobody."""
        typed = [draft for draft in drafts if by and draft.channel == TYPED]
        free = [draft for draft in drafts if not (by and draft.channel == TYPED)]
        found = {field.name: _rows(field, free, typed) for field in catalogue().values() if field.model}
        sources = found["source"].values()
        is_person_told = any(draft.owner or draft.next_contact_by for draft in drafts)
        if is_person_told or any(source.default_owner_id for source in sources):
            return cls(found, {user.email: user for user in active_users()})
        return cls(found, {})

    def unknown(self, draft: LeadDraft) -> dict[str, str]:
        """What the draft says of fields that get no new rows, and no row goes by: kept as other data."""
        return {"Stage": draft.stage} if draft.stage and draft.stage not in self.rows["stage"] else {}

    def problem(self, draft: LeadDraft, by: User | None) -> FieldRefused | None:
        """What is wrong with a draft from a form: a row that is gone, a field that is not this person's to fill, or one
        that an admin wants filled.  Other doors may leave out what they don't know."""
        if draft.channel != TYPED or by is None:
            return None
        for name, words in self.rows.items():
            if any(fold(word) and word not in words for word in _words_of(draft, name)):
                return FieldRefused(name, _("This choice is no longer there."))
        brought = self.brought(draft)
        for name, field in catalogue().items():
            if name in brought and not may_change_field(by, field) and _is_told(draft, name):
                return FieldRefused(name, _("Your role does not allow this. An admin can change it."))
            if field.required and name not in brought and field.shown != kinds.OFF and may_change_field(by, field):
                return FieldRefused(name, _("This field is required."))
        return None

    def kept(self) -> list[Any]:
        """All rows of the lists that the block speaks of: while they are held, old labels cost no queries."""
        fields = catalogue()
        return [rows_of(fields[name].model) for name, words in self.rows.items() if words]

    def brought(self, draft: LeadDraft) -> dict[str, Any]:
        """Field -> held value, of the fields that the draft brings something for."""
        fields, values = catalogue(), {}
        for name in (*self._told_in(draft), *draft.custom):
            value = self._held(fields[name], draft) if name in fields else None
            if value or (value == 0 and value is not False):
                values[name] = value
        if "owner" not in values and (owner_id := self._default_owner(draft)):
            values["owner"] = owner_id
        return values

    def _told_in(self, draft: LeadDraft) -> Iterator[str]:
        """Names of the built-in fields that are not empty in the draft, in their order."""
        for name, value in zip(DRAFTED, _drafted(draft), strict=True):
            if value or (value == 0 and value is not False) or (name in MANY and getattr(draft, MANY[name])):
                yield name

    def _held(self, field: Field, draft: LeadDraft) -> Any:
        if field.model:
            known = self.rows[field.name]
            found = [known[word] for word in _words_of(draft, field.name) if word in known]
            ids = [row.id for row in found]
            return (ids[0] if ids else None) if field.type == kinds.CHOICE and not field.is_custom else frozenset(ids)
        if field.is_custom:
            return exact(field, draft.custom.get(field.name))
        if field.type == kinds.PERSON:
            user = self.people.get(getattr(draft, field.name))
            return user.id if user else None
        if field.type in (kinds.EMAILS, kinds.PHONES):
            return reaches_of(draft, field.name)
        return exact(field, getattr(draft, field.name))

    def _default_owner(self, draft: LeadDraft) -> int | None:
        """The source's, if there is one who is still here."""
        source: Source | None = self.rows["source"].get(draft.source)
        owner_id = source.default_owner_id if source else None
        return owner_id if owner_id and owner_id in {user.id for user in self.people.values()} else None


def reaches_of(draft: LeadDraft, name: str) -> tuple[Reach, ...]:
    """E-mails or phones of a draft, the first one first."""
    first = Reach(value=getattr(draft, name), type=getattr(draft, f"{name}_type"))
    others: tuple[Reach, ...] = getattr(draft, f"{name}s")
    return (first, *others) if first.value else others


def _rows(field: Field, free: Sequence[LeadDraft], typed: Sequence[LeadDraft]) -> Words:
    """``free`` drafts may bring words that are new; of ``typed`` ones tags alone may be."""
    new, chosen = _words_in(free, field), _words_in(typed, field)
    if field.type == kinds.TAGS:
        new, chosen = [*new, *chosen], []
    if field.model is Stage:
        return stages_named([*new, *chosen])
    if field.is_custom:
        return choices_named(field, new, also=chosen) if new or chosen else {}
    named = rows_named(field.model, new, language=hub().language) if new else {}
    return named | (rows_chosen(field.model, chosen) if chosen else {})


def _words_in(drafts: Sequence[LeadDraft], field: Field) -> list[str]:
    """Each once, in their order."""
    if field.name in DRAFTED and field.type == kinds.CHOICE:
        return [word for word in dict.fromkeys(map(attrgetter(field.name), drafts)) if word]
    return list(dict.fromkeys(word for draft in drafts for word in _words_of(draft, field.name)))


def _is_told(draft: LeadDraft, name: str) -> bool:
    """Does the draft itself bring it?  A zero is something."""
    value: Any = draft.custom.get(name) if name.startswith("custom_") else getattr(draft, name, None)
    return bool(value) or (value == 0 and value is not False)


def _words_of(draft: LeadDraft, name: str) -> Sequence[str]:
    value: Any = draft.custom.get(name, "") if name.startswith("custom_") else getattr(draft, name, "")
    return [word for word in value if word] if isinstance(value, tuple) else [value] if value else []
