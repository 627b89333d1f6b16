"""Settings > Company: who quotes, its logo, and how documents are numbered."""

import base64
import struct
import zlib
from io import BytesIO

import pytest

from leadhub.leads.checks import FieldRefused
from leadhub.sales import numbers, parties
from leadhub.sales.company import identifiers, logos
from leadhub.sales.company.logos import LOGO_MAX, read_logo
from leadhub.sales.company.queries import company, issuer

pytestmark = pytest.mark.one_database
PAGE = "/settings/company"


def png(width=2, height=1):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x06\x6f\xd1" * width for _row in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 10 + b"\xff\xc0\0\x11\x08\0\x20\0\x40\x03" + b"\0" * 9
WEBPS = (
    b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0" + b"\0" * 4 + b"\x3f\0\0\x1f\0\0",
    b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + (63 | 31 << 14).to_bytes(4, "little") + b"\0" * 9,
    b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0" + b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 64, 32),
)


@pytest.fixture
def send(client, context):
    """``send(name="Acme")``: the answer to the form, filled with what is stored and these changes."""

    def send(**changes):
        row = company()
        told = {name: getattr(row, name) for name in ("name", "address", "siren", "vat_number", "terms", "version")}
        told |= {"tax_rate": "20", "valid_days": "30", "quotation_series": row.quotation_series, "order_series": ""}
        return client.post(PAGE, data=told | changes, content_type="multipart/form-data")

    return send


def stored():
    from leadhub.extensions import db

    db.session.rollback()
    db.session.expire_all()
    return company()


def test_what_is_said_is_kept_in_one_form(send, client):
    answer = send(
        name=" Acme ", address="1 rue A\r\nLyon", siren="732 829 320", vat_number="fr 44 732829320",
        website="acme.example", tax_rate="5,5", valid_days="45",
    )  # fmt: skip

    row = stored()
    assert answer.status_code == 303
    assert (row.name, row.address, row.siren) == ("Acme", "1 rue A\nLyon", "732829320")
    assert (row.vat_number, row.website) == ("FR44732829320", "https://acme.example")
    assert (str(row.tax_rate), row.valid_days) == ("5.500", 45)
    assert "Acme" in client.get(PAGE).text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("siren", "732829321", "nine digits"),
        ("siren", "73282932", "nine digits"),
        ("vat_number", "FR45732829320", "be a VAT number"),
        ("vat_number", "DE123", "be a VAT number"),
        ("vat_number", "732829320", "be a VAT number"),
        ("email", "acme", "not an e-mail"),
        ("tax_rate", "101", "from 0 to 100"),
        ("tax_rate", "lots", "Give a number"),
        ("valid_days", "0", "from 1 to 365"),
        ("quotation_series", "Q/1", "hyphens between"),
        ("quotation_series", "-Q", "hyphens between"),
        ("quotation_series", "O", "begin differently"),
    ],
)
def test_what_can_not_be_is_told_at_its_field(send, field, value, words):
    before = stored().version

    answer = send(**{"name": "Typed", field: value})

    assert answer.status_code == 422
    assert words in answer.text
    assert "Typed" in answer.text
    assert stored().version == before


@pytest.mark.parametrize("number", ["FR44732829320", "DE136695976", "EL094259216", "CHE107787577IVA", "XI980780684"])
def test_numbers_of_several_countries_pass(number):
    assert identifiers.vat_number(number)


def test_one_of_a_country_without_rules_is_looked_at_for_its_form_alone():
    assert identifiers.vat_number("zz 12-34") == "ZZ1234"


def test_numbers_rise_and_never_fall(send, client):
    year = parties.today().year
    assert f"Q-{year}-0001" in client.get(PAGE).text

    assert send(next_quotation="120").status_code == 303
    assert numbers.last_number("Q", year) == 119
    assert "above 119" in send(next_quotation="119").text
    assert numbers.last_number("Q", year) == 119
    assert send(quotation_series="ACME", next_quotation="7").status_code == 303
    assert (numbers.last_number("ACME", year), numbers.last_number("Q", year)) == (6, 119)


def test_a_french_hub_says_how_french_numbers_begin(send, client, context):
    from leadhub.extensions import db
    from leadhub.hub.queries import hub

    hub().language = "fr"
    db.session.commit()

    assert f"CMD-{parties.today().year}-0001" in client.get(PAGE).text


@pytest.mark.parametrize("content", [png(), JPEG, *WEBPS], ids=["png", "jpeg", "webp x", "webp l", "webp"])
def test_a_logo_is_kept_and_stands_on_documents(send, client, content):
    assert send(logo=(BytesIO(content), "a.svg")).status_code == 303  # the name says nothing

    kept = issuer()
    assert base64.b64decode(kept["logo"]) == content
    assert f"data:{kept['logo_type']};base64," in client.get(PAGE).text
    assert send(name="Acme").status_code == 303
    assert stored().logo
    assert send(no_logo="y").status_code == 303
    assert (stored().logo, stored().logo_type) == ("", "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG or WebP"),
        (b"GIF89a" + b"\0" * 20, "PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "PNG, JPEG or WebP"),
        (b"\xff\xd8\xff\xe0\xff\xff", "PNG, JPEG or WebP"),
        (b"RIFF\0\0\0\0WAVEfmt ", "PNG, JPEG or WebP"),
        (png(5000, 1), "4000 pixels"),
        (png() + b"\0" * LOGO_MAX, "300 kB"),
    ],
    ids=["svg", "gif", "cut png", "cut jpeg", "sound", "wide", "large"],
)
def test_no_other_picture_is_taken(send, content, words):
    answer = send(name="Typed", logo=(BytesIO(content), "logo.png"))

    assert answer.status_code == 422
    assert words in answer.text
    assert (stored().logo, stored().name) == ("", "")


def test_every_cut_of_a_picture_is_refused_in_words():
    for content in (png(), JPEG, *WEBPS):
        for size in range(24):
            with pytest.raises(FieldRefused):
                read_logo(BytesIO(content[:size]))
    assert read_logo(BytesIO(png())).type == logos.PNG


def test_who_comes_second_loses_nothing(send):
    version = stored().version
    assert send(name="First").status_code == 303

    answer = send(name="Second", version=str(version))

    assert answer.status_code == 409
    assert "Somebody changed this meanwhile." in answer.text
    assert "Second" in answer.text
    assert stored().name == "First"
