"""What the select fields of a lead's form offer, in the page's language."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from babel import Locale
from babel.numbers import get_territory_currencies
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import choices_of
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.kinds import COUNTRIES, GENDERS, LANGUAGES
from leadhub.lists.queries import rows_of
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import may_enter, stages
from leadhub.web import label, language

NONE = ("", "—")
COMMON = 7  # languages that are offered first
COMMON_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD")
Pairs = list[tuple[str, Any]]


class Offers:
    """For one form: people are read once, however many fields ask for one."""

    def __init__(self) -> None:
        self._people: list[User] | None = None

    def of(self, field: Field, keep: Any) -> Pairs:
        """(value, label) pairs.  ``keep`` is what the lead has: offered, even where nobody else can choose it."""
        if field.type == kinds.PERSON:
            return self._users(keep)
        if field.type == kinds.FIXED:
            return FIXED[field.name](keep)
        held = keep if isinstance(keep, list | tuple) else [keep]
        if field.model is Stage:
            return [
                NONE,
                *((row.key, label(row)) for row in stages() if may_enter(current_user, row) or row.key in held),
            ]
        rows = choices_of(field) if field.is_custom else rows_of(field.model)
        offered = [(row.key, label(row)) for row in rows if not row.retired or row.key in held]
        return offered if field.type == kinds.CHOICES or field.name == "status" else [NONE, *offered]

    def _users(self, keep: str | None) -> Pairs:
        if self._people is None:
            self._people = active_users()
        people = [(user.email, _called(user)) for user in self._people]
        return [NONE, *people] if not keep or keep in dict(people) else [NONE, *people, (keep, keep)]


def _called(user: User) -> str:
    return _("%(name)s (away)", name=user.label) if user.away else user.label


def genders(keep: Any = "") -> Pairs:
    return [NONE, *GENDERS.items()]


def languages(keep: Any = "") -> Pairs:
    """The hub's and common ones first."""
    first = list(dict.fromkeys([hub().language, *LANGUAGES[:COMMON]]))
    named = [(code, language_name(code)) for code in LANGUAGES]
    rest = sorted((pair for pair in named if pair[0] not in first), key=lambda pair: fold(pair[1]))
    return [NONE, *((code, language_name(code)) for code in first), *rest]


def language_name(code: str) -> str:
    return str(Locale.parse(language()).languages.get(code, code))


def currencies(keep: Any = "") -> Pairs:
    """Common ones first; none chosen is the hub's."""
    own = ("", _("As the hub: %(currency)s", currency=hub().currency))
    codes = _first_of(COMMON_CURRENCIES, current_currencies() | ({keep} if keep else set()))
    names = Locale.parse(language()).currencies
    return [own, *((code, f"{code} – {names.get(code, code)}") for code in codes)]


def _first_of(first: Iterable[str], codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *sorted(codes)]))


@cache
def current_currencies() -> frozenset[str]:
    """Those that somewhere are money today."""
    return frozenset(code for country in COUNTRIES for code in get_territory_currencies(country))


def countries() -> Pairs:
    """The hub's first, the others as the page's language sorts them."""
    own = hub().country
    others = _countries(language())
    return [NONE, *((code, name) for code, name in others if code == own), *(pair for pair in others if pair[0] != own)]


@cache
def _countries(spoken: str) -> Pairs:
    names = Locale.parse(spoken).territories
    return sorted(((code, str(names.get(code, code))) for code in COUNTRIES), key=lambda pair: fold(pair[1]))


FIXED: Mapping[str, Any] = {"gender": genders, "language": languages, "currency": currencies}
