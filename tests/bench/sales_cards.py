"""How fast the cards of the tab Quotations answer: a quotation for each ten leads, three orders for ten quotations.

``python -m tests.bench.sales_cards`` prints a table; ``--sizes 10000,100000`` measures some, ``--server URL`` an empty
PostgreSQL database instead of SQLite, ``--explain`` prints how each statement is answered.  Times are of the whole
request inside one process, in milliseconds: the median of rounds, and the 95th percentile of all.
"""

import argparse
import logging
import math
import random
import re
import sys
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import sqlalchemy as sa
from flask import Flask

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads import reading_kept
from leadhub.leads.models import Lead
from leadhub.lists.models import Campaign, LossReason
from leadhub.sales.documents import Opportunity, Order, Quotation
from tests.bench import hubs, made_up
from tests.bench.list_pages import CARDS, PIECE, Case, _get, _measured, _told, agents_see_their_own

SCOPES = {
    "all time": "", "last 90 days": "&period=last-90-days&compare=y", "of a source": "&source=fair",
    "of a source, 90 days": "&source=fair&period=last-90-days",
}  # fmt: skip
BLOCK = 5000
SEED = 11


def main() -> int:
    arguments = _arguments()
    reading_kept.WORTH = math.inf  # whatever was counted is counted anew
    logging.disable()
    for size in arguments.sizes:
        app = hubs.app_with(size, arguments.server)
        fill(app, size // 10)
        hubs.fold(app)
        if arguments.explain:
            _explain(app)
            continue
        for name, case in _cases(app).items():
            if arguments.only not in name:
                continue
            print(f"{size:>9,} {name:52} {_told(_measured(case))}", flush=True)
        with app.app_context():
            db.engine.dispose()
    return 0


def fill(app: Flask, number: int) -> None:
    """So many quotations, where there are none."""
    with app.app_context():
        if db.session.scalar(sa.select(sa.func.count(Quotation.id))):
            return
        draw, leads = random.Random(SEED), db.session.scalars(sa.select(Lead.id)).all()  # noqa: S311
        reasons = db.session.scalars(sa.select(LossReason.id)).all()
        db.session.add(Campaign(key="fair", names={"en": "Fair"}, actual_cost=Decimal(9000)))
        db.session.flush()
        quotations = [_quotation(draw, lead_id, reasons) for lead_id in draw.sample(leads, number)]
        orders = [
            {**_bare(draw, row["lead_id"]), "state": "confirmed", "ordered_on": row["sent_on"]} for row in quotations
        ]
        opportunities = [_opportunity(draw, lead_id, reasons) for lead_id in draw.sample(leads, number // 2)]
        for model, rows in ((Quotation, quotations), (Order, orders[: number * 3 // 10]), (Opportunity, opportunities)):
            for start in range(0, len(rows), BLOCK):
                db.session.execute(sa.insert(model), rows[start : start + BLOCK])
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")


def _bare(draw: random.Random, lead_id: int) -> dict[str, Any]:
    currency = "EUR" if draw.random() < 0.9 else "CHF"
    return {"lead_id": lead_id, "currency": currency, "net_minor": draw.randrange(1000, 9_000_000)}


def _quotation(draw: random.Random, lead_id: int, reasons: Any) -> dict[str, Any]:
    sent = (made_up.NEWEST - made_up.SPAN * draw.random()).date()
    state = draw.choice(("submitted", "accepted", "accepted", "lost", "lost", "cancelled", "expired"))
    return _bare(draw, lead_id) | {
        "state": state, "sent_on": sent, "settled_on": None if state == "submitted" else sent + timedelta(days=9),
        "loss_reason_id": draw.choice(reasons) if state == "lost" else None, "series": "Q-", "year": sent.year,
        "sequence": lead_id,
    }  # fmt: skip


def _opportunity(draw: random.Random, lead_id: int, reasons: Any) -> dict[str, Any]:
    bare, state = _bare(draw, lead_id), draw.choice(("open", "open", "won", "lost"))
    day = utcnow().date() + timedelta(days=draw.randrange(-90, 400))
    return {
        "lead_id": lead_id, "currency": bare["currency"], "amount_minor": bare["net_minor"], "title": "Roof",
        "state": state, "expected_close": day, "probability": draw.choice((None, 10, 50, 75)),
        "closed_on": None if state == "open" else day - timedelta(days=100),
        "loss_reason_id": draw.choice(reasons) if state == "lost" else None,
    }  # fmt: skip


def _cases(app: Flask) -> dict[str, Case]:
    client = hubs.client_of(app, "ada@example.org")
    agent = hubs.client_of(app, hubs.AGENTS[3])
    keys = re.findall(r"/dashboard/widgets/(\w+)", client.get("/dashboard/?tab=quotations").text)
    keys = list(dict.fromkeys(keys))
    assert len(keys) == 10, keys
    cases: dict[str, Case] = {"the tab and its cards, all time": _tab(client, ""), "version": _get(
        client, "/dashboard/version", PIECE)}  # fmt: skip
    for words, address in SCOPES.items():
        for key in keys:
            cases[f"{key}, {words}"] = _get(client, f"{CARDS}{key}?tab=quotations{address}", PIECE)
    cases["leads with a quotation"] = _get(client, "/leads/?quoted=yes")
    cases["leads with a quotation: total"] = _get(client, "/leads/total?exact=1&quoted=yes", PIECE)
    agents_see_their_own(app)
    return cases | {f"own: {key}, all time": _get(agent, f"{CARDS}{key}?tab=quotations", PIECE) for key in keys}


def _tab(client: Any, words: str) -> Case:
    def case() -> None:
        page = client.get(f"/dashboard/?tab=quotations{words}")
        for card in re.findall(r'hx-get="(/dashboard/widgets/[^"]*)"', page.text):
            answer = client.get(unescape(card), headers=PIECE)
            assert 'data-state="ready"' in answer.text, card

    return case


def _explain(app: Flask) -> None:
    """Whatever the cards ask of documents."""
    client = hubs.client_of(app, "ada@example.org")
    keys = dict.fromkeys(re.findall(r"/dashboard/widgets/(\w+)", client.get("/dashboard/?tab=quotations").text))
    asked: dict[str, Any] = {}

    def hear(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if re.search(r"FROM (quotations|orders|opportunities|leads)|JOIN", statement) and "changed_at" not in statement:
            asked.setdefault(statement, parameters)

    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", hear)
    for key in keys:
        for address in SCOPES.values():
            client.get(f"{CARDS}{key}?tab=quotations{address}", headers=PIECE)
    with app.app_context():
        sa.event.remove(db.engine, "before_cursor_execute", hear)
        word = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN ANALYZE "
        with db.engine.connect() as connection:
            for statement, parameters in asked.items():
                rows = connection.exec_driver_sql(word + statement, parameters).all()
                print(re.sub(r"\s+", " ", statement)[:1500], *(f"    {row[-1]}" for row in rows), "", sep="\n")


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--only", default="", metavar="WORD", help="cases with this word in their names")
    parser.add_argument("--server", default="", metavar="URL")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=[10_000, 100_000])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
