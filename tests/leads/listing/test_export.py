"""The list as a file: what is in it and for whom; spreadsheets take it as it is, and the import knows it again."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from leadhub import tables
from leadhub.accounts.models import AuditEvent, Role, User
from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.fields.queries import catalogue, forget
from leadhub.imports import readers, services
from leadhub.imports.cells import _EDGES, clean
from leadhub.leads.kinds import ADDRESS_TYPES, COUNTRIES, EMAIL_TYPES, LANGUAGES, PHONE_TYPES
from leadhub.leads.listing import export, export_views
from leadhub.leads.listing.columns import fixed_label
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, create_leads
from leadhub.leads.values import held
from leadhub.plugins.api.leads import Address, LeadDraft, Reach

MOMENT = datetime(2026, 10, 25, 1, 30, 7, tzinfo=UTC)  # in Paris the second 02:30 of that night
TEXTS = st.text(
    st.one_of(st.sampled_from("'=+-@ \t\n\"\\;,＝é"), st.characters(exclude_categories=["Cs"])), max_size=12
)


def rows_of(answer):
    """The rows of a CSV answer, as a spreadsheet reads them."""
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";" if '";"' in text else ","))


def sheet_of(data, number=1):
    """Cells of a workbook by their place: (style, what is in it)."""
    found = {}
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    for cell in ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")).iter():
        if cell.tag.endswith("}c"):
            found[cell.get("r")] = (int(cell.get("s", 0)), "".join(cell.itertext()), cell.get("t"))
    return found


@pytest.fixture
def speaks_french(app):
    def speaks_french(name):
        with app.app_context():
            user_by_email(f"{name}@example.org").language = "fr"
            db.session.commit()

    return speaks_french


@pytest.fixture
def own_fields(app):
    """One field of each type that a team can add."""
    types = {"text": "Note", "number": "Size", "day": "Signed", "choice": "Colour", "choices": "Sports",
             "yes_no": "Member", "link": "Profile"}  # fmt: skip

    def add():
        for place, (kind, name) in enumerate(types.items()):
            row = FieldRow(name="", type=kind, names={"en": name, "fr": f"{name} fr"}, shown="form", position=place)
            db.session.add(row)
            db.session.flush()
            row.name = f"custom_{row.id}"
            if kind.startswith("choice"):
                for word in ("Red, dark", "Blue", "Green"):
                    db.session.add(FieldChoice(field_id=row.id, key=f"{row.id} {word}", names={"en": word, "fr": word}))
        db.session.commit()
        forget()
        return {field.type: field for field in catalogue().values() if field.is_custom}

    return add


def whole_draft(own):
    """A lead with something in every field."""
    custom = {"text": "=1+1\nsecond; \"line\"", "number": Decimal("-12.345"), "day": date(1901, 3, 1), "yes_no": True,
              "choice": ("Red, dark",), "choices": ("Blue", "Green"), "link": "https://example.org/?a=1;2"}  # fmt: skip
    return LeadDraft(
        channel="form", first_name="Zoé", last_name="d’Été; \"dite\" L'", organisation="=Élan, & Fils",
        email="zoe@example.org", email_type="work", emails=(Reach(value="z@home.example.org", type="home"),
        Reach(value="info@example.org")), phone="+33612345678", phone_type="mobile",
        phones=(Reach(value="01 23 45 67 89", type="work"), Reach(value="+33 1 98 76 54 32", type="fax")),
        source="WhatsApp", type="Client", owner="bob@example.org", received_at=MOMENT, salutation="Mme",
        job_title="-Acheteuse", gender="female", language="no", website="https://example.org/", industry="Conseil",
        employees=1200, annual_revenue=Decimal("1234567.50"), expected_value=Decimal("-0.05"), currency="CHF",
        addresses=(
            Address(type="plant", line1="1 rue de la Paix", line2="Bâtiment B", postal_code="01000", city="Bourg",
                    county="Ain", state="Rhône", country="FR"),
            Address(type="billing", city="London", country="GB"),
            Address(line1="Somewhere", country="CI"),
        ),
        unsubscribed=True, next_contact_at=MOMENT + timedelta(days=9), next_contact_by="mia@example.org",
        next_contact_note="+ call", tags=("VIP", "À revoir"), campaign="Salon", request_type="Devis", segment="PME",
        territory="Nord", external_id="00017", custom={own[kind].name: value for kind, value in custom.items()},
    )  # fmt: skip


def told(lead):
    """What the lead holds, by field, as words and values that another hub would have too."""
    values = {}
    for field in catalogue().values():
        value = held(lead, field)
        if field.link:
            row = getattr(lead, field.link)
            value = row.email if isinstance(row, User) else row and row.label("en")
        elif field.name == "tags":
            value = {tag.label("en") for tag in lead.tags}
        values[field.name] = value
    return values | {"external_id": lead.external_id}


@pytest.mark.parametrize("tongue", ["en", "fr"])
def test_what_is_exported_can_be_imported_into_a_hub_that_has_nothing(
    app, own_fields, client_of, speaks_french, tmp_path, tongue
):
    with app.app_context():
        draft = whole_draft(own_fields())
        outcomes = create_leads([draft, LeadDraft(channel="form", last_name="Plain")], by=None)
        assert [str(outcome.refusal) for outcome in outcomes] == ["None", "None"]
        db.session.commit()
        before = [told(lead) for lead in db.session.scalars(sa.select(Lead).order_by(Lead.id))]
    if tongue == "fr":
        speaks_french("mia")
    path = tmp_path / "leads.csv"
    path.write_bytes(client_of("mia").get("/leads/export.csv?what=all&sort=-received_at").data)

    with app.app_context():
        db.session.execute(sa.update(Lead).values(deleted_at=MOMENT, external_key=None))
        db.session.commit()
        file, report = services.recognise(path, {}, None), services.Report()
        for block in services.blocks(file):
            services.take_in(file, block, report)
        db.session.commit()

        assert (report.created, report.refused) == (2, 0), report.errors
        after = [told(lead) for lead in db.session.scalars(sa.select(Lead).where(Lead.deleted_at.is_(None)))]
        whole, plain = sorted(after, key=lambda values: values["last_name"] == "Plain")
        assert {name: value for name, value in whole.items() if name != "status"} == {
            name: value for name, value in before[0].items() if name != "status"
        }
        assert plain["received_at"] == before[1]["received_at"].replace(microsecond=0)
        kept = db.session.scalars(sa.select(Lead.other_data).where(Lead.deleted_at.is_(None))).first()
        assert len(kept) <= 4, kept  # status, who made it and when


def test_the_columns_of_the_list_stand_behind_the_names(client, make_lead):
    make_lead(first_name="Ada", last_name="Byron", email="a@example.org", emails=(Reach(value="b@example.org"),))

    head, row = rows_of(client.get("/leads/export.csv?columns=email,received_at,expected_value"))

    assert head == ["First name", "Last name", "Organisation", "E-mail", "Received on", "Expected value", "Currency"]
    assert row[:4] == ["Ada", "Byron", "", "a@example.org; b@example.org"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row[4])


def test_the_file_holds_what_the_list_asks_for_in_its_order(client, make_lead):
    for name in ("Zoé", "Élan", "Dupré"):
        make_lead(last_name=name, received_at=datetime(2026, 1, 1 + len(name), tzinfo=UTC))
    make_lead(last_name="Other", organisation="Acme")

    found = rows_of(client.get("/leads/export.csv?organisation=none&sort=name&columns=status"))

    assert [row[1] for row in found[1:]] == ["Dupré", "Élan", "Zoé"]
    assert client.get("/leads/export.csv?nonsense=1").status_code == client.get("/leads/?nonsense=1").status_code != 200


def test_the_order_of_blocks_is_that_of_the_list(client, make_lead, monkeypatch):
    monkeypatch.setattr(export, "BLOCK", 2)
    for number in range(5):
        make_lead(last_name=f"Lead {number}", received_at=MOMENT + timedelta(hours=number))

    for sort, last in product(("name", "received_at"), ("csv", "xlsx")):
        answer = client.get(f"/leads/export.{last}?sort={sort}")
        if last == "csv":
            names = [row[1] for row in rows_of(answer)[1:]]
        else:
            cells = sheet_of(answer.data)
            names = [cells[f"B{number}"][1] for number in range(2, 7)]
        assert names == [f"Lead {number}" for number in range(5)]


def test_numbers_and_separator_are_the_languages(client_of, make_lead, speaks_french):
    make_lead(expected_value=Decimal("1234.5"), employees=5000)
    speaks_french("mia")
    address = "/leads/export.csv?columns=expected_value,employees,unsubscribed"

    english, french = client_of("ada").get(address), client_of("mia").get(address)

    assert '"1234.50","EUR","5000","No"' in english.text
    assert '"1234,50";"EUR";"5000";"Non"' in french.text
    assert rows_of(french)[0][:2] == ["Prénom", "Nom"]


def test_only_who_may_export_does(client_of, make_lead):
    make_lead()
    for kind in ("csv", "xlsx"):
        for name, status in {"ada": 200, "mia": 200, "bob": 403, "vic": 403, None: 303}.items():
            answer = client_of(name).get(f"/leads/export.{kind}")

            assert (answer.status_code, b"Lead 1" in answer.data) == (status, status == 200 and kind == "csv"), name
    assert "leads/export" in client_of("mia").get("/leads/").text
    assert "leads/export" not in client_of("bob").get("/leads/").text


def test_a_reach_of_ones_own_exports_ones_own(app, client_of, make_lead):
    make_lead(last_name="Mine", owner="mia@example.org")
    make_lead(last_name="Theirs", owner="bob@example.org")
    with app.app_context():
        db.session.execute(sa.update(Role).where(Role.name == "manager").values(reach="own"))
        db.session.commit()

    assert [row[1] for row in rows_of(client_of("mia").get("/leads/export.csv"))[1:]] == ["Mine"]
    assert len(rows_of(client_of("ada").get("/leads/export.csv"))) == 3


@pytest.mark.one_database
def test_a_field_that_is_off_is_not_there(app, client, make_lead):
    make_lead(job_title="Secret")
    with app.app_context():
        db.session.add(FieldRow(name="job_title", type="", names={}, shown="off", position=1))
        db.session.commit()

    text = client.get("/leads/export.csv?what=all&columns=job_title").text

    assert "Secret" not in text
    assert "Job title" not in text


def test_who_is_deactivated_meanwhile_gets_no_further_block(app, client, make_lead, monkeypatch):
    monkeypatch.setattr(export, "BLOCK", 1)
    for _lead in range(3):
        make_lead()
    answer = client.get("/leads/export.csv", buffered=False)
    pieces = iter(answer.response)
    begun = "".join(piece.decode() for piece, _number in zip(pieces, range(3), strict=False))
    with app.app_context():
        user_by_email("ada@example.org").active = False
        db.session.commit()

    assert begun.count("Lead") == 1
    assert b"".join(pieces) == b""


def test_nobody_waits_for_a_slow_reader_and_one_who_goes_away_ends_it(app, client, make_lead, monkeypatch):
    monkeypatch.setattr(export, "BLOCK", 1)
    for _lead in range(3):
        make_lead()
    for kind in ("csv", "xlsx"):
        answer = client.get(f"/leads/export.{kind}", buffered=False)
        pieces = iter(answer.response)
        next(pieces)
        next(pieces)
        with app.app_context():
            assert db.engine.pool.checkedout() == 0
        make_lead()  # a writer has its turn
        answer.close()

        assert list(pieces) == []


def test_the_audit_log_says_who_took_what_before_it_is_sent(app, client_of, make_lead):
    make_lead(last_name="Dupré")
    make_lead()
    answer = client_of("mia").get("/leads/export.xlsx?q=dupr%C3%A9", buffered=False)

    with app.app_context():
        line = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.kind == "export")).one()
        assert line.user.email == "mia@example.org"
        assert line.details == {"file": line.details["file"], "rows": 1, "query": "q=dupr%C3%A9"}
        assert re.fullmatch(r"[a-z]+-\d{4}-\d\d-\d\d\.xlsx", line.details["file"])
        assert line.details["file"] in answer.headers["Content-Disposition"]
    answer.close()
    assert "asked for: q=dupr" in client_of("ada").get("/settings/audit").text


def test_the_answer_is_a_download_that_nobody_keeps_or_packs_again(client, make_lead):
    make_lead()
    for kind, type in {"csv": "text/csv; charset=utf-8", "xlsx": export_views.WORKBOOK}.items():
        answer = client.get(f"/leads/export.{kind}", headers={"Accept-Encoding": "br, gzip"})

        assert answer.headers["Content-Type"] == type
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers


def test_queries_grow_with_blocks_and_not_with_rows(client, make_lead, count_queries, monkeypatch, own_fields, app):
    with app.app_context():
        own = own_fields()
        drafts = [whole_draft(own)] + [LeadDraft(channel="form", last_name=str(it), tags=("VIP",)) for it in range(7)]
        create_leads(drafts, by=None)
        db.session.commit()

    def counted(block):
        monkeypatch.setattr(export, "BLOCK", block)
        with count_queries() as statements:
            assert len(rows_of(client.get("/leads/export.csv?what=all"))) == 9
        return len(statements)

    few = counted(100)
    assert few < 60
    assert counted(8) == few
    assert counted(4) > few


@pytest.mark.one_database
@given(TEXTS)
def test_a_text_comes_back_from_csv_as_it_was(text):
    [[cell, _phone]] = csv.reader(
        io.StringIO(tables.as_csv([(text, "+33612345678")], separator=";")[1:], newline=""), delimiter=";"
    )

    assert not cell.lstrip(_EDGES).startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert clean(tables.harmless(text)) == (text.strip(_EDGES) if tables.harmless(text) != text else clean(text))
    assert clean(_phone) == "+33612345678"


@pytest.mark.one_database
@given(TEXTS)
def test_a_workbook_holds_texts_as_texts(text):
    data = b"".join(tables.Workbook("Leads", ["a"]).pieces([[(text,), (text * 9000,)]]))
    cells = sheet_of(data)
    legal = "".join(it for it in text.replace("\r\n", "\n").replace("\r", "\n") if it in "\t\n" or it >= " ")
    legal = legal.replace("\ufffe", "").replace("\uffff", "")

    if legal:
        assert cells["A2"] == (2, legal, "inlineStr")
        assert len(cells["A3"][1].encode("utf-16-le")) // 2 <= tables.CELL_MAX
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


@pytest.mark.one_database
def test_a_workbook_has_real_days_moments_and_numbers():
    paris = MOMENT.astimezone(ZoneInfo("Europe/Paris"))
    row = (date(1900, 2, 28), date(1900, 3, 1), date(2026, 11, 22), paris, Decimal("-12.50"), Decimal("1.2345"), 7,
           None, "", "+33612345678", "_x0041_")  # fmt: skip
    cells = sheet_of(b"".join(tables.Workbook("A/b", [str(it) for it in range(11)]).pieces([[row]])))

    assert cells["A2"] == (2, "1900-02-28", "inlineStr")
    assert [cells[f"{letter}2"][:2] for letter in "BCDEFG"] == [
        (3, "61"), (3, "46348"), (4, "46320.1042476852"), (5, "-12.50"), (0, "1.2345"), (0, "7")
    ]  # fmt: skip
    assert "H2" not in cells
    assert "I2" not in cells
    assert cells["J2"] == (2, "+33612345678", "inlineStr")
    assert cells["K2"] == (2, "_x005F_x0041_", "inlineStr")  # which a spreadsheet shows as it was


@pytest.mark.one_database
def test_what_does_not_fit_on_a_sheet_goes_on_another():
    rows = [[(str(number),)] for number in range(5)]
    data = b"".join(tables.Workbook("Leads: of [us]", ["Number"], rows_max=3).pieces(rows))

    assert zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").count(b"<sheet ") == 3
    assert [sheet_of(data, number)["A1"][1] for number in (1, 2, 3)] == ["Number"] * 3
    assert [cell[1] for cell in sheet_of(data, 2).values()] == ["Number", "2", "3"]


@pytest.mark.one_database
@pytest.mark.parametrize("tongue", ["en", "fr"])
def test_the_import_reads_every_fixed_word_that_the_export_writes(context, tongue):
    from leadhub.imports.places import _type_of
    from leadhub.imports.reaches import type_of

    with force_locale(tongue):
        country = {code: readers.read_country(fixed_label(export.COUNTRY, code)) for code in COUNTRIES}
        spoken = {code: readers.read_language(fixed_label(catalogue()["language"], code)) for code in LANGUAGES}
        sexes = {it: readers.read_gender(fixed_label(catalogue()["gender"], it)) for it in ("female", "male", "other")}
        places = {name: _type_of(str(label)) for name, label in ADDRESS_TYPES.items()}
        emails = {name: type_of(str(label), "email") for name, label in EMAIL_TYPES.items()}
        phones = {name: type_of(str(label), "phone") for name, label in PHONE_TYPES.items()}

    for found in (country, spoken, sexes, places, emails, phones):
        assert found == {name: name for name in found}


def test_namesakes_are_told_by_their_address(app, client, make_lead):
    with app.app_context():
        user_by_email("vic@example.org").name = "Bob"
        lead = create_lead(LeadDraft(channel="form", last_name="A", owner="bob@example.org"), by=None)
        lead.next_contact_by_id = user_by_email("mia@example.org").id
        db.session.commit()

    assert rows_of(client.get("/leads/export.csv?columns=owner,next_contact_by"))[1][3:] == ["bob@example.org", "Mia"]
