"""How fast the list, the board, statistics, a lead, create and edit answer, at 10,000, 100,000 and 1,000,000 leads.

``make bench`` prints a table; ``--json`` the same as JSON.  ``--sizes 10000,100000`` measures some, ``--only board`` a
part of the cases, ``--server URL`` an empty PostgreSQL database instead of SQLite.  Times are of the whole request
inside one process, in milliseconds: the median of five rounds, and the 95th percentile of all.  The floor is the same
template with the same fifty rows in memory, rendered by a bare Flask app.
"""

import argparse
import json
import logging
import math
import re
import statistics
import sys
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from leadhub.accounts.models import Role
from leadhub.accounts.roles import OWN
from leadhub.extensions import db
from leadhub.leads import reading_kept
from leadhub.leads.models import Lead
from tests.bench import hubs, made_up
from tests.bench.floor import floor_of

ROUNDS, REQUESTS = 5, 8
SIZES = (10_000, 100_000, 1_000_000)
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
CARDS = "/dashboard/widgets/"
Case = Callable[[], Any]


def main() -> int:
    arguments = _arguments()
    reading_kept.WORTH = math.inf  # whatever was counted is counted anew
    logging.disable()  # a line for each request would drown the table
    results: dict[str, dict[int, tuple[float, float]]] = {}
    for size in arguments.sizes:
        app = hubs.app_with(size, arguments.server)
        hubs.fold(app)
        for name, case in _cases(app).items():
            if arguments.only not in name:
                continue
            results.setdefault(name, {})[size] = _measured(case)
            print(f"{size:>9,} {name:34} {_told(results[name][size])}", file=sys.stderr)
        with app.app_context():
            db.engine.dispose()
    print(json.dumps(results) if arguments.json else _table(results, arguments.sizes))
    return 0


def _cases(app: Flask) -> dict[str, Case]:
    client = hubs.client_of(app, "ada@example.org")
    agent = hubs.client_of(app, hubs.AGENTS[3])
    lead_id = _some_lead(app)
    second = _next_of(client)
    pages = {
        "floor: fifty rows in memory": floor_of(app),
        "first page": _get(client, "/leads/"),
        "second page": _get(client, second),
        "filtered by source": _get(client, "/leads/?source=fair"),
        "leads without a source": _get(client, "/leads/without-source"),
        "filtered, few": _get(client, "/leads/?tags=vip&source=fair&employees.from=400"),
        "filtered, none": _get(client, "/leads/?industry=energy"),
        "text contained in a field": _get(client, "/leads/?job_title.has=nobody"),
        "city": _get(client, "/leads/?city=orleans"),
        "received last month": _get(client, "/leads/?received_at=last-month"),
        "sorted by name": _get(client, "/leads/?sort=name"),
        "sorted by expected value": _get(client, "/leads/?sort=-expected_value"),
        "sorted by source": _get(client, "/leads/?sort=source"),
        "search, common word": _piece(client, made_up.COMMON),
        "search, two common words": _piece(client, "martin sarl"),
        "search, rare word": _piece(client, made_up.RARE),
        "search, no such word": _piece(client, made_up.NOWHERE),
        "search, two letters": _piece(client, "du"),
        "search, beginning of a phone": _piece(client, "06 12"),
        "total": _get(client, "/leads/total?exact=1", PIECE),
        "total, filtered": _get(client, "/leads/total?exact=1&source=fair&language=fr", PIECE),
        "total, common word": _get(client, f"/leads/total?exact=1&q={made_up.COMMON}", PIECE),
        "total, own tag": _get(client, "/leads/total?exact=1&tags=none", PIECE),
        "board": _get(client, "/leads/board/"),
        "board, filtered by source": _get(client, "/leads/board/?source=fair"),
        "board, filtered, few": _get(client, "/leads/board/?tags=vip&source=fair&employees.from=400"),
        "board, common word": _get(client, f"/leads/board/?q={made_up.COMMON}", PIECE),
        "board, heads filtered by source": _get(client, "/leads/board/figures?source=fair", PIECE),
        "board, heads of a common word": _get(client, f"/leads/board/figures?q={made_up.COMMON}", PIECE),
        "board, heads by own tag": _get(client, "/leads/board/figures?tags=none", PIECE),
        "statistics, all time": _statistics(client, ""),
        "statistics, last 90 days": _statistics(client, "?period=last-90-days&compare=y"),
        "statistics, version": _get(client, "/dashboard/version", PIECE),
        "statistics card, of a source": _get(client, f"{CARDS}leads_by_type?source=fair", PIECE),
        "statistics card, of two": _get(client, f"{CARDS}leads_by_status?source=fair&type=none", PIECE),
        "statistics card, over time of two": _get(client, f"{CARDS}leads_over_time?source=fair&type=none", PIECE),
        "statistics card, by industry": _get(client, f"{CARDS}leads_by_field?source=fair", PIECE),
        "statistics card, funnel of 90 days": _get(client, f"{CARDS}funnel?period=last-90-days", PIECE),
        "lead page": _get(client, f"/leads/{lead_id}"),
        "create": _create(client),
        "edit": _edit(app, client, lead_id),
    }
    agents_see_their_own(app)
    return pages | {
        "own leads: statistics, all time": _statistics(agent, ""),
        "own leads: first page": _get(agent, "/leads/"),
        "own leads: board": _get(agent, "/leads/board/"),
        "own leads: filtered": _get(agent, "/leads/?source=fair"),
        "own leads: total": _get(agent, "/leads/total?exact=1", PIECE),
        "own leads: search, common word": _piece(agent, made_up.COMMON),
    }


def agents_see_their_own(app: Flask) -> None:
    with app.app_context():
        db.session.execute(sa.update(Role).where(Role.name == "agent").values(reach=OWN))
        db.session.commit()


def _get(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> Case:
    def case() -> None:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.status_code)

    return case


def _statistics(client: FlaskClient, words: str) -> Case:
    """The page and each of its cards, one after another."""

    def case() -> None:
        page = client.get(f"/dashboard/{words}")
        cards = re.findall(r'hx-get="(/dashboard/widgets/[^"]*)"', page.text)
        assert len(cards) == 8, len(cards)
        for card in cards:
            answer = client.get(unescape(card), headers=PIECE)
            assert 'data-state="ready"' in answer.text, card

    return case


def _piece(client: FlaskClient, text: str) -> Case:
    return _get(client, f"/leads/?q={text}", PIECE)


def _create(client: FlaskClient) -> Case:
    def case() -> None:
        answer = client.post("/leads/", data={"last_name": "Benchmark", "email": f"b{time.time_ns()}@example.org"})
        assert answer.status_code == 303, answer.status_code

    return case


def _edit(app: Flask, client: FlaskClient, lead_id: int) -> Case:
    def case() -> None:
        with app.app_context():
            version = db.session.scalar(sa.select(Lead.version).where(Lead.id == lead_id))
        data = {"version": version, "last_name": f"Benchmark {version}"}
        answer = client.post(f"/leads/{lead_id}/fields/last_name", data=data)
        assert answer.status_code == 303, answer.status_code

    return case


def _some_lead(app: Flask) -> int:
    with app.app_context():
        middle = (db.session.scalar(sa.select(sa.func.max(Lead.id))) or 0) // 2
        return db.session.scalar(sa.select(Lead.id).where(Lead.id >= middle).order_by(Lead.id).limit(1)) or 0


def _next_of(client: FlaskClient) -> str:
    found = re.search(r'rel="next"[^>]*href="([^"]+)"', client.get("/leads/").text)
    assert found
    return unescape(found[1])


def _measured(case: Case) -> tuple[float, float]:
    """Median of the rounds' medians and p95 of all requests, in milliseconds."""
    for _ in range(2):
        case()
    rounds = [[_timed(case) for _ in range(REQUESTS)] for _ in range(ROUNDS)]
    times = sorted(time for each in rounds for time in each)
    return statistics.median(map(statistics.median, rounds)), times[int(len(times) * 0.95)]


def _timed(case: Case) -> float:
    begun = time.perf_counter()
    case()
    return (time.perf_counter() - begun) * 1000


def _told(figures: tuple[float, float]) -> str:
    return f"{figures[0]:8.1f} ms  p95 {figures[1]:8.1f}"


def _table(results: dict[str, dict[int, tuple[float, float]]], sizes: list[int]) -> str:
    heads = "".join(f"{size:>22,}" for size in sizes)
    lines = [f"{'median / p95, ms':34}{heads}   last to first"]
    for name, found in results.items():
        cells = "".join(f"{found[size][0]:>13.1f} /{found[size][1]:>7.1f}" for size in sizes)
        lines.append(f"{name:34}{cells}{found[sizes[-1]][0] / found[sizes[0]][0]:>14.2f}")
    return "\n".join(lines)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", metavar="WORD", help="cases with this word in their names")
    parser.add_argument("--server", default="", metavar="URL")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=list(SIZES))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
