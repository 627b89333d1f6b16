"""Nothing that names a row of a list is forgotten by the guard of its deletion."""

import pytest

from leadhub.extensions import db
from leadhub.fields.models import FieldChoice
from leadhub.lists.kinds import KINDS
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.referrers.registry import use_counts, uses_of
from leadhub.statuses.models import Status

SHAPED = (FieldChoice, Pipeline, Stage, Status)
LISTS = {*(kind.table for kind in KINDS.values()), *(model.__tablename__ for model in SHAPED)}


@pytest.mark.one_database
def test_every_foreign_key_to_a_list_has_a_referrer(app):
    told = {(referrer.column, referrer.table) for referrer in app.extensions["leadhub_referrers"] if referrer.column}
    keys = {
        (f"{table.name}.{key.parent.name}", key.column.table.name)
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in LISTS
    }

    assert keys == told


@pytest.mark.one_database
def test_every_list_restricts_what_names_it(app):
    for table in db.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table.name in LISTS:
                assert key.ondelete == "RESTRICT", key


@pytest.mark.one_database
def test_keys_of_referrers_are_unique(app):
    keys = [referrer.key for referrer in app.extensions["leadhub_referrers"]]

    assert len(keys) == len(set(keys))


def test_uses_are_counted_for_many_rows_at_once(app, make_lead, rows, count_queries):
    make_lead(source="Fair")
    make_lead(source="Fair", type="Partner")
    ids = {row["key"]: row["id"] for row in rows("sources")}

    with app.app_context(), count_queries() as statements:
        counts = use_counts("sources", list(ids.values()))

    assert counts == dict.fromkeys(ids.values(), 0) | {ids["fair"]: 2}
    assert (
        len([each for each in statements if each.startswith("SELECT")]) == 5
    )  # of leads, customers, opportunities, of saved views, of doors
    with app.app_context():
        assert uses_of("sources", ids["web-form"]) == []
        assert use_counts("sources", []) == {}
