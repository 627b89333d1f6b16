"""The search box: what people type, and what finds nothing."""

import time

import pytest
import sqlalchemy as sa

from leadhub.database import TookTooLong, bounded
from leadhub.extensions import db
from leadhub.fields import services as fields
from leadhub.fields.drafts import Decision
from leadhub.fields.queries import catalogue
from leadhub.jobs.worker import Worker
from leadhub.leads import bin as lead_bin
from leadhub.leads import services
from leadhub.leads.models import Lead
from leadhub.plugins.api import Reach

HELENE = {
    "first_name": "Hélène",
    "last_name": "Lefèvre",
    "organisation": "L’Oréal du Cœur",
    "email": "h@loreal.example",
    "emails": (Reach(value="Privé@maison.example"),),
    "phone": "06 39 98 12 34",
    "phones": (Reach(value="+44 7700 900123"),),
    "external_id": "WA-Ü77",
}
FINDS = (
    "helene lefevre",
    "LEFEVRE",
    "lefè",
    "l'oreal",
    "L’Oréal",
    "l oreal",
    "COEUR",
    "cœur",
    "loreal.example",
    "prive@maison",
    "wa-u77",
    "u77",
    "06 39",
    "0639",
    "06.39.98",
    "06 39 98 12 34",
    "+33639",
    "+33 6 39",
    "0033639",
    "+33 (0)6 39 98",
    "98 12 34",
    "9812",
    "1234",
    "+44 7700",
    "07700",
    "00447700900123",
    "900123",
    "he",
    "le",
    "l",
    "l",
    "  helene  ",
    "helene he",
)
FINDS_NOT = (
    "helene dupont",
    "en",
    "e",
    "06 40",
    "+32639",
    "%",
    "_",
    "\\",
    "100%",
    '"',
    '""',
    "*",
    "hel*",
    "AND",
    "helene AND lefevre",
    "NEAR(",
    "NEAR(helene lefevre)",
    "search_key:helene",
    "-helene -x",
    "😀",
    "x" * 200,
    "helene " * 12 + "dupont",
    "(",
    "'x",
    "{}",
    "^helene",
)


def test_what_people_mean_is_found_and_signs_are_only_signs(make_leads, listed):
    helene, *_others = make_leads(HELENE, {"last_name": "Another", "phone": "01 02 03 04 05"})

    assert {text: listed("vic", q=text) for text in FINDS} == dict.fromkeys(FINDS, [helene])
    assert {text: listed("vic", q=text) for text in FINDS_NOT} == dict.fromkeys(FINDS_NOT, [])


def test_the_signs_of_like_and_of_fts5_find_themselves(make_leads, listed):
    names = ("100% Lin", "a_b", "a\\b", 'The "Best"', "Star*", "AND Co", "NEAR(x", "😀 Smiley", "f(x)")
    ids = make_leads(*({"organisation": name} for name in names))

    assert {name: listed("vic", q=name) for name in names} == {name: [it] for name, it in zip(names, ids, strict=True)}
    assert listed("vic", q="%") == []  # where words begin
    assert listed("vic", q="😀") == [ids[7]]


def test_what_holds_no_word_leaves_nothing_out(make_leads, listed):
    ids = make_leads({"last_name": "A"}, {"last_name": "B"})

    assert sorted(listed("vic", q="’ - '")) == ids


def test_what_changes_is_found_anew_and_what_is_binned_is_not(make_leads, listed, person):
    (lead_id,) = make_leads({"last_name": "Before", "phone": "06 12 34 56 78"})
    ada, lead = person("ada"), db.session.get_one(Lead, lead_id)

    services.update_lead(lead, {"last_name": "Behind"}, by=ada, version=1)
    db.session.commit()
    assert (listed("vic", q="before"), listed("vic", q="behind")) == ([], [lead_id])

    lead_bin.delete(db.session.get_one(Lead, lead_id), by=ada)
    db.session.commit()
    assert (listed("vic", q="behind"), listed("vic", q="061234"), in_index("behind")) == ([], [], 0)

    lead_bin.restore(db.session.get_one(Lead, lead_id), by=ada)
    db.session.commit()
    assert (listed("vic", q="behind"), in_index("behind")) == ([lead_id], 1)

    lead_bin.delete(db.session.get_one(Lead, lead_id), by=ada)
    lead_bin.delete_for_good(db.session.get_one(Lead, lead_id), by=ada)
    db.session.commit()
    assert (listed("vic", q="behind"), in_index("behind")) == ([], 0)
    if db.engine.dialect.name == "sqlite":  # the index still fits the leads
        db.session.execute(sa.text("INSERT INTO leads_search(leads_search) VALUES ('integrity-check')"))


def in_index(word):
    """How many leads the index has under the word; on PostgreSQL, how many would be read through its index."""
    if db.engine.dialect.name != "sqlite":
        found = sa.text("SELECT count(*) FROM leads WHERE search_key LIKE :word AND deleted_at IS NULL")
        return db.session.scalar(found, {"word": f"%{word}%"})
    return db.session.scalar(
        sa.text("SELECT count(*) FROM leads_search WHERE leads_search MATCH :word"), {"word": word}
    )


def test_a_field_of_the_team_is_searched_when_an_admin_says_so(app, own, make_leads, listed, person):
    (lead_id,) = make_leads({"last_name": "A", "custom": {own["text"]: "Tonnellerie"}})
    decide = lambda **changes: settled(app, person, own["text"], **changes)  # noqa: E731

    assert listed("vic", q="tonnell") == []
    decide(searchable=True)
    assert listed("vic", q="tonnell") == [lead_id]
    (other,) = make_leads({"last_name": "B", "custom": {own["text"]: "Tonnelle"}})
    assert listed("vic", q="tonnell") == [other, lead_id]
    decide(seen_by="managers", changed_by="managers")
    assert (listed("vic", q="tonnell"), listed("ada", q="tonnell")) == ([], [])
    decide(seen_by="all")
    decide(shown="off")
    assert listed("ada", q="tonnell") == []
    decide(shown="form")
    assert listed("vic", q="tonnell") == [other, lead_id]
    fields.delete_field(catalogue()[own["text"]], typed="Own text", by=person("ada"))
    db.session.commit()
    Worker(app).work_off()
    db.session.rollback()
    assert listed("vic", q="tonnell") == []


def settled(app, person, name, **changes):
    now = {it: getattr(catalogue()[name], it) for it in Decision.__slots__}
    fields.decide({name: Decision(**now | changes)}, by=person("ada"))
    db.session.commit()
    db.session.remove()  # the worker writes
    Worker(app).work_off()
    db.session.rollback()


def test_an_admin_ticks_it_in_the_drawer(client, rows):
    for type in ("text", "number"):
        client.post("/settings/fields/add", data={"type": type, "name_en": f"Own {type}", "shown": "more"})
    text, number = (row["name"] for row in rows("fields"))
    one, number = f"/settings/fields/{text}", f"/settings/fields/{number}"
    posted = {"name_en": "Own text", "seen_by": "all", "changed_by": "all"}

    assert 'name="searchable"' in client.get(one).text
    assert 'name="searchable"' not in client.get(number).text + client.get("/settings/fields/website").text
    client.post(one, data=posted | {"searchable": "y"})
    assert [row["name"] for row in rows("fields") if row["searchable"]] == [text]
    assert [row["kind"] for row in rows("effects")].count("leads.keys") == 1
    client.post(one, data=posted | {"searchable": "y"})  # nothing is new
    client.post(number, data=posted | {"name_en": "Own number", "searchable": "y"})
    assert [row["kind"] for row in rows("effects")].count("leads.keys") == 1
    client.post(one, data=posted)
    assert not any(row["searchable"] for row in rows("fields"))


ENDLESS = sa.text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")


def test_what_runs_for_too_long_is_stopped_and_the_connection_is_as_it_was(context, make_leads):
    with bounded(db.session):
        before = timeout()
    with pytest.raises(TookTooLong), bounded(db.session, 0.2):
        db.session.execute(ENDLESS)
    assert db.session.scalar(sa.select(1)) == 1
    with pytest.raises(ZeroDivisionError), bounded(db.session, 0.2):
        raise ZeroDivisionError
    with bounded(db.session, 0.2):
        db.session.rollback()

    with bounded(db.session, 0.2):
        assert db.engine.dialect.name == "sqlite" or timeout() != usual_timeout()
        db.session.scalar(sa.select(1))
    assert timeout() in (before, usual_timeout())
    db.session.rollback()
    takes_a_while(0.4)
    assert timeout() == usual_timeout()


def timeout():
    return db.session.scalar(sa.text("SHOW statement_timeout")) if db.engine.dialect.name != "sqlite" else None


def usual_timeout():
    return "0" if db.engine.dialect.name != "sqlite" else None


def takes_a_while(seconds):
    """Longer than the bound that held before, so that it would be stopped if it still held."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        counted = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT count(*) FROM n"
        )
        assert db.session.scalar(sa.text(counted)) == 50_000


def test_the_page_says_that_it_took_too_long(client, make_lead, monkeypatch):
    make_lead()

    def endless(*rest, **more):
        with bounded(db.session, 0.1):
            db.session.execute(ENDLESS)

    monkeypatch.setattr("leadhub.leads.listing.pages.page_of", endless)

    page = client.get("/leads/")
    piece = client.get("/leads/", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert (page.status_code, piece.status_code) == (503, 503)
    assert "took too long" in page.text
    assert "took too long" in piece.text
    assert piece.headers["HX-Retarget"] == "#messages"
    assert client.get("/leads/new").status_code == 200
