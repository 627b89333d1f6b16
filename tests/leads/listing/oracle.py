"""What a list should hold, worked out in plain Python from the leads themselves: slowly, and without the engine."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from functools import cmp_to_key
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from leadhub.accounts.models import Team, User
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.queries import catalogue, choices_of
from leadhub.folding import fold
from leadhub.leads.keys import phone_key
from leadhub.leads.models import Lead
from leadhub.lists.queries import rows_of

TODAY = date(2026, 10, 26)  # a Monday, the day after clocks went back in Paris
PARIS = ZoneInfo("Europe/Paris")
RAW = ("website", "external_id", "postal_code")  # compared without folding
FIELDS = kinds.FIELDS | {field.name: field for field in kinds.TOLD}


def lower(text):
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def digits(text):
    return "".join(sign for sign in text if sign.isdigit())


class Oracle:
    """Of all leads that there are now."""

    def __init__(self):
        self.leads = list(db.session.scalars(sa.select(Lead)))
        self.users = {user.id: user for user in db.session.scalars(sa.select(User))}
        self.teams = db.session.scalar(sa.select(sa.func.count(Team.id)))
        self.fields = FIELDS | dict(catalogue())

    def ids(self, user, *, text="", sort="-received_at", **asked):
        leads = [lead for lead in self.leads if self.sees(user, lead)]
        for key, wanted in asked.items():
            name, _dot, operator = key.partition(".")
            wanted = [wanted] if isinstance(wanted, str) else wanted
            leads = [lead for lead in leads if self.fits(user, lead, self.fields[name], operator, wanted)]
        return [lead.id for lead in self.ordered([lead for lead in leads if self.found(lead, text)], sort)]

    def sees(self, user, lead):
        if lead.deleted_at is not None:
            return False
        if user.role == "admin" or user.reach == "all":
            return True
        if lead.owner_id is None:
            return user.role != "viewer"
        if lead.owner_id == user.id:
            return True
        mates = self.teams < 2 or (user.team_id and self.users[lead.owner_id].team_id == user.team_id)
        return user.reach == "team" and bool(mates)

    def values(self, lead, field):
        """Whatever the lead has in the field, none for nothing."""
        name = field.name
        if field.is_custom:
            return self.own_values(lead, field)
        if field.type == kinds.TAGS:
            return [tag.key for tag in lead.tags]
        if field.type == kinds.ADDRESSES:
            return list(lead.addresses)
        if name in kinds.OF_ADDRESSES:
            return [text for address in lead.addresses if (text := getattr(address, name))]
        if name in ("email", "phone"):
            others = [reach.value for reach in lead.reaches if reach.kind == name]
            return [text for text in (getattr(lead, name), *others) if text]
        if field.type == kinds.PERSON:
            person = self.users.get(getattr(lead, field.column))
            return [person.email] if person else []
        if field.link:
            row = getattr(lead, field.link)
            return [row.key] if row else []
        value = getattr(lead, name)
        if field.type == kinds.MOMENT:
            return [value.astimezone(PARIS).date()] if value else []
        return [] if value is None or value == "" else [value]

    def own_values(self, lead, field):
        rows = [row for row in lead.custom_values if row.field_id == field.row_id]
        if field.type == kinds.YES_NO:
            return [bool(rows)]
        if field.type in (kinds.CHOICE, kinds.CHOICES):
            return [row.choice.key for row in rows]
        return [next(it for it in (row.number, row.day, row.text) if it is not None) for row in rows]

    def fits(self, user, lead, field, operator, wanted):
        values = self.values(lead, field)
        if operator in ("from", "to"):
            return any(self.is_beyond(field, value, wanted[0], operator) for value in values)
        does = False
        for word in wanted:
            if word in ("none", "any") and operator != "has":
                does |= bool(values) == (word == "any")
            else:
                does |= any(self.matches(user, field, value, word, operator == "has") for value in values)
        return not does if operator == "not" else does

    def is_beyond(self, field, value, edge, operator):
        is_number = field.type in (kinds.NUMBER, kinds.AMOUNT)
        bound = Decimal(edge) if is_number else date.fromisoformat(edge)
        return value >= bound if operator == "from" else value <= bound

    def matches(self, user, field, value, word, contained):
        if field.type == kinds.PERSON:
            return value in self.people(user, word)
        if field.type == kinds.YES_NO:
            return value == (word == "yes")
        if field.type in (kinds.NUMBER, kinds.AMOUNT):
            return value == Decimal(word)
        if field.type in (kinds.DAY, kinds.MOMENT):
            start, end = span(word)
            return (start is None or value >= start) and (end is None or value <= end)
        if field.name == "phone":
            return same_phone(value, word, contained)
        if field.type in (kinds.TEXT, kinds.LINK, kinds.EMAILS):
            key = lower if field.name in RAW else fold
            return key(word) in key(value) if contained else key(word) == key(value)
        return value == word

    def people(self, user, word):
        if word == "me":
            return [user.email]
        if word == "my-team":
            return [it.email for it in self.users.values() if user.team_id is None or it.team_id == user.team_id]
        return [word]

    def found(self, lead, text):
        """Every word of it, or all its digits in one piece."""
        words = fold(text).split()
        own = [row.text for row in lead.custom_values for field in self.searched() if row.field_id == field.row_id]
        phones = self.values(lead, FIELDS["phone"])
        names = [lead.last_name, lead.first_name, lead.organisation, *self.values(lead, FIELDS["email"])]
        key = "".join(f" {fold(part)}" for part in (*names, lead.external_id or "", *own) if fold(part))
        keys = [f" {digits(form)}" for phone in phones for form in forms_of(phone)]
        if words and all(len(word) == 1 for word in words):  # letters alone
            return lead.sort_key.startswith(words[0]) and all(f" {word}" in key + "".join(keys) for word in words[1:])
        if all((word if len(word) > 2 else f" {word}") in key + "".join(keys) for word in words):
            return True
        is_phone = len(digits(text)) > 2 and not set(text) - set("+0123456789 ().-/")
        return is_phone and any((digits(text).removeprefix("00")) in phone for phone in keys)

    def searched(self):
        return [field for field in self.fields.values() if field.searchable]

    def ordered(self, leads, sort):
        name, sign = sort.removeprefix("-"), -1 if sort.startswith("-") else 1
        keys = {lead.id: self.key(lead, name) for lead in leads}

        def compare(one, other):
            mine, yours = keys[one.id], keys[other.id]
            if (mine is None) != (yours is None):
                return 1 if mine is None else -1
            mine, yours = (mine, one.id), (yours, other.id)
            return (
                0
                if mine == yours
                else sign * (1 if mine[0] == yours[0] and mine[1] > yours[1] else 0)
                or (sign * (-1 if mine[0] == yours[0] or mine[0] < yours[0] else 1))
            )

        return sorted(leads, key=cmp_to_key(compare))

    def key(self, lead, name):
        """What the lead is sorted by; None for an empty field."""
        person = (fold(lead.last_name), fold(lead.first_name))
        if name == "name":
            return self.name_key(lead, person)
        if name == "last_name":
            return person if lead.last_name else None
        if name in ("received_at", "created_at", "next_contact_at"):
            return getattr(lead, name)
        field = self.fields[name]
        values = self.values(lead, field)
        if name == "email":
            return fold(lead.email) or None
        if not values:
            return None
        if field.type == kinds.PERSON:
            return fold(next(it.label for it in self.users.values() if it.email == values[0]))
        if field.type == kinds.CHOICE:
            return self.rank(field, values[0])
        if field.type in (kinds.TEXT, kinds.LINK):
            return fold(values[0])[:200] if field.is_custom else fold(values[0]) or None
        return values[0]

    def name_key(self, lead, person):
        named = "\x1f".join(person) if any(person) else ""
        organisation = fold(lead.organisation)
        first, second = (organisation, named) if lead.is_organisation else (named, organisation)
        return first or second or fold(lead.email or lead.phone or lead.external_id or "")

    def rank(self, field, key):
        if field.is_custom:
            return [choice.key for choice in choices_of(field)].index(key)
        rows = rows_of(field.model)
        if field.name == "status":
            return [row.key for row in rows].index(key)
        return next(fold(row.label("en")) for row in rows if row.key == key)


def forms_of(phone):
    """As it was typed, at home and abroad; all numbers of these tests are French."""
    key = phone_key(phone, "FR")
    return [phone, *([key, f"0{key[3:]}"] if key and key.startswith("+33") else [])]


def same_phone(value, word, contained):
    typed = digits(word.replace("(0)", "")).removeprefix("00")
    if not typed:
        return (
            lower(word) in lower(value) if contained else lower(word) == lower(value).replace(".", "").replace(" ", "")
        )
    if not contained:
        mine, theirs = phone_key(word, "FR"), phone_key(value, "FR")
        return mine == theirs if mine else digits(value) == typed
    key = digits(phone_key(value, "FR") or "")
    abroad = f"33{typed[1:]}" if typed.startswith("0") and not word.startswith(("+", "00")) else typed
    return typed in digits(value) or (abroad != "33" and abroad in key and word.startswith(("+", "0")))


def span(word):
    """First and last day; None: no such edge."""
    monday = TODAY - timedelta(days=TODAY.weekday())
    month = TODAY.replace(day=1)
    known = {
        "today": (TODAY, TODAY),
        "yesterday": (TODAY - timedelta(days=1),) * 2,
        "tomorrow": (TODAY + timedelta(days=1),) * 2,
        "this-week": (monday, monday + timedelta(days=6)),
        "last-week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "next-week": (monday + timedelta(days=7), monday + timedelta(days=13)),
        "this-month": (month, month.replace(day=monthrange(month.year, month.month)[1])),
        "last-month": (date(2026, 9, 1), date(2026, 9, 30)),
        "this-quarter": (date(2026, 10, 1), date(2026, 12, 31)),
        "last-quarter": (date(2026, 7, 1), date(2026, 9, 30)),
        "this-year": (date(2026, 1, 1), date(2026, 12, 31)),
        "last-year": (date(2025, 1, 1), date(2025, 12, 31)),
        "last-1-days": (TODAY, TODAY),
        "last-7-days": (TODAY - timedelta(days=6), TODAY),
        "next-7-days": (TODAY + timedelta(days=1), TODAY + timedelta(days=7)),
        "past": (None, TODAY - timedelta(days=1)),
        "future": (TODAY + timedelta(days=1), None),
    }
    return known[word] if word in known else (date.fromisoformat(word),) * 2
