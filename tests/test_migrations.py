"""Migrations: they match the models, go both ways, and wait for nobody's data to be lost."""

import flask_migrate
import pytest
import sqlalchemy as sa

from leadhub import upgrade
from leadhub.errors import SettingError
from leadhub.extensions import db
from leadhub.hub.queries import hub
from tests import databases
from tools.migrations import differences


def test_migrations_make_what_the_models_describe(context):
    assert differences() == []


def test_migrations_go_down_to_nothing_and_up_again(context):
    db.session.remove()
    flask_migrate.downgrade(upgrade.MIGRATIONS, "base")
    assert sa.inspect(db.engine).get_table_names() == ["alembic_version"]

    flask_migrate.upgrade(upgrade.MIGRATIONS)
    assert differences() == []
    assert hub().language == "en"


def test_a_current_database_is_left_alone(context, settings):
    upgrade.bring_up_to_date(settings)

    assert not (settings.data_dir / "backups").exists()


@pytest.mark.one_database
def test_an_sqlite_file_that_is_behind_is_copied_first(context, settings, make_lead, monkeypatch):
    make_lead(last_name="Precious")
    monkeypatch.setattr(upgrade, "revisions", lambda: ("20261122_first", "a later one"))

    upgrade.bring_up_to_date(settings)

    (copy,) = (settings.data_dir / "backups").glob("*.sqlite3")
    with sa.create_engine(f"sqlite:///{copy}").connect() as connection:
        assert connection.execute(sa.text("SELECT last_name FROM leads")).scalars().all() == ["Precious"]


def test_a_server_database_that_is_behind_stops_the_start(context, settings, database, monkeypatch):
    if database == "sqlite":
        pytest.skip("an SQLite file is migrated")
    monkeypatch.setattr(upgrade, "revisions", lambda: ("20261122_first", "a later one"))

    with pytest.raises(SettingError, match="leadhub db upgrade"):
        upgrade.bring_up_to_date(settings)


def test_a_database_of_a_newer_hub_is_not_touched(context, settings):
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'from-the-future'"))

    with pytest.raises(SettingError, match="newer LeadHub"):
        upgrade.bring_up_to_date(settings)


def test_a_server_that_does_not_answer_is_told_in_one_line(make_app, tmp_path):
    app = make_app(settings=databases.settings_for(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/none"))

    with app.app_context(), pytest.raises(SettingError) as error:
        upgrade.revisions()

    assert "can't be reached" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.one_database
def test_every_lead_that_is_there_gets_its_search_words_at_the_upgrade(context, make_lead):
    make_lead(last_name="Zwyrtek")
    db.session.remove()
    flask_migrate.downgrade(upgrade.MIGRATIONS, "20261122_whole_lead")

    flask_migrate.upgrade(upgrade.MIGRATIONS)

    with db.engine.connect() as connection:
        triggers = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"))
        acts = ("delete", "insert", "update")
        assert triggers.scalars().all() == [f"leads_{what}_{act}" for what in ("count", "search") for act in acts]
        found = sa.text("SELECT count(*) FROM leads_search WHERE leads_search MATCH 'zwyrtek'")
        assert connection.scalar(found) == 1
        assert connection.scalar(sa.text("SELECT state FROM effects WHERE kind = 'leads.keys'")) == "waiting"
