"""Who quotes, and how: changed by an admin.  Commits nothing."""

from collections.abc import Callable
from dataclasses import asdict

from flask_babel import gettext as _

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.sales import numbers, parties
from leadhub.sales.company import identifiers
from leadhub.sales.company.drafts import CompanyDraft, NextNumbers
from leadhub.sales.company.logos import Logo
from leadhub.sales.company.queries import company, order_series, quotation_series
from leadhub.sales.documents import Company

NEXT_MAX = 99_999_999


class StaleCompany(RuleBroken):
    """Somebody else has changed it since the form was opened; nothing was saved."""


def change(
    draft: CompanyDraft, *, version: int, by: User, logo: Logo | None = None, begin: NextNumbers | None = None
) -> None:
    """``logo``: another one, or an empty one for none; left out it stays.

    Raises ``StaleCompany``, and ``FieldRefused`` with the field's name; nothing is changed then.
    """
    row = company()
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise StaleCompany(_("Somebody changed this meanwhile."))
    with db.session.no_autoflush:
        _fill(row, draft)
        if logo is not None:
            row.logo, row.logo_type = logo.content, logo.type
        _check_series()
    db.session.flush()
    audit.record("settings", user=by, page="company")
    begin = begin or NextNumbers()
    _begin("next_quotation", quotation_series(), begin.quotation)
    _begin("next_order", order_series(), begin.order)


def _fill(row: Company, draft: CompanyDraft) -> None:
    values = asdict(draft)
    values["siren"] = _checked(
        "siren", identifiers.siren, draft.siren, _("A SIREN has nine digits; one of these must be wrong.")
    )
    values["vat_number"] = _checked(
        "vat_number", identifiers.vat_number, draft.vat_number,
        _("This can’t be a VAT number. It begins with its country, as FR40303265045 does."),
    )  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)


def _checked(field: str, check: Callable[[str], str], text: str, refusal: str) -> str:
    try:
        return check(text) if text else ""
    except identifiers.NoSuchNumber:
        raise FieldRefused(field, refusal) from None


def _check_series() -> None:
    row = company()
    for field, text in (("quotation_series", row.quotation_series), ("order_series", row.order_series)):
        if text and not identifiers.is_series(text):
            raise FieldRefused(field, _("Letters, digits, and hyphens between them."))
    if quotation_series() == order_series():
        raise FieldRefused("order_series", _("Quotations and orders begin differently, or nobody can tell them apart."))


def _begin(field: str, series: str, number: int | None) -> None:
    if number is None:
        return
    last = numbers.last_number(series, parties.today().year)
    if not last < number <= NEXT_MAX:
        raise FieldRefused(field, _("Numbers only rise: give one above %(count)s.", count=last))
    numbers.begin_behind(series, parties.today().year, number - 1)
