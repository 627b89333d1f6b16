"""The pies show what a plain count over real files gives, by folded name, in whatever period."""

import csv
import re
from collections import Counter
from datetime import date, datetime
from html import unescape

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.imports import services as imports
from leadhub.leads.counters import services
from leadhub.leads.counters.jobs import fold_block

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
PERIODS = [(None, None), (date(2018, 2, 1), date(2018, 2, 28)), (date(2017, 6, 14), date(2017, 12, 31)),
           (date(2018, 3, 15), date(2018, 3, 15))]  # fmt: skip
ROW = re.compile(r'<tr data-value="(\d+)".*?<a class="break" href="([^"]+)">([^<]*)</a>', re.DOTALL)


@pytest.fixture(params=["rows", "counters", "changes"])
def take_in(app, data, request):
    def take_in(name):
        with app.app_context():
            if request.param == "changes":
                services.recount(db.session.connection())
                db.session.commit()
            file = imports.recognise(data / name, {}, None)
            for block in imports.blocks(file):
                imports.take_in(file, block, imports.Report())
                db.session.commit()
            if request.param == "counters":
                services.recount(db.session.connection())
            elif request.param == "changes":
                fold_block()  # of some only
            db.session.commit()

    return take_in


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def pie(client, words):
    html = client.get(f"/dashboard/widgets/leads_by_source?{words}", headers=PARTIAL).text
    assert sum(map(int, re.findall(r">(\d+)%<", html))) == 100
    return {unescape(label): (int(value), unescape(way)) for value, way, label in ROW.findall(html)}


def words_of(start, end):
    return f"period=custom&start={start}&end={end}" if start else ""


def count(values):
    """By folded name, as people would: an empty cell has no source."""
    return Counter(fold(value) or "no source" for value in values)


def told(found):
    assert len({fold(label) for label in found}) == len(found)
    return {fold(label): value for label, (value, _way) in found.items()}


@pytest.mark.parametrize("take_in", ["rows", "counters", "changes"], indirect=True)
def test_the_pie_of_olist(client, take_in, data):
    take_in("02_olist/mql_dmy.csv")
    rows = rows_of(data / "02_olist/mql_dmy.csv")
    for start, end in PERIODS:
        days = [(datetime.strptime(row["first_contact_date"], "%d-%m-%Y").date(), row["origin"]) for row in rows]  # noqa: DTZ007
        expected = count(origin for day, origin in days if not start or start <= day <= end)
        assert told(pie(client, words_of(start, end))) == expected


@pytest.mark.one_database
@pytest.mark.parametrize("take_in", ["counters"], indirect=True)
def test_the_pie_of_x_education_and_the_ways_out_of_it(client, take_in, data):
    take_in("01_x_education/Leads_9240.csv")
    expected = count(row["Lead Source"] for row in rows_of(data / "01_x_education/Leads_9240.csv"))

    found = pie(client, "")
    assert told(found) == expected
    assert told(found)["google"] == 2873
    assert told(pie(client, "period=last-7-days&compare=y")) == expected
    for label in ("Google", "No source", "Facebook"):
        value, way = found[label]
        total = client.get(way.replace("/leads/?", "/leads/total?exact=1&"), headers=PARTIAL).text
        assert re.search(r"([\d,]+)\s+leads", total)[1].replace(",", "") == str(value)
    with client.application.app_context():
        assert db.session.scalar(sa.text("SELECT count(*) FROM leads")) == sum(expected.values())
