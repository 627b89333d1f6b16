"""Leads that nobody is: French and English names from a seed, so that every run has the same."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from leadhub.plugins.api import Address, LeadDraft

SEED = 5
NEWEST = datetime(2026, 11, 22, 9, tzinfo=UTC)
SPAN = timedelta(days=3 * 365)
FIRST_NAMES = """
    Camille Léa Manon Chloé Inès Zoé Hélène Élodie Anaïs Noémie Jean Pierre Louis Hugo Théo François Jérôme Benoît
    Loïc Gaël Oliver Amelia George Isla Harry Emily Jack Charlotte James Sophie Thomas Grace William Alice Henry
"""
LAST_NAMES = """
    Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Lefèvre Michel
    Garcia David Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont Dupré Élan Faure Lévêque Cœur
    Smith Jones Taylor Brown Williams Wilson Johnson Davies Evans Walker Wright Hall Green Clarke O’Brien
"""
PARTS = """
    ba bel bo bri ca ché co da del do fa fé ga gri jo la lé lo ma mé mo na né ni pa pé po ra ré ro sa sé ta té
"""
FIRST, LAST, SYLLABLES = FIRST_NAMES.split(), LAST_NAMES.split(), PARTS.split()
FORMS = ("SARL", "SAS", "SA", "Ltd", "LLP", "et fils", "& Co", "")
CITIES = (
    ("Paris", "75011", "FR"), ("Lyon", "69003", "FR"), ("Marseille", "13006", "FR"), ("Orléans", "45000", "FR"),
    ("Saint-Étienne", "42000", "FR"), ("London", "SW1A 1AA", "GB"), ("Leeds", "LS1 4AP", "GB"),
    ("Bristol", "BS1 5TR", "GB"),
)  # fmt: skip
SOURCES = ("web-form", "website", "fair", "advertising", "referral", "phone", "email", "linkedin", "whatsapp", "")
OPEN, WON, LOST = ("first-contact", "in-evaluation", "in-negotiation"), "sales.converted", "sales.lost"
STAGES: list[dict[str, Any]] = [
    *({"stage": f"sales.{key}"} for key in (*OPEN, *OPEN[:2], OPEN[0])),
    {"stage": WON, "customer_since": NEWEST.date()},
    *({"stage": LOST, "lost_reason": "price"},) * 3,
]
COMMON, RARE, NOWHERE = "martin", "zwyrtek", "qqzzxw"
"""A word of several leads in a hundred, of ten in all, and of none."""


def leads(count: int, owners: list[str]) -> Iterator[LeadDraft]:
    """As many drafts, the owners' e-mails drawn with nobody among them."""
    draw = random.Random(SEED)  # noqa: S311
    for number in range(count):
        yield _lead(draw, number, count, owners)


def _lead(draw: random.Random, number: int, count: int, owners: list[str]) -> LeadDraft:
    first = draw.choice(FIRST)
    last = draw.choice(LAST) if draw.random() < 0.5 else _word(draw).title()
    if number % max(count // 10, 1) == 7:
        last = RARE.title()
    company = f"{_word(draw).title()} {draw.choice(FORMS)}".strip()
    domain = f"{_plain(company.split()[0])}.example"
    city, code, country = draw.choice(CITIES)
    is_french = country == "FR"
    digits = f"{draw.randrange(10**8):08}"
    is_organisation, has_organisation = draw.random() < 0.2, draw.random() < 0.7
    return LeadDraft(
        channel="import",
        is_organisation=is_organisation and has_organisation,
        first_name=first,
        last_name=last,
        organisation=company if has_organisation else "",
        email=f"{_plain(first)}.{_plain(last)}{number}@{domain}" if draw.random() < 0.9 else "",
        phone=(f"06 {' '.join(digits[at : at + 2] for at in (0, 2, 4, 6))}" if is_french else f"+44 7400 {digits[:6]}")
        if draw.random() < 0.6
        else "",
        job_title=draw.choice(("", "", "Directeur", "Sales manager", "Gérante", "Buyer")),
        source=draw.choice(SOURCES),
        owner=draw.choice((*owners, "")),
        language="fr" if is_french else "en",
        employees=draw.choice((None, None, 3, 12, 80, 450)),
        expected_value=Decimal(draw.randrange(100, 90_000)) if draw.random() < 0.4 else None,
        next_contact_at=NEWEST + timedelta(hours=draw.randrange(-400, 900)) if draw.random() < 0.2 else None,
        received_at=NEWEST - SPAN * ((count - number) / count) + timedelta(seconds=draw.randrange(86_400)),
        addresses=(_office(city, code, country),) if draw.random() < 0.5 else (),
        tags=("vip",) if draw.random() < 0.02 else (),
        **STAGES[number % len(STAGES)],
        external_scope="bench",
        external_id=f"B-{number}",
    )


def _office(city: str, code: str, country: str) -> Address:
    return Address(type="office", city=city, postal_code=code, country=country)


def _word(draw: random.Random) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(draw.randrange(2, 5)))


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isascii() and letter.isalnum()) or "x"
