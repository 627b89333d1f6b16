"""What the lists of quotations and of orders show, as the address asks for it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_security import current_user

from leadhub.database import id_from
from leadhub.sales.document_queries import page_of, parties_found, sums_of
from leadhub.sales.documents import Numbered
from leadhub.sales.models import TEXT_MAX
from leadhub.sales.showing import minor


def listed(model: type[Numbered], states: Sequence[str], counting: str) -> dict[str, Any]:
    """A page of the list; how many there are of each state, and what those of the state that is asked for come to, on
    all pages; of ``counting`` where none is."""
    text, state = _text(), request.args.get("state", "")
    state = state if state in states else ""
    sums = sums_of(current_user, model, text)
    counts = {name: sum(each.count for each in sums if each.state == name) for name in states}
    nets: dict[str, int] = defaultdict(int)
    for each in sums:
        if each.state == (state or counting):
            nets[each.currency] += each.net
    page = page_of(current_user, model, state=state, text=text, after=_place(request.args.get("after", "")))
    told = " · ".join(minor(net, currency) for currency, net in nets.items())
    return {"page": page, "text": text, "state": state, "counts": counts, "nets": told, "summed": state or counting}


def parties_asked() -> dict[str, Any]:
    """Leads and customers that a new document may be for, as somebody searches for them."""
    text = _text()
    return {"text": text, "found": parties_found(current_user, text)}


def _text() -> str:
    return request.args.get("q", "").strip()[:TEXT_MAX]


def _place(text: str) -> int | None:
    try:
        return id_from(text) if text else None
    except ValueError:
        return None
