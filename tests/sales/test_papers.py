"""A quotation on paper: the page for the printer, the PDF file, and how long that is kept."""

import base64
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from leadhub.database import utcnow
from leadhub.doctor import examine
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.jobs.worker import Worker
from leadhub.sales.company.queries import company
from leadhub.sales.documents import Quotation
from leadhub.sales.drafts import LineDraft, QuotationDraft
from leadhub.sales.quotations import papers, pdf, services, sheets, writing
from tests.conftest import ROOT, missing
from tests.sales.quoting import DRAFT, written
from tests.sales.test_company import png

pytestmark = pytest.mark.one_database
SPACE, NARROW = "\u00a0", "\u202f"


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", organisation="Acme")


@pytest.fixture
def ada(lead_id, context, person):
    return person("ada")


@pytest.fixture
def makes_pdf():
    """Only where PDF files can be made, and read."""
    if not pdf.works():
        missing("pdf", "WeasyPrint or Debian's Pango is not installed")
    if not shutil.which("pdftotext"):
        missing("pdf", "poppler-utils is not installed")


@pytest.fixture
def read_pdf(makes_pdf, tmp_path):
    """``read_pdf(content)``: its text as it stands on the pages, one after the other."""

    def read(content):
        file = tmp_path / "read.pdf"
        file.write_bytes(content)
        told = subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout
        return [page for page in told.split("\f") if page]

    return read


def work_off(app):
    db.session.rollback()  # the worker has a session of its own
    Worker(app).work_off()


def test_the_sheet_says_what_the_quotation_is(client, lead_id, ada):
    row = written(lead_id, ada)

    text = client.get(f"/quotations/{row.id}/print").text

    for said in (
        row.number,
        "Desks",
        "Acme\n1 rue A",
        "€33.335",
        "5%",
        "5.5%",
        "€950.00",
        "€1,050.01",
        "€52.25",
        "Tax 20% on €100.01",
        "Tax 5.5% on €950.00",
        "€1,122.26",
        "31 January 2099",
        "Pay within 30 days.",
    ):
        assert said in text, said  # fmt: skip
    assert "Draft" not in text
    assert "<script" not in text
    assert 'style="' not in text


def test_it_is_in_its_own_language(client, lead_id, ada):
    row = written(lead_id, ada, language="fr", valid_until=date(2099, 3, 1))

    text = client.get(f"/quotations/{row.id}/print").text

    assert '<html lang="fr">' in text
    for said in (f"33,335{SPACE}€", f"5,5{SPACE}%", f"1{NARROW}050,01{SPACE}€", "1er mars 2099"):
        assert said in text, said


def test_without_a_discount_there_is_no_column_for_it(client, lead_id, ada):
    line = LineDraft(description="Desk", unit_price=Decimal(100), tax_rate=Decimal(20))
    row = written(lead_id, ada, lines=(line,), currency="JPY")

    text = client.get(f"/quotations/{row.id}/print").text

    assert "Discount" not in text
    assert "¥120" in text


def test_a_draft_says_so_and_has_the_company_of_today(client, lead_id, ada):
    row = written(lead_id, ada, submitted=False)
    company().name = "Acme France"
    db.session.commit()

    text = client.get(f"/quotations/{row.id}/print").text

    assert 'class="document-draft">Draft' in text
    assert "Acme France" in text


def test_a_submitted_one_keeps_the_company_of_its_day(client, lead_id, ada):
    ours = company()
    ours.name, ours.siren, ours.vat_number = "Old & Sons", "732829320", "FR44732829320"
    db.session.flush()
    row = written(lead_id, ada)
    company().name = "New"
    db.session.commit()

    text = client.get(f"/quotations/{row.id}/print").text

    assert "Old &amp; Sons" in text
    assert f"732{SPACE}829{SPACE}320" in text
    assert "FR44732829320" in text
    assert "New" not in text


def test_what_was_typed_stays_text(client, lead_id, ada):
    line = LineDraft(description="<img src=https://evil.example/a>", unit_price=Decimal(1))
    row = written(lead_id, ada, lines=(line,), title="<b>", terms="<script>", addressee="</article>")

    text = client.get(f"/quotations/{row.id}/print").text

    assert "<img" not in text
    assert "<script>" not in text
    assert text.count("</article>") == 1


def test_one_that_was_made_elsewhere_has_no_paper(client, lead_id, ada):
    lead = db.session.get(Quotation, written(lead_id, ada).id).lead
    row = services.add(lead, QuotationDraft(number="X-1", sent_on=date(2026, 1, 1)), by=ada)
    db.session.commit()

    for path in ("print", "pdf", "pdf/file", "send"):
        assert client.get(f"/quotations/{row.id}/{path}").status_code == 404


def test_the_worker_makes_the_file_and_the_page_gives_it(app, client, lead_id, ada, read_pdf):
    row = written(lead_id, ada)
    page = client.get(f"/quotations/{row.id}/pdf").text
    assert "Make the PDF" in page
    assert client.get(f"/quotations/{row.id}/pdf/file").status_code == 404

    waiting = client.post(f"/quotations/{row.id}/pdf").location
    assert "The file is being made." in client.get(waiting).text
    work_off(app)
    ready = client.get(waiting, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert "The file is ready." in ready
    answer = client.get(f"/quotations/{row.id}/pdf/file")

    assert answer.mimetype == "application/pdf"
    assert f"{row.number}.pdf" in answer.headers["Content-Disposition"]
    (text,) = read_pdf(answer.data)
    for said in (row.number, "€1,122.26", "Pay within 30 days."):
        assert said in text
    assert client.post(f"/quotations/{row.id}/pdf").location == f"/quotations/{row.id}/pdf"  # it is there already


def test_a_file_is_never_that_of_another_day(app, client, lead_id, ada, makes_pdf):
    row = written(lead_id, ada, submitted=False)
    client.post(f"/quotations/{row.id}/pdf")
    work_off(app)
    with client.get(f"/quotations/{row.id}/pdf/file") as answer:
        assert answer.status_code == 200

    writing.change(row, DRAFT.__class__(currency="EUR", addressee="Other"), version=row.version, by=ada)
    db.session.commit()

    assert client.get(f"/quotations/{row.id}/pdf/file").status_code == 404


def test_long_ones_go_on_with_their_head(lead_id, ada, read_pdf):
    lines = tuple(LineDraft(description=f"Desk {place}\nin oak", unit_price=Decimal(place)) for place in range(1, 46))
    row = written(
        lead_id, ada, lines=lines, title="", language="fr", terms="Acompte à la commande\u202f; solde à la livraison."
    )

    pages = read_pdf(pdf.made_of(pdf.html_of(row)))

    assert len(pages) == 3
    assert all(page.count("Desk") == page.count("in oak") for page in pages)  # no line is torn apart
    assert sum(page.count("Desk") for page in pages) == 45
    assert [re.findall(r"(\d) ?/ ?3", page) for page in pages] == [["1"], ["2"], ["3"]]
    assert "solde à la livraison." in pages[-1]
    assert re.search(r"1\s035,00\s€", pages[-1])  # no box in the place of the narrow space


def test_nothing_is_fetched(lead_id, ada, makes_pdf, tmp_path):
    """Neither from the net nor from the disk, whatever stands in the page."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    row = written(lead_id, ada)
    plain = pdf.html_of(row)
    asked = []
    opener = urllib.request.OpenerDirector.open
    urllib.request.OpenerDirector.open = lambda self, *args, **options: asked.append(args) or opener(self, *args)
    try:
        for source in (secret.as_uri(), str(secret), "http://127.0.0.1:9/a.png", "//127.0.0.1/a.png"):
            made = pdf.made_of(
                plain.replace("<main>", f'<main><img src="{source}"><link rel=stylesheet href="{source}">')
            )
            assert b"/Image" not in made
        assert asked == []
        assert b"/Image" in pdf.made_of(plain.replace("<main>", f"<main><img src='{data_of(png())}'>"))
        assert asked
    finally:
        urllib.request.OpenerDirector.open = opener


def data_of(content):
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def test_a_logo_is_in_the_file(lead_id, ada, makes_pdf):
    ours = company()
    ours.logo, ours.logo_type = data_of(png()).partition(",")[2], "image/png"
    db.session.flush()

    assert b"/Image" in pdf.made_of(pdf.html_of(written(lead_id, ada)))


def test_old_files_go_and_of_the_others_the_oldest(context, monkeypatch):
    monkeypatch.setattr(papers, "ALL_MAX", 250)
    for name, days in (("a", 0), ("b", 1), ("c", 2), ("d", 8)):
        path = papers.folder() / f"{name}.pdf"
        papers.keep(path, b"x" * 100)
        os.utime(path, (time.time() - days * 86400,) * 2)

    papers.tidy()

    assert sorted(path.name for path in papers.folder().iterdir()) == ["a.pdf", "b.pdf"]


def test_a_file_that_can_not_be_written_leaves_nothing(context, monkeypatch):
    monkeypatch.setattr("pathlib.Path.replace", lambda *args: (_ for _ in ()).throw(OSError()))
    with pytest.raises(OSError):  # noqa: PT011  # of any kind
        papers.keep(papers.folder() / "a.pdf", b"x")
    assert list(papers.folder().iterdir()) == []


def test_a_quotation_that_is_gone_ends_its_job(app, client, lead_id, ada, monkeypatch):
    monkeypatch.setattr(pdf, "works", lambda: True)
    row = written(lead_id, ada)
    page = client.post(f"/quotations/{row.id}/pdf").location
    row.deleted_at = utcnow()
    db.session.commit()
    work_off(app)
    row.deleted_at = None
    db.session.commit()

    assert "The file was not made. The quotation is no longer there." in client.get(page).text
    assert db.session.scalars(sa.select(Effect.state).where(Effect.kind == "sales.pdf")).all() == ["gave_up"]


@pytest.mark.parametrize("lacks", ["library", "Debian"])
def test_without_weasyprint_the_printer_is_left(client, lead_id, ada, settings, monkeypatch, lacks):
    row = written(lead_id, ada)
    if lacks == "library":
        monkeypatch.setattr(pdf, "is_installed", lambda: False)
    else:
        monkeypatch.setattr(pdf, "is_installed", lambda: True)
        monkeypatch.setattr(pdf, "missing_libraries", lambda: ("libpango-1.0.so.0",))

    page = client.get(f"/quotations/{row.id}").text
    assert f"/quotations/{row.id}/print" in page
    assert f"/quotations/{row.id}/pdf" not in page
    assert client.get(f"/quotations/{row.id}/print").status_code == 200
    assert client.get(f"/quotations/{row.id}/pdf").status_code == 404
    assert client.post(f"/quotations/{row.id}/pdf").status_code == 404
    db.session.rollback()
    told = " ".join(finding.text for finding in examine(settings))
    assert "No PDF files of quotations" in told
    assert ("libpangoft2-1.0-0" in told) == (lacks == "Debian")


def test_the_doctor_says_that_it_works(context, settings, makes_pdf):
    assert "PDF files of quotations can be made." in [finding.text for finding in examine(settings)]


def test_it_is_loaded_by_the_worker_alone():
    """Whoever serves pages asks whether it works, without loading it."""
    code = "import sys; from leadhub.sales.quotations import pdf; pdf.works(); sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "language", "told"),
    [
        ("20.000", "en", "20%"),
        ("5.5", "fr", f"5,5{SPACE}%"),
        ("0", "en", "0%"),
        ("8.125", "en", "8.125%"),
    ],
)
def test_rates_in_words(context, value, language, told):
    with force_locale(language):
        assert sheets.percent(Decimal(value)) == told


@pytest.mark.parametrize(
    ("value", "currency", "told"),
    [
        ("33.3350", "EUR", "€33.335"),
        ("33.3", "EUR", "€33.30"),
        ("0.0001", "EUR", "€0.0001"),
        ("1234", "JPY", "¥1,234"),
        ("12.5", "JPY", "¥12.5"),
        ("1.5", "KWD", "KWD1.500"),
    ],
)
def test_prices_in_words(context, value, currency, told):
    with force_locale("en"):
        assert sheets.price(Decimal(value), currency) == told
