"""The figures of a card as rows, to be taken away."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.roles import EXPORT_LEADS
from leadhub.leads.showing import Part, Prepared
from leadhub.tables import Cell

Rows = list[list[Cell]]


def has_rows(shown: Prepared | None) -> bool:
    return shown is not None and shown.kind in ("number", "chart", "table") and not shown.is_empty


def may_take(user: User, shown: Prepared | None) -> bool:
    """Rows that tell of single leads are for those who may take leads away."""
    if shown is None or not has_rows(shown):
        return False
    return user.may(EXPORT_LEADS) or not any(line.lead for line in shown.lines)


def rows_of(shown: Prepared, title: str) -> Rows:
    """Heads first.  Of a figure one row."""
    if shown.kind == "chart":
        return _of_parts(shown)
    if shown.kind == "table":
        heads: list[Cell] = [head for head, _is_number in shown.heads]
        return [heads, *(list(line.values) for line in shown.lines)]
    before: list[Any] = [] if shown.before is None else [shown.before]
    return [["", title, *([_("Before")] if before else [])], [shown.label, shown.value, *before]]


def _of_parts(shown: Prepared) -> Rows:
    """Amounts before numbers, as the table has them."""
    parts: Sequence[Part] = shown.parts
    has_shares = any(part.share is not None for part in parts)
    has_before = any(part.drawn_before is not None for part in parts)
    heads: list[Cell] = [_("What"), *([shown.amounts] if shown.amounts else []), shown.counts or _("Leads")]
    heads += [_("Share in percent")] if has_shares else []
    heads += [_("Before")] if has_before else []
    heads += [shown.beside] if shown.beside else []
    rows: Rows = []
    for part in parts:
        row: list[Cell] = [part.label, *([part.amount] if shown.amounts else []), part.value]
        row += [part.share] if has_shares else []
        row += [part.drawn_before] if has_before else []
        rows.append([*row, *([part.beside] if shown.beside else [])])
    return [heads, *rows]
