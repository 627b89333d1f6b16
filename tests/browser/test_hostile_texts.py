"""Texts that want to be more than text, in every field that takes one: no page runs them or breaks by them."""

import hashlib

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields.catalogue import CHOICE, FIELDS, TEXT
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.leads import services
from leadhub.leads.models import Lead, LeadEvent, LeadFile
from leadhub.lists import models as lists
from leadhub.plugins.api import Address, LeadDraft, Reach
from tests.browser.test_pages import no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "[click](javascript:alert(1)) <javascript:alert(1)> ![x](https://evil.example/x.png)",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "{{ 7*7 }} ${7*7} {% include 'x' %} %(name)s %s",
    "</title></textarea></style></script><script>alert(1)</script>",
    "javascript:alert(1)",
    "\u202egnp.exe \u2066hidden\u2069 \u200b\u200f",
    "W" * 190,
    "👩‍👩‍👧‍👦🇫🇷 e\u0301" * 8,
    "a\u0300\u0301\u0302\u0303\u0304\u0305" * 20,
    "=cmd|' /C calc'!A0",
    "onmouseover=alert(1) autofocus onfocus=alert(1) x",
    "../../../../etc/passwd",
    "' OR 1=1 --",
)
LIST_MODELS = (
    lists.Source, lists.Campaign, lists.LeadType, lists.RequestType, lists.Industry, lists.MarketSegment,
    lists.Territory, lists.Salutation, lists.LossReason, lists.Tag,
)  # fmt: skip
TEXTS = [field.name for field in FIELDS.values() if field.type == TEXT]
CHOSEN = [field.name for field in FIELDS.values() if field.type == CHOICE and field.name != "status"]


@pytest.fixture
def hub(serve):
    hub = serve()
    with hub.app.app_context():
        _fill()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return hub


def _fill():
    """A lead for each text, which has it wherever a lead can have a text; rows of every list; a field of the team."""
    field = FieldRow(name="custom_1", type="text", names={"en": CORPUS[0]}, shown="form", in_list=True)
    choice = FieldRow(name="custom_2", type="choice", names={"en": CORPUS[1]}, shown="form", in_list=True)
    db.session.add_all([field, choice])
    db.session.flush()
    for place, text in enumerate(CORPUS):
        for model in LIST_MODELS:
            db.session.add(model(key=f"hostile {place}", names={"en": text, "fr": text}, position=1000 + place))
        db.session.add(FieldChoice(field_id=choice.id, key=f"{choice.id}:{place}", names={"en": text}))
    db.session.flush()
    for row in db.session.scalars(sa.select(lists.Source).where(lists.Source.key.like("hostile%"))):
        row.details = row.names["en"]
    for row in db.session.scalars(sa.select(lists.Campaign)):
        row.details = row.names["en"]
    for place, text in enumerate(CORPUS):
        lead = services.create_lead(_draft(place, text), by=None)
        for kind in ("note", "call", "meeting"):
            details = {"outcome": "reached", "mentions": []}
            happens = utcnow() if kind == "meeting" else None
            values = {"kind": kind, "channel": "form", "body": text, "details": details, "happens_at": happens}
            event = LeadEvent(lead_id=lead.id, by_id=1, version=1, changes=[_change(text)], **values)
            stored = hashlib.sha256(f"{place}{kind}".encode()).hexdigest()
            event.files = [LeadFile(lead_id=lead.id, name=text, stored=stored, size=1, sha256=stored)]
            db.session.add(event)
    db.session.flush()
    _one_megabyte()


def _draft(place, text):
    return LeadDraft(
        channel="import",
        external_id=text[:200],
        email=f"a{place}@example.org",
        phone=text,
        phones=(Reach(value=text),),
        addresses=(_place(text),),
        tags=(f"hostile {place}",),
        custom={"custom_1": text, "custom_2": f"2:{place}"},
        other={text: text},
        **dict.fromkeys(TEXTS, text),
        **dict.fromkeys(CHOSEN, f"hostile {place}"),
    )


def _place(text):
    return Address(title=text, line1=text, line2=text, city=text, county=text, state=text, postal_code=text[:32])


def _change(text):
    return {"field": f"other.{text}", "old": text, "new": text}


def _one_megabyte():
    lead = db.session.get_one(Lead, 1)
    lead.other_data = {"big": "x" * 1_000_000, "words": "lorem ipsum " * 10_000}


def _pages():
    settings = ("", "/fields/", "/lists/", "/users/", "/audit", *(f"/lists/{slug}/" for slug in SLUGS))
    return (
        "/leads/",
        "/leads/?q=alert",
        "/leads/new",
        "/leads/bin",
        *(f"/leads/{place + 1}" for place in range(len(CORPUS))),
        *(f"/leads/{place}/edit" for place in (1, 2, 3, 11, 12)),
        *(f"/leads/1/fields/{name}/edit" for name in (*TEXTS, *CHOSEN, "email", "phone", "addresses", "tags")),
        *(f"/settings{path}" for path in settings),
    )


SLUGS = ("sources", "campaigns", "salutations", "tags")


def test_no_text_is_more_than_text(hub, page, sign_in):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    asked = []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith(hub.url) else None)
    sign_in(page, hub)

    for path in _pages():
        answer = page.goto(hub.url + path)
        assert answer.status == 200, path
        no_sideways_scroll(page)
        assert page.evaluate("document.querySelectorAll('main script, main svg[onload], main [onerror]').length") == 0

    assert dialogs == []
    assert [url for url in asked if not url.startswith("data:")] == []


def test_no_text_is_wider_than_a_phone(hub, open_page, sign_in):
    page = open_page(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    sign_in(page, hub)

    leads = ("/leads/", "/leads/11", "/leads/13", "/leads/11/edit")
    for path in (*leads, "/settings/lists/sources/", "/settings/fields/"):
        page.goto(hub.url + path)
        no_sideways_scroll(page)
