"""Amounts, rates and states of documents as pages show them."""

from decimal import Decimal

from babel.numbers import format_currency
from flask import Blueprint
from flask_babel import format_percent, get_locale

from leadhub.numbers import amount
from leadhub.sales.asking import party_address, party_name
from leadhub.sales.documents import Order, Quotation
from leadhub.sales.drafts import LineDraft
from leadhub.sales.lines import drafts_of
from leadhub.sales.money import Totals, from_minor, net_of, totals_of
from leadhub.sales.words import order_state

COLOURS = {
    "draft": "gray", "submitted": "blue", "accepted": "teal", "confirmed": "teal", "lost": "orange",
    "cancelled": "gray", "expired": "yellow",
}  # fmt: skip


def init_app(bp: Blueprint) -> None:
    """The names that templates of documents use."""
    for given in (party_name, party_address):
        bp.add_app_template_global(given)
    for shown in (order_state, state_colour, minor, percent, price, net, totals):
        bp.add_app_template_filter(shown)


def state_colour(state: str) -> str:
    return COLOURS.get(state, "gray")


def minor(value: int | None, currency: str) -> str:
    """Minor units as an amount; nothing for no value."""
    return "" if value is None else amount(from_minor(value, currency), currency)


def percent(rate: Decimal) -> str:
    """``5,5 %``: no more decimals than it has."""
    locale = get_locale()
    pattern = locale.percent_formats[None].pattern if locale else "#,##0%"
    return str(format_percent(rate / 100, pattern.replace("0", "0.###", 1)))


def price(value: Decimal, currency: str) -> str:
    """With all the decimals that it has."""
    return str(format_currency(value.normalize(), currency, locale=get_locale(), decimal_quantization=False))


def net(line: LineDraft, currency: str) -> str:
    """What a line comes to before tax."""
    return minor(net_of(line, currency), currency)


def totals(row: Quotation | Order) -> Totals:
    return totals_of(drafts_of(row), row.currency)
