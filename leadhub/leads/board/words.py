"""How a card reads."""

from datetime import datetime, timedelta
from functools import lru_cache

from babel.dates import format_timedelta
from flask import Blueprint
from flask_babel import get_locale

from leadhub.accounts.models import User
from leadhub.assets import current_assets
from leadhub.database import utcnow
from leadhub.lists.models import Source
from leadhub.plugins.host import current_host

PLAIN = "point"  # of a source that has no icon of its own


def register(bp: Blueprint) -> None:
    """Give every template these words."""
    for words in (initials, days_since):
        bp.add_app_template_filter(words)
    bp.add_app_template_global(source_icon)


def initials(person: User) -> str:
    """``AL`` for Ada Lovelace, ``A`` for ada@example.org."""
    parts = person.label.partition("@")[0].split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def days_since(moment: datetime) -> str:
    """``3 days``: whole ones, short in the page's language."""
    return _days(max(utcnow() - moment, timedelta()).days, str(get_locale() or "en"))


@lru_cache(1000)
def _days(whole: int, locale: str) -> str:
    return format_timedelta(timedelta(days=whole), "day", threshold=100, format="short", locale=locale)


def source_icon(source: Source) -> str:
    """Name of the icon that the plugin of this source gives it."""
    offers = current_host().offers["sources"]
    named = offers[source.key].value.icon if source.key in offers else ""
    return named if named and current_assets().has_icon(named) else PLAIN
