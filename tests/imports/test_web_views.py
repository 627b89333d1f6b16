"""Pages of imports: what may be sent and by whom, what the pages say."""

import errno
import io
import re
import threading

import pytest
import sqlalchemy as sa
from werkzeug.test import EnvironBuilder

from leadhub import database
from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.imports import steps, uploads
from leadhub.tables import as_csv
from tests.databases import PASSWORD

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
FILE = "LEADID,Last Name,Company,Email,Notes\n1,Dupré,Élan SARL,z@example.org,tall\n2,Hall,,h@example.org,\n"
PAGES = ["/imports", "/imports/1", "/imports/1/progress", "/imports/1/refusals.csv"]
STEPS = ["start", "pause", "resume", "cancel"]


def kept(settings):
    folder = settings.data_dir / "imports"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def columns(*fields):
    return {f"column_{place}": field for place, field in enumerate(fields)}


def token_in(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def test_a_file_that_was_sent_is_read_by_the_worker(send, work, client_of, rows):
    answer = send(FILE, name="été.csv")
    (row,) = rows("imports")
    work()

    page = client_of("mia").get(answer.location)
    assert (answer.status_code, answer.location, row["state"]) == (303, "/imports/1", "reading")
    assert (row["name"], row["bytes"]) == ("été.csv", len(FILE.encode()))
    assert re.search(r'<option selected value="organisation"', page.text)
    assert "Élan SARL" in page.text
    assert "Import 2 rows" in page.text


def test_a_file_is_kept_for_the_hub_alone_under_a_name_that_nobody_chose(send, settings):
    send(FILE, name="../../leads.csv")

    (path,) = kept(settings)
    assert re.fullmatch("[0-9a-f]{32}", path.name)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert path.read_text() == FILE


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\mia\leads.csv", "leads.csv"),
        ("a\u202egpj.csv", "agpj.csv"),
        ("x" * 300, "x" * 255),
        ("..\x01", ".."),
        ("\u200b", "File without a name"),
    ],
)
def test_a_file_is_shown_by_the_last_part_of_its_name(context, name, shown):
    assert steps.shown_name(name) == shown


def test_a_name_with_signs_of_html_is_text(send, work, client_of):
    send("<b>Nom,Company\n<i>x,y\n", name="<script>alert(1).csv")
    work()

    for url in ("/imports", "/imports/1"):
        page = client_of("mia").get(url).text
        assert "&lt;script&gt;alert" in page
        assert not re.search("<script>alert|<b>Nom|<i>x", page)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"PK\x03\x04 a workbook", "Excel"), (b"%PDF-1.7", "not text")]
)
def test_what_is_no_table_at_first_sight_is_refused_at_the_field(send, rows, settings, content, words):
    answer = send(content)

    assert answer.status_code == 422
    assert words in re.search(r'id="file-error1">([^<]+)', answer.text)[1]
    assert (rows("imports"), rows("effects"), kept(settings)) == ([], [], [])


def test_a_form_without_file_is_refused(client, rows):
    answer = client.post("/imports", data={"file": ""})

    assert (answer.status_code, rows("imports")) == (422, [])
    assert "This field is required." in answer.text


@pytest.mark.parametrize(
    "content", [b"\0" * 5000, b"Nom,Email\n", b'[{"a": [1]}]', b"<html><body>", b"Last Name\n" + b"x\0\n" * 300]
)
def test_what_turns_out_to_be_no_table_is_told_and_deleted(send, work, client_of, import_row, settings, content):
    if send(content).status_code == 422:
        return
    work()

    row = import_row()
    assert (row["state"], row["file"], kept(settings)) == ("failed", "", [])
    assert row["error"] in client_of("mia").get("/imports/1").text.replace("&#39;", "'")


def test_what_is_wrong_with_a_file_is_told_in_the_language_of_its_person(app, send, work, import_row):
    with app.app_context():
        user_by_email("mia@example.org").language = "fr"
        db.session.commit()
    send("Nom," * 2001 + "\n" + "x," * 2001)

    work()

    assert "colonnes" in import_row()["error"]


def test_a_file_beyond_64_mib_is_too_much(client_of, monkeypatch, rows):
    monkeypatch.setattr(uploads, "UPLOAD_MAX", 3_000_000)

    large = client_of("mia").post("/imports", data={"file": (io.BytesIO(b"x" * 3_000_001), "a.csv")})
    fits = client_of("mia").post("/imports", data={"file": (io.BytesIO(b"Nom\n" + b"x\n" * 1_400_000), "a.csv")})

    assert (large.status_code, fits.status_code) == (413, 303)
    assert len(rows("imports")) == 1


@pytest.mark.parametrize("name", ["bob", "vic", None])
def test_only_those_who_may_import_may_send_more_than_two_mib(client_of, rows, name):
    answer = client_of(name).post("/imports", data={"file": (io.BytesIO(b"x" * 2_500_000), "a.csv")})

    assert answer.status_code in (303, 403, 413)
    assert (answer.location or "/login").startswith("/login")
    assert rows("imports") == []


def test_two_mib_stay_the_limit_of_all_other_pages(send, work, step):
    send(FILE)
    work()

    assert step("start", column_0="x" * 2_500_000).status_code == 413


def test_a_large_file_without_token_is_refused(make_app, settings, rows):
    client = make_app(WTF_CSRF_ENABLED=True).test_client()
    sign_in = {"email": "mia@example.org", "password": PASSWORD, "csrf_token": token_in(client.get("/login"))}
    client.post("/login", data=sign_in)

    refused = client.post("/imports", data={"file": (io.BytesIO(b"x" * 2_500_000), "a.csv")})
    token = token_in(client.get("/imports"))
    taken = client.post("/imports", data={"file": (io.BytesIO(b"x" * 2_500_000), "a.csv"), "csrf_token": token})

    assert (refused.status_code, taken.status_code) == (400, 303)
    assert len(kept(settings)) == len(rows("imports")) == 1


@pytest.mark.parametrize("name", ["bob", "vic"])
def test_who_may_not_import_is_refused(client_of, send, work, rows, name):
    send(FILE)
    work()
    before = rows("imports")
    client = client_of(name)

    codes = {client.get(url).status_code for url in PAGES} | {
        client.post(f"/imports/1/{to}").status_code for to in STEPS
    }

    assert (codes, rows("imports")) == ({403}, before)


@pytest.fixture
def second_manager(app):
    with app.app_context():
        user = user_by_email("bob@example.org")
        user.roles = user_by_email("mia@example.org").roles
        db.session.commit()


def test_the_import_of_another_manager_is_not_there(second_manager, client_of, send, work, rows):
    send(FILE)
    work()
    before = rows("imports")
    client = client_of("bob")

    codes = {client.get(url).status_code for url in PAGES[1:]}
    codes |= {client.post(f"/imports/1/{to}").status_code for to in STEPS}

    assert (codes, rows("imports")) == ({404}, before)
    assert "leads.csv" not in client.get("/imports").text


def test_an_admin_sees_the_imports_of_all(client, send, work):
    send(FILE)
    work()

    assert "leads.csv" in client.get("/imports").text
    assert client.get("/imports/1").status_code == 200


def test_a_stranger_is_sent_to_the_sign_in_page(client_of):
    client = client_of()

    for url in PAGES:
        assert client.get(url).location.startswith("/login")


def test_htmx_gets_the_piece_and_asks_again_only_while_something_is_done(send, work, client_of):
    send(FILE)
    waiting = client_of("mia").get("/imports/1/progress", headers=PIECE)
    work()
    ready = client_of("mia").get("/imports/1/progress", headers=PIECE)

    assert "<html" not in waiting.text + ready.text
    assert 'hx-trigger="every 1s"' in waiting.text
    assert "hx-trigger" not in ready.text


def test_a_page_that_waits_for_a_worker_says_so(send, client_of, work):
    send(FILE)

    assert 'id="nobody-works"' in client_of("mia").get("/imports/1").text
    work()
    assert 'id="nobody-works"' not in client_of("mia").get("/imports/1").text


def test_columns_can_be_put_right(send, work, step, rows):
    send("A,B,Email\nx1,Élan,z@example.org\n")
    work()

    answer = step("start", column_0="external_id", column_1="organisation", column_2="other data")
    work()

    (lead,) = rows("leads")
    assert answer.status_code == 303
    assert (lead["external_id"], lead["organisation"], lead["email"]) == ("x1", "Élan", "")


def test_columns_that_are_left_as_found_are_told_to_nobody(send, work, step, import_row):
    send("Email,E-mail 2 Address,Last Name,First Name,Name\na@example.org,b@example.org,Dupré,Zoé,Zoé Dupré\n")
    work()

    step("start", **columns("email", "stands in", "last_name", "first_name", "stands in"))

    assert (import_row()["state"], str(import_row()["forced"])) == ("running", "{}")


def test_two_columns_for_one_field_are_refused_at_the_field(send, work, step, import_row):
    send("A,B\nx,y\n")
    work()

    answer = step("start", column_0="email", column_1="email")

    assert (answer.status_code, import_row()["state"]) == (422, "ready")
    assert "“A” is this field already." in answer.text


@pytest.mark.parametrize("choice", ["nonsense", "status", "", "stands in"])
def test_a_field_that_is_none_is_refused(send, work, step, import_row, choice):
    send("A,B\nx,y\n")
    work()

    answer = step("start", column_0=choice, column_1="other data")

    assert (answer.status_code, import_row()["state"]) == (422, "ready")


def test_dates_that_can_be_read_both_ways_are_told(send, work, client_of):
    send("Last Name,Created Time\nDupré,03/04/2024\n")
    work()

    assert "day/month" in client_of("mia").get("/imports/1").text


@pytest.mark.parametrize("name", ["pause", "resume", "start"])
def test_a_step_out_of_turn_changes_nothing(send, work, step, rows, name):
    send(FILE)
    work()
    step("cancel")
    before = rows("imports"), rows("effects")

    assert step(name).status_code == 409
    assert (rows("imports"), rows("effects")) == before


def test_refused_lines_can_be_downloaded(send, work, step, client_of):
    send("LEADID,Last Name,x\n1,Dupré,\n,,only\n")
    work()
    step("start", **columns("external_id", "last_name", "other data"))
    work()

    answer = client_of("mia").get("/imports/1/refusals.csv")

    lines = answer.text.removeprefix("\ufeff").split("\r\n")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="refused-1.csv"'
    assert (answer.mimetype, "no-store" in answer.headers["Cache-Control"]) == ("text/csv", True)
    assert [line[:9] for line in lines] == ['"Line","R', '"3","Noth', ""]
    assert "1 row was refused" in client_of("mia").get("/imports/1").text


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@x", "\t=x", "  =x", "\rx", "\0", "＝x", "＋", "－", "＠"])
def test_no_cell_that_we_write_is_a_formula(cell):
    assert as_csv([(cell, "plain = text")], separator=";") == f'\ufeff"\'{cell}";"plain = text"\r\n'


def test_the_list_costs_as_many_queries_for_ten_imports_as_for_one(send, client, count_queries):
    send(FILE)
    with count_queries() as one:
        client.get("/imports")
    for number in range(9):
        send(FILE, by=["ada", "mia"][number % 2])
    with count_queries() as ten:
        client.get("/imports")

    assert len(ten) == len(one)


def test_somebody_with_twenty_open_imports_ends_one_first(send, step, settings):
    for _ in range(20):
        send(FILE)

    refused = send(FILE)
    step("cancel")

    assert (refused.status_code, "20 of your imports" in refused.text) == (422, True)
    assert send(FILE).status_code == 303
    assert len(kept(settings)) == 20


def full_disk(*ignored, **more):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_at_the_field_and_keeps_no_half_of_a_file(send, rows, settings, monkeypatch):
    monkeypatch.setattr(uploads.os, "fsync", full_disk)

    answer = send(FILE)

    assert answer.status_code == 507
    assert "no room left" in re.search(r'id="file-error1">([^<]+)', answer.text)[1]
    assert (rows("imports"), kept(settings)) == ([], [])


def test_a_disk_that_is_full_before_all_is_sent_is_told(send, rows, monkeypatch):
    monkeypatch.setattr("werkzeug.wrappers.Request.get_data", full_disk)

    answer = send(FILE)

    assert (answer.status_code, rows("imports")) == (507, [])
    assert "no room left" in answer.text


@pytest.mark.parametrize("where", ["flush", "commit"])
def test_a_file_whose_import_is_not_stored_is_not_kept(app, send, rows, settings, monkeypatch, where):
    def fail(*ignored, **more):
        raise sa.exc.OperationalError("COMMIT", {}, Exception("database is locked"))

    if where == "flush":
        monkeypatch.setattr(steps, "enqueue", fail)
    else:
        monkeypatch.setattr(steps, "enqueue", lambda *words, **more: monkeypatch.setattr(db.session, "commit", fail))

    answer = send(FILE)
    monkeypatch.undo()

    assert answer.status_code == 503
    assert (rows("imports"), kept(settings)) == ([], [])


def test_two_files_at_once_do_not_pass_the_limit(app, send, monkeypatch):
    monkeypatch.setattr(steps, "OPEN_MAX", 1)
    told = []

    def send_another():
        with app.app_context():
            mia = user_by_email("mia@example.org")
            db.session.rollback()
            try:
                steps.send(io.BytesIO(FILE.encode()), "b.csv", by=mia)
                db.session.commit()
            except steps.TooManyImports:
                told.append("refused")

    with app.app_context():
        mia = user_by_email("mia@example.org")
        db.session.rollback()
        steps.send(io.BytesIO(FILE.encode()), "a.csv", by=mia)
        other = threading.Thread(target=send_another)
        other.start()
        other.join(0.5)
        db.session.commit()
    other.join()

    assert told == ["refused"]


class WatchedBody(io.RawIOBase):
    """A body that notes, at each piece, whether SQLite's one writer's turn is free."""

    def __init__(self, content, path):
        self.content, self.path, self.free = io.BytesIO(content), path, []

    def readable(self):
        return True

    def readinto(self, buffer):
        self.note()
        return self.content.readinto(buffer)

    def note(self, *ignored):
        connection = database.sqlite_driver.connect(self.path, timeout=0)
        try:
            connection.execute("BEGIN IMMEDIATE")
            self.free.append(True)
        except database.sqlite_driver.OperationalError:
            self.free.append(False)
        finally:
            connection.close()


def test_nobody_waits_while_a_file_is_on_its_way_or_written_to_the_disk(client_of, settings, monkeypatch):
    built = EnvironBuilder(method="POST", data={"file": (io.BytesIO(FILE.encode() * 5000), "a.csv")}).get_environ()
    content = built["wsgi.input"].read()
    body = WatchedBody(content, settings.database_url.removeprefix("sqlite:///"))
    monkeypatch.setattr(uploads.os, "fsync", body.note)

    told = {name: built[name] for name in ("CONTENT_LENGTH", "CONTENT_TYPE")} | {"wsgi.input": body}
    answer = client_of("mia").post("/imports", environ_overrides=told)

    assert answer.status_code == 303
    assert len(body.free) > 2
    assert all(body.free)
