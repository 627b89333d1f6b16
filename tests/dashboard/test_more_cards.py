"""The further cards, through their pages: who sees them, what they say, where they lead."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields import services as fields
from leadhub.fields.catalogue import FORM, MANAGERS
from leadhub.fields.drafts import Decision, FieldDraft
from leadhub.leads.activities import Activity, log
from leadhub.leads.models import Lead
from leadhub.leads.services import create_leads, update_lead
from leadhub.lists.models import Campaign
from leadhub.pipelines.models import Stage
from leadhub.plugins.api import LeadDraft
from leadhub.plugins.builtin.more_widgets.words import duration, percent

pytestmark = pytest.mark.one_database  # what is read of the database is said by tests/leads/test_reading_*.py
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
KEYS = (
    "leads_by_field", "leads_by_owner", "leads_by_creator", "funnel", "stage_conversion", "time_in_stage", "stagnating",
    "source_efficiency", "campaign_efficiency", "first_response",
)  # fmt: skip


def get(client, key, **options):
    return client.get(f"/dashboard/widgets/{key}", headers=PARTIAL, **options)


def state(answer):
    return re.search(r'data-state="(\w+)"', answer.text)[1]


def table(answer):
    """The words of each row."""
    rows = re.findall(r"<tr>(.*?)</tr>", answer.text, re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [[re.sub(r"<[^>]*>", "", cell).strip() for cell in row] for row in cells]


def options_of(answer, name):
    select = re.search(rf'<select[^>]*name="{re.escape(name)}".*?</select>', answer.text, re.S)[0]
    return re.findall(r'<option(?: selected)? value="([^"]*)"', select)


def sentence(answer):
    return re.search(r'shown-sentence">(.*?)</p>', answer.text, re.S)[1].strip()


@pytest.mark.parametrize("key", KEYS)
def test_cards_wait_for_whoever_wants_them_and_are_empty_at_first(client, key):
    assert f"/widgets/{key}" not in client.get("/dashboard/").text
    assert f'value="add {key}"' in client.get("/dashboard/customise").text
    answer = get(client, key)

    assert state(answer) == "empty"
    assert "Nothing to show yet." in answer.text


@pytest.mark.parametrize("key", ["leads_by_owner", "leads_by_creator"])
def test_charts_by_person_are_for_managers(client_of, key):
    assert get(client_of("mia"), key).status_code == 200
    assert get(client_of("bob"), key).status_code == 403
    assert f"add {key}" not in client_of("bob").get("/dashboard/customise").text


def test_leads_are_counted_by_any_field_that_has_choices(client_of, app, person, make_lead):
    with app.app_context():
        draft = FieldDraft(type="choice", names={"en": "Roof"}, shown="form", choices=("Red", "Blue"))
        own = fields.add_field(draft, by=person("ada")).name
        db.session.commit()
    make_lead(custom={own: "Red"}, owner="bob@example.org")
    make_lead(custom={own: "Red"})
    make_lead()
    mia, bob = client_of("mia"), client_of("bob")
    words = {"leads_by_field.field": own, "leads_by_field.shape": "pie"}

    usual, roofs = get(bob, "leads_by_field"), get(bob, "leads_by_field", query_string=words)
    offered = options_of(usual, "leads_by_field.field")

    assert 'selected value="industry"' in usual.text
    assert {own, "is_organisation", "segment", "gender"} <= {*offered}
    assert not {"owner", "created_by", "next_contact_by", "stagnating", "country", "tags"} & {*offered}
    assert {"owner", "created_by"} <= {*options_of(get(mia, "leads_by_field"), "leads_by_field.field")}
    assert re.search(rf'href="/leads/\?[^"]*{own}=[^"]+">Red</a>', roofs.text)
    assert "By the field “Roof”. 67% of the leads: Red." in roofs.text
    assert state(get(bob, "leads_by_field", query_string={"leads_by_field.field": "owner"})) == "asking"


def test_the_forty_largest_stand_by_themselves_and_the_rest_together(client, app):
    with app.app_context():
        create_leads([LeadDraft(channel="form", last_name="x", industry=f"Industry {it}") for it in range(45)], by=None)
        db.session.commit()
    answer = get(client, "leads_by_field")

    assert "The 40 largest stand by themselves." in answer.text
    assert len(re.findall(r">Industry \d+</a>", answer.text)) == 40
    assert re.search(r"All others.*?>5<", answer.text, re.S)


def test_a_field_that_is_hidden_is_not_offered_and_its_card_says_why(client_of, app, person, make_lead):
    make_lead(source="whatsapp")
    with app.app_context():
        hidden = Decision(shown=FORM, required=False, in_list=False, seen_by=MANAGERS, changed_by=MANAGERS)
        fields.decide({"source": hidden}, by=person("ada"))
        db.session.commit()
    bob = client_of("bob")

    assert state(get(bob, "source_efficiency")) == "refused"
    assert "source" not in options_of(get(bob, "leads_by_field"), "leads_by_field.field")
    assert state(get(client_of("mia"), "source_efficiency")) == "ready"


def move(app, person, lead_id, *keys, **answers):
    with app.app_context():
        lead = db.session.get(Lead, lead_id)
        for key in keys:
            update_lead(lead, {"stage": f"sales.{key}"} | answers, by=person("ada"), version=lead.version)
            db.session.commit()


def test_the_funnel_and_what_becomes_of_leads_in_each_stage(client, app, person, make_lead):
    ids = [make_lead() for _time in range(4)]
    move(app, person, ids[0], "in-evaluation", "in-negotiation")
    move(app, person, ids[1], "in-evaluation", "first-contact")
    move(app, person, ids[2], "lost", lost_reason="price")

    funnel, exits = get(client, "funnel"), get(client, "stage_conversion")

    assert table(funnel) == [
        ["Stage", "Leads", "Percent of the stage before", "Percent of all"],
        ["All in the pipeline", "4", "", ""],
        ["First contact", "4", "100", "100"],
        ["In evaluation", "2", "50", "50"],
        ["In negotiation", "1", "50", "25"],
        ["Converted", "0", "0", "0"],
    ]
    assert sentence(funnel) == "Of 4 leads: 0 won (0%), 1 lost at some time."
    assert table(exits)[1:] == [
        ["First contact", "4", "1", "25", "0", "1", "0", "2"],
        ["In evaluation", "2", "1", "50", "1", "0", "0", "0"],
        ["In negotiation", "1", "0", "0", "0", "0", "0", "1"],
    ]
    assert sentence(exits) == "Most leads are lost from “First contact”: 1."
    assert state(get(client, "funnel", query_string={"period": "last-year"})) == "empty"
    assert state(get(client, "funnel", query_string={"funnel.pipeline": "moon"})) == "asking"


def test_the_time_in_a_stage_leads_to_those_that_are_there(client, app, person, make_lead):
    ids = [make_lead() for _time in range(3)]
    with app.app_context():
        db.session.execute(sa.update(Lead).values(stage_since=utcnow() - timedelta(days=3)))
        db.session.commit()
    move(app, person, ids[0], "in-evaluation")

    answer = get(client, "time_in_stage", query_string={"source": "none"})

    assert table(answer)[1:3] == [["First contact", "3 days", "1", "2"], ["In evaluation", "", "0", "1"]]
    assert "source=none&amp;stage=sales.first-contact" in answer.text or "stage=sales.first-contact" in answer.text
    assert sentence(answer) == "Leads stay longest in “First contact”: 3 days."


def test_stagnating_leads_come_with_the_one_that_waits_longest_first(client, client_of, app, make_lead):
    ids = [make_lead(last_name=f"Lead {number}", owner="bob@example.org") for number in range(3)]
    with app.app_context():
        db.session.execute(sa.update(Stage).where(Stage.key == "sales.first-contact").values(days_to_rot=5))
        for days, lead_id in zip((3, 7, 12), ids, strict=True):
            changes = {"touched_at": utcnow() - timedelta(days=days, hours=1)}
            db.session.execute(sa.update(Lead).where(Lead.id == lead_id).values(changes))
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()

    answer = get(client, "stagnating")

    assert table(answer)[2:] == [["Lead 2", "First contact", "Bob", "12"], ["Lead 1", "First contact", "Bob", "7"]]
    assert 'href="/leads/?origin=stagnating&amp;stagnating=yes"' in answer.text
    assert f'href="/leads/{ids[2]}"' in answer.text
    assert sentence(answer).startswith("2 leads stagnate")
    assert state(get(client_of("mia"), "stagnating")) == "empty"


def test_costs_stand_beside_leads_for_admins_alone(client, client_of, app, make_lead):
    with app.app_context():
        db.session.add(Campaign(key="fair", names={"en": "Fair"}, budget=Decimal(2000), actual_cost=Decimal(1500)))
        db.session.add(Campaign(key="radio", names={"en": "Radio"}))
        db.session.commit()
    for source, campaign, since in (("whatsapp", "fair", utcnow().date()), ("whatsapp", "fair", None),
                                    ("website", "fair", None), ("website", "radio", None)):  # fmt: skip
        make_lead(source=source, campaign=campaign, customer_since=since)

    assert table(get(client, "campaign_efficiency")) == [
        ["Campaign", "Leads", "Customers", "Customers in percent", "Budget", "Actual cost", "Cost per lead",
         "Cost per customer"],
        ["Fair", "3", "1", "33.3", "€2,000.00", "€1,500.00", "€500.00", "€1,500.00"],
        ["Radio", "1", "0", "0", "", "", "", ""],
    ]  # fmt: skip
    assert table(get(client, "source_efficiency"))[1:] == [
        ["Website", "2", "0", "0", "€500.00", "€250.00", ""],
        ["WhatsApp", "2", "1", "50", "€1,000.00", "€500.00", "€1,000.00"],
    ]
    assert table(get(client_of("mia"), "campaign_efficiency"))[0][-1] == "Customers in percent"
    assert "€" not in get(client_of("mia"), "source_efficiency").text


def test_the_first_response_is_told_in_parts_and_in_words(client, app, person, make_lead):
    ids = [make_lead() for _time in range(3)]
    with app.app_context():
        db.session.execute(
            sa.update(Lead).values(created_at=utcnow() - timedelta(hours=5), received_at=utcnow() - timedelta(days=1))
        )
        db.session.commit()
        log(db.session.get(Lead, ids[0]), Activity(kind="note", body="Called back"), by=person("bob"), link="")
        db.session.commit()

    answer = get(client, "first_response")

    assert "Half of those with an answer had it within 5 hours. 2 leads wait." in answer.text
    assert re.search(r"Within a day.*?>1<.*?Not yet.*?>2<", answer.text, re.S)


@pytest.mark.parametrize(("seconds", "words"), [
    (0, "0 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7200, "2 hours"), (36 * 3600, "36 hours"),
    (45 * 86_400, "45 days"),
])  # fmt: skip
def test_times_are_told_in_the_largest_unit_of_which_there_are_two(app, seconds, words):
    with app.test_request_context():
        assert duration(seconds) == words
    assert percent(1, 0) is None
    assert percent(1, 3) == Decimal("33.3")
