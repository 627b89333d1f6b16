"""Files of leads: what is taken, under which name it is kept, who gets it back and how, when it goes."""

import hashlib
import io
import os
import re
import stat
import time
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.doctor import examine
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.jobs.registry import current_registry
from leadhub.leads import file_jobs, file_views, files
from leadhub.leads.file_kinds import NAME_MAX, clean_name, kind_of, says_otherwise
from leadhub.leads.models import Lead, LeadFile
from tests.lead_files import folder, make_file, on_disk

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(50)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\0" + bytes(100)
ZIP = b"PK\x03\x04" + bytes(100)
POLYGLOT = b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//<script>alert(1)</script>"
HOSTILE = (
    "../../etc/passwd",
    "..\\..\\evil.exe",
    "nul\0byte.dat",
    "gnp.\u202eexe\u2066",
    "x" * 300 + ".dat",
    "CON",
    "quo\"te's.txt",
    "line\r\nSet-Cookie: a=b.txt",
    "smile \U0001f600.dat",
    "half \ud800.txt",
    "\uff0f\uff02\uff1b.txt",
    "<script>alert(1)</script>.txt",
    "",
    "..",
)


def stored(folder, *uploads):
    return files.store_files([(name, io.BytesIO(content)) for name, content in uploads], folder)


def everything_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def file_of(app):
    """``file_of(lead_id, "a.pdf", b"...")``: the id of a committed file."""

    def make(*words):
        with app.app_context():
            file_id = make_file(*words)
            db.session.commit()
            return file_id

    return make


@pytest.fixture
def work(app):
    """``work()``: do the file jobs that wait, as a worker does."""

    def work():
        with app.app_context():
            for effect in db.session.scalars(sa.select(Effect).where(Effect.kind.startswith("leads."))).all():
                for _step in current_registry().handlers[effect.kind].run(effect.payload):
                    db.session.commit()
                db.session.commit()

    return work


@pytest.fixture
def small(monkeypatch):
    """Files of ten bytes at most, so that no test writes ten megabytes."""
    monkeypatch.setattr(files, "FILE_MAX", 10)
    monkeypatch.setattr(files, "_CHUNK", 4)


def test_what_was_sent_is_on_the_disk_under_another_name_for_the_hub_alone(tmp_path):
    (kept,) = stored(tmp_path / "files", ("Plan été.png", PNG))

    path = tmp_path / "files" / kept.stored[:2] / kept.stored
    assert re.fullmatch("[0-9a-f]{64}", kept.stored)
    assert (kept.name, kept.size, kept.type) == ("Plan été.png", len(PNG), "image/png")
    assert path.read_bytes() == PNG
    assert kept.sha256 == hashlib.sha256(PNG).hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(place.stat().st_mode) for place in (path.parent, path.parent.parent)] == [0o700, 0o700]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", "is empty"),
        ("one more.bin", b"x" * 11, "larger than"),
        ("a.pdf", EXE, "not what its name says"),
        ("a.PDF", ZIP, "not what its name says"),
        ("a.pdf", HTML, "not what its name says"),
        ("a.png", HTML, "not what its name says"),
        ("a.png", SVG, "not what its name says"),
        ("a.docx", EXE, "not what its name says"),
        ("a.xls", EXE, "not what its name says"),
        ("a.txt", EXE, "not what its name says"),
        ("a.webp", b"RIFF\0\0\0\0WAVE", "not what its name says"),
    ],
)
def test_a_refused_file_leaves_nothing_nor_do_those_beside_it(context, tmp_path, small, name, content, words):
    with pytest.raises(files.FileRefused, match=words) as refused:
        stored(tmp_path / "files", ("good.txt", b"good"), (name, content))

    assert (refused.value.status, refused.value.field) == (422, "files")
    assert everything_in(tmp_path / "files") == []


@pytest.mark.one_database
def test_ten_megabytes_are_taken_and_one_byte_more_is_not(context, tmp_path):
    content = bytes(10 * 1024 * 1024)

    (kept,) = stored(tmp_path / "files", ("a.bin", content))
    with pytest.raises(files.FileRefused, match="10 MB"):
        stored(tmp_path / "files", ("a.bin", content + b"x"))

    assert kept.size == len(content)
    assert len(everything_in(tmp_path / "files")) == 1


@pytest.mark.one_database
def test_ten_at_once_are_taken_and_eleven_are_not(context, tmp_path):
    ten = [(f"{number}.txt", b"x") for number in range(10)]

    assert len(stored(tmp_path / "files", *ten)) == 10
    with pytest.raises(files.FileRefused, match="At most 10 files"):
        stored(tmp_path / "files", *ten, ("11.txt", b"x"))
    assert len(everything_in(tmp_path / "files")) == 10


def test_no_file_chosen_is_no_file(tmp_path):
    assert stored(tmp_path / "files", ("", b"")) == []


@pytest.mark.one_database
def test_a_full_disk_is_told_in_words(context, tmp_path, monkeypatch):
    def full(*words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(files.NoRoom, match="no room left") as refused:
        stored(tmp_path / "files", ("a.txt", b"x"))
    assert refused.value.status == 507
    assert everything_in(tmp_path / "files") == []


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("a.pdf", b"\xef\xbb\xbf\r\n%PDF-1.4", "text/plain"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(20), "image/jpeg"),
        ("a.zip", ZIP, "application/zip"),
        ("a.docx", ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("été.txt", "Bonjour, été".encode(), "text/plain"),
        ("b.txt", b"BM are the first letters", "text/plain"),
        ("cut.txt", b"x" * 9 + "é".encode()[:1], "text/plain"),
        ("latin.csv", "prénom;nom\r\nZoé;x".encode("latin-1"), "application/octet-stream"),
        ("utf16.csv", "\ufeffa;b".encode("utf-16-le"), None),
        ("thing.unknown", b"\0\1\2\3\xff", "application/octet-stream"),
        ("a.py", b"x = 1\n", "text/plain"),
        ("a.gif", POLYGLOT, "image/gif"),
    ],
)
def test_a_kind_is_found_in_the_first_bytes(name, content, kind):
    assert not says_otherwise(name, content)
    assert kind_of(name, content) == (kind or kind_of(name, content))


def test_no_file_of_the_server_is_opened_because_an_upload_is_called_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.zip").write_bytes(ZIP)
    monkeypatch.setattr("builtins.open", lambda *words, **more: pytest.fail(f"opened {words}"))

    assert kind_of("secret.zip", ZIP) == "application/zip"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_keeps_nothing_that_leads_elsewhere(name):
    cleaned = clean_name(name)

    assert 0 < len(cleaned) <= NAME_MAX
    assert not re.search("[\0-\x1f\x7f/\\\\\u2028-\u202e\u2066-\u2069\ud800-\udfff]", cleaned)
    assert cleaned.strip(". ")
    cleaned.encode()


def test_a_long_name_keeps_its_ending():
    assert clean_name("x" * 300 + ".pdf").endswith("x.pdf")
    assert clean_name("Devis n° 7 – été.pdf") == "Devis n° 7 – été.pdf"


@pytest.mark.one_database
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_harmless_in_the_header(client, make_lead, file_of, name):
    answer = client.get(f"/leads/files/{file_of(make_lead(), name)}")

    (disposition,) = answer.headers.getlist("Content-Disposition")
    assert answer.status_code == 200
    assert disposition.startswith("attachment; filename")
    assert not set(disposition) & set("\r\n\0")
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))
    told = re.search(r"filename\*=UTF-8''(\S+)$", disposition)
    assert unquote(told[1]) == clean_name(name) if told else clean_name(name).isascii()


@pytest.mark.one_database
def test_a_name_that_came_with_a_strangers_backup_is_harmless_in_the_header(app, client, make_lead, file_of):
    file_id = file_of(make_lead(), "a.txt")
    with app.app_context():
        db.session.execute(sa.update(LeadFile).values(name="line\r\nSet-Cookie: a=b.txt"))
        db.session.commit()

    answer = client.get(f"/leads/files/{file_id}")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "content"),
    [("a.py", b"print(1)"), ("a.svg", SVG), ("a.html", HTML), ("a.gif", POLYGLOT), ("a.pdf", b"%PDF-1.7")],
)
def test_a_file_is_served_as_a_download_and_as_nothing_else(client, make_lead, file_of, name, content):
    answer = client.get(f"/leads/files/{file_of(make_lead(), name, content)}")

    assert (answer.status_code, answer.data) == (200, content)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.one_database
def test_a_download_can_go_on_where_it_was_cut(client, make_lead, file_of):
    answer = client.get(f"/leads/files/{file_of(make_lead())}", headers={"Range": "bytes=2-3"})

    assert (answer.status_code, answer.data) == (206, b"cr")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")


def test_a_file_of_a_lead_out_of_reach_is_not_there_and_the_audit_log_says_who_asked(
    app, client_of, make_lead, file_of, rows
):
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()
    mine, other = (file_of(make_lead(owner=f"{name}@example.org")) for name in ("bob", "mia"))

    answers = [client_of("bob").get(f"/leads/files/{file_id}") for file_id in (mine, other)]

    assert [answer.status_code for answer in answers] == [200, 404]
    assert b"Secret" not in answers[1].data
    (line,) = rows("audit_events")
    assert line["kind"] == "refused"
    assert "files.show" in str(line["details"])


def test_a_file_of_a_lead_in_the_bin_is_not_served(app, client, make_lead, file_of):
    file_id = file_of(make_lead())
    with app.app_context():
        db.session.execute(sa.update(Lead).values({Lead.binned_at: sa.func.now()}))
        db.session.commit()

    assert client.get(f"/leads/files/{file_id}").status_code == 404


def test_a_file_that_the_disk_lost_is_told_in_words(app, client, make_lead, file_of, settings, capfd):
    file_id = file_of(make_lead())
    for path in everything_in(settings.data_dir / "files"):
        path.unlink()

    answer = client.get(f"/leads/files/{file_id}")

    assert answer.status_code == 404
    assert "no longer on the server" in answer.text
    logged = capfd.readouterr().err
    assert "a file of a lead is not on the disk" in logged
    assert "Traceback" not in logged
    with app.app_context():
        assert any("not on the disk" in finding.text for finding in examine(settings))


@pytest.mark.one_database
@pytest.mark.parametrize("stored", ["../secret_key", "/etc/passwd", "x"])
def test_a_row_of_a_strangers_backup_leads_to_no_other_file(app, client, make_lead, file_of, settings, stored):
    file_id = file_of(make_lead())
    (settings.data_dir / "secret_key").write_text("precious")
    with app.app_context():
        db.session.execute(sa.update(LeadFile).values(stored=stored))
        db.session.commit()

    assert client.get(f"/leads/files/{file_id}").status_code == 404
    files.remove(settings.data_dir / "files", [stored])
    assert (settings.data_dir / "secret_key").exists()


def test_bytes_go_with_the_lead_after_the_commit(app, make_lead, file_of, work):
    gone, kept = make_lead(), make_lead()
    file_of(gone)
    file_of(gone)
    file_of(kept)
    with app.app_context():
        file_jobs.forget_files([gone])
        db.session.execute(sa.delete(Lead).where(Lead.id == gone))
        db.session.commit()
    before = on_disk(app)

    work()
    work()

    with app.app_context():
        assert on_disk(app) == db.session.scalars(sa.select(LeadFile.stored)).all()
    assert (len(before), len(on_disk(app))) == (3, 1)


def test_bytes_of_a_lead_that_was_not_deleted_after_all_stay(app, make_lead, file_of, work):
    lead_id = make_lead()
    file_of(lead_id)
    with app.app_context():
        file_jobs.forget_files([lead_id])
        db.session.commit()

    work()

    assert len(on_disk(app)) == 1


def test_many_names_are_removed_in_blocks(app, make_lead, file_of, work, rows, monkeypatch):
    monkeypatch.setattr(file_jobs, "AT_ONCE", 2)
    leads = [make_lead() for _ in range(5)]
    for lead_id in leads:
        file_of(lead_id)
    with app.app_context():
        file_jobs.forget_files(leads)
        db.session.execute(sa.delete(Lead))
        db.session.commit()

    work()

    assert len([row for row in rows("effects") if row["kind"] == "leads.remove_files"]) == 3
    assert on_disk(app) == []


def test_bytes_that_no_row_names_are_removed_after_a_day(app, make_lead, file_of, monkeypatch):
    monkeypatch.setattr(file_jobs, "AT_ONCE", 2)
    with app.app_context():
        strays = [file.stored for file in stored(folder(), *[(f"{number}", b"x") for number in range(5)])]
        fresh = strays.pop()
        foreign = folder() / fresh[:2] / "not ours"
        foreign.write_text("x")
        file_of(make_lead())
        for path in everything_in(folder()):
            if path.name != fresh:
                os.utime(path, (time.time() - 90_000,) * 2)
        for _step in file_jobs.tidy({}):
            db.session.commit()
        named = db.session.scalars(sa.select(LeadFile.stored)).all()

    assert on_disk(app) == sorted([*named, fresh, "not ours"])


@pytest.mark.one_database
class TestUploads:
    """A form with files, of whatever feature."""

    @pytest.fixture
    def send(self, make_app, client_of, monkeypatch, app):
        monkeypatch.setattr(file_views, "FILE_ENDPOINTS", {"leads.create"})
        monkeypatch.setattr(file_views, "BODY_MAX", 4 * 1024 * 1024)

        def send(size, by="bob", **options):
            data = {"files": (io.BytesIO(bytes(size)), "a.bin"), "last_name": "New"}
            return client_of(by).post("/leads/", **({"data": data} | options)).status_code

        return send

    def test_those_who_may_write_may_send_more_than_other_forms_take(self, send):
        assert send(3_000_000) == 303
        assert send(5_000_000) == 413

    @pytest.mark.parametrize("by", ["vic", None])
    def test_others_may_not(self, send, by):
        assert send(3_000_000, by) == 413

    @pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/json"])
    def test_a_body_that_is_read_into_memory_whole_stays_small(self, send, kind):
        assert send(0, data=b"a=" + b"x" * 3_000_000, content_type=kind) == 413

    def test_parts_are_few(self, send):
        data = {f"file{number}": (io.BytesIO(b"x"), "a") for number in range(61)}

        assert send(0, data=data, content_type="multipart/form-data") == 413

    def test_all_that_may_be_sent_fits(self):
        assert files.FILES_MAX * files.FILE_MAX < file_views.BODY_MAX < 128 * files.MB
