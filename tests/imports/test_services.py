"""Files through the door: counts, second runs, killed runs."""

import os
import signal
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import local
from leadhub.imports import services
from leadhub.leads.models import Lead
from leadhub.lists.models import Source


def take_in(path, forced=None, id_column=None):
    file = services.recognise(path, forced or {}, id_column)
    report = services.Report()
    for block in services.blocks(file):
        services.take_in(file, block, report)
        db.session.commit()
    return report


def counts(report):
    return report.read, report.created, report.updated, report.unchanged, report.refused


def leads():
    return db.session.scalars(sa.select(Lead).order_by(Lead.id)).all()


@pytest.fixture
def write(tmp_path):
    def write(text, name="leads.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_a_real_file_comes_in_whole_and_as_it_is_and_a_second_run_creates_none(context, data):
    assert counts(take_in(data / "06_zoho/Leads_3900.csv")) == (3900, 3900, 0, 0, 0)
    assert counts(take_in(data / "06_zoho/Leads_3900.csv")) == (3900, 0, 0, 3900, 0)
    lead = leads()[0]
    assert (lead.last_name, lead.organisation) == ("Denson", "Maurice The Pants Man")
    assert (lead.email, lead.phone) == ("GaryLDenson@cuvox.de", "660-485-0224")
    assert lead.other_data["Lead Status"] == "Contacted"


@pytest.mark.one_database  # the way to the other one is the same for every file
def test_a_large_real_file_does_so_too(context, data):
    assert counts(take_in(data / "01_x_education/Leads_9240.csv")) == (9240, 9240, 0, 0, 0)
    assert counts(take_in(data / "01_x_education/Leads_9240.csv")) == (9240, 0, 0, 9240, 0)


@pytest.mark.one_database
def test_olist_leads_come_in_whole_with_origin_and_day_of_first_contact(context, data):
    assert counts(take_in(data / "02_olist/mql_dmy.csv")) == (8000, 8000, 0, 0, 0)
    assert counts(take_in(data / "02_olist/mql_dmy.csv")) == (8000, 0, 0, 8000, 0)

    lead = db.session.scalars(sa.select(Lead).where(Lead.external_id == "dac32acd4db4c29c230538b72f8dd87d")).one()
    sourceless = db.session.scalar(sa.select(sa.func.count()).where(Lead.source_id.is_(None)))
    assert (lead.source.names["en"], str(local(lead.received_at))) == ("social", "2018-02-01 00:00:00+01:00")
    assert sourceless == 60


def test_a_file_without_id_is_recognised_by_its_content_and_lines(context, write):
    text = "Nom;Prénom;E-mail\nDupré;Zoé;zoe@example.org\nÉlan;Tom;tom@example.org\n"

    assert counts(take_in(write(text, "one.csv"))) == (2, 2, 0, 0, 0)
    assert counts(take_in(write(text, "renamed.csv"))) == (2, 0, 0, 2, 0)


def test_a_changed_row_updates_its_lead(context, write):
    take_in(write("LEADID,Last Name,Email\n1,Roye,old@example.org\n2,Hall,hall@example.org\n"))

    report = take_in(write("LEADID,Last Name,Email\n1,Roye,new@example.org\n2,Hall,hall@example.org\n"))

    assert counts(report) == (2, 0, 1, 1, 0)
    assert [lead.email for lead in leads()] == ["new@example.org", "hall@example.org"]


def test_a_refused_row_is_told_with_its_line_and_costs_itself_alone(context, write):
    report = take_in(write("Last Name,Company,x\nDupré,,1\n,,only this\n\nÉlan,,1\n"))

    assert counts(report) == (3, 2, 0, 0, 1)
    assert [error["line"] for error in report.errors] == [3]


def test_unknown_columns_are_kept(context, write):
    take_in(write("Last Name,Shoe size\nDupré,43\n"))

    assert leads()[0].other_data == {"Shoe size": "43"}


def test_columns_may_be_told(context, write):
    take_in(write("A,B\nx,Élan SARL\n"), {"B": "organisation"}, id_column="A")

    assert (leads()[0].organisation, leads()[0].external_id) == ("Élan SARL", "x")


@pytest.mark.parametrize("pair", ["Nom", "=last_name", "Nom=", " = "])
def test_a_pair_that_is_none_is_refused_in_words(context, pair):
    with pytest.raises(RuleBroken, match="Column=field"):
        services.forced_fields([pair])


def test_new_sources_are_made_once(context, write):
    take_in(write("Last Name,Source\nA,Radio\nB,radio\nC,WhatsApp\nD,Whats app\n"))

    names = [row.names.get("en") for row in db.session.scalars(sa.select(Source)) if row.position >= 13]
    assert names == ["Radio", "Whats app"]


@pytest.mark.slow
def test_memory_stays_flat_however_long_the_file_is(tmp_path, size):
    """Peak memory of the whole process, in KiB, must not grow with ten times the rows."""
    peaks = []
    for rows in (size(10_000), size(100_000)):
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as file:
            file.write("Last Name,Email,Phone\n")
            file.writelines(f"Name {row},n{row}@example.org,06399{row:06}\n" for row in range(rows))
        program = (
            "import resource, sys; from leadhub.app import main; sys.argv = ['leadhub', 'import', sys.argv[1]]\n"
            "try: main()\nfinally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        environment = {**os.environ, "LEADHUB_DATA_DIR": str(tmp_path / str(rows))}
        run = subprocess.run([sys.executable, "-c", program, path], env=environment, capture_output=True, check=True)
        peaks.append(int(run.stdout.split()[-1]))

    assert peaks[1] < peaks[0] * 1.25


@pytest.mark.slow
def test_an_import_that_is_killed_half_way_is_exact_after_a_second_run(settings, app, rows, size, tmp_path):
    count = size(200_000, 8_000)
    path = tmp_path / "many.csv"
    path.write_text("LEADID,Last Name\n" + "".join(f"{number},L{number}\n" for number in range(count)))
    environment = {
        **os.environ,
        "LEADHUB_DATA_DIR": str(settings.data_dir),
        "LEADHUB_DATABASE_URL": settings.database_url,
    }
    environment |= {"LEADHUB_SECRET_KEY": settings.secret_key, "LEADHUB_ENCRYPTION_KEYS": settings.encryption_keys[0]}
    command = [sys.executable, "-m", "leadhub.app", "import", str(path), "--json"]

    first = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stored():
        with app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).select_from(Lead))

    deadline = time.monotonic() + 60
    while not stored() and time.monotonic() < deadline:
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    half = stored()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    assert 0 < half < count
    assert half % 500 == 0
    ids = [lead["external_id"] for lead in rows("leads")]
    assert len(ids) == len(set(ids)) == count
    assert len(rows("lead_events")) == count


@pytest.mark.parametrize("address", ["a..b@example.org", "x@localhost", "tom@exa_mple.org", "tom@-x.org", "@", "tom@x"])
def test_an_address_that_is_none_costs_no_row_and_is_kept(context, write, address):
    report = take_in(write(f"Last Name,Email\nDupré,{address}\n"))

    (lead,) = leads()
    assert counts(report) == (1, 1, 0, 0, 0)
    assert (lead.email, lead.other_data) == ("", {"Email": address})


def test_a_value_that_is_too_long_costs_no_row_and_is_kept(context, write):
    report = take_in(write(f"Last Name,Company\n{'x' * 300},Élan\n"))

    (lead,) = leads()
    assert counts(report) == (1, 1, 0, 0, 0)
    assert (lead.last_name, lead.other_data) == ("", {"Last Name": "x" * 300})


@pytest.mark.parametrize(
    ("forced", "id_column"), [({"A": "email", "B": "email"}, None), ({"A": "email"}, "A"), ({"A": "nonsense"}, None)]
)
def test_a_mapping_that_can_not_be_is_refused(context, write, forced, id_column):
    with pytest.raises(RuleBroken):
        services.recognise(write("A,B\n1,2\n"), forced, id_column)


def test_a_file_with_thousands_of_columns_is_refused(context, write):
    with pytest.raises(RuleBroken, match="columns"):
        services.recognise(write("Nom," * 3000 + "\n" + "x," * 3000 + "\n"), {}, None)


def test_a_damaged_utf_16_file_costs_its_damaged_row_alone(context, write):
    report = take_in(write("Last Name,Company\nDup\0ré,A\nÉlan,B\n", encoding="utf-16"))

    assert counts(report) == (2, 1, 0, 0, 1)


def test_nobody_waits_while_a_file_is_read_through(context, write):
    path = write("Last Name\nDupré\n")
    db.session.rollback()

    services.recognise(path, {}, None)

    assert not db.session().in_transaction()


def test_a_cell_of_a_hundred_thousand_letters_takes_no_minute(context, tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("Email,Last Name,Phone\na@example.org,Dupré," + "a.b" * 40_000 + "\n")
    begun = time.monotonic()

    found = services.recognise(path, {}, None)
    report = services.Report()
    for block in services.blocks(found):
        services.take_in(found, block, report)

    assert (report.created, report.refused) == (1, 0)
    assert time.monotonic() - begun < 60
