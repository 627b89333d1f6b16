"""Who may do what, generated from the URL map: every route, every role, one's own, a team mate's and another's record.

A route without a row in ``ROWS`` fails, as does a view that does not say who may.  After every refusal the whole
database is compared, but for the tables in which refusals are written down.
"""

import re
import shutil

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role, Team, UserSession
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.roles import ADMINISTER, EXPORT_LEADS, IMPORT_LEADS, MANAGE_LEADS, READ_LEADS, ROLES, WRITE_LEADS
from leadhub.accounts.services import datastore
from leadhub.accounts.sessions import LONGEST
from leadhub.database import ID_MAX, utcnow
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.imports.models import Import
from leadhub.intake.models import Door
from leadhub.jobs.models import Effect
from leadhub.leads.listing.models import BulkRun, SavedView
from leadhub.leads.services import create_lead
from leadhub.leads.statuses.models import StatusRun
from leadhub.lists.models import Source
from leadhub.pipelines.models import Pipeline, Stage, StageDeletion
from leadhub.plugins.api import LeadDraft
from leadhub.sales.customers import create_customer
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.models import Contact
from leadhub.statuses.models import Status, StatusAction, StatusDeletion
from tests.databases import PASSWORD
from tests.lead_files import make_file

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PUBLIC = "public"
FIELD = {"name": "phone", "phone": "new", "version": "1"}
PERSON = {"name": "New", "role": "agent", "team": "", "taker": "", "email": "new@example.org"}
ROWS = {
    "activities.create": (WRITE_LEADS, "lead", {"kind": "note", "body": "new"}),
    "activities.follow": (READ_LEADS, "lead", {}),
    "activities.index": (WRITE_LEADS, "lead", {}),
    "activities.new": (WRITE_LEADS, "lead", {}),
    "activities.unfollow": (READ_LEADS, "lead", {}),
    "company.edit": (ADMINISTER, None, {}),
    "company.update": (ADMINISTER, None, {"name": "New"}),
    "contacts.ask": (WRITE_LEADS, "customer", {}),
    "contacts.create": (WRITE_LEADS, "customer", {"last_name": "New"}),
    "contacts.delete": (WRITE_LEADS, "customer", {}),
    "contacts.edit": (WRITE_LEADS, "customer", {}),
    "contacts.make_primary": (WRITE_LEADS, "customer", {}),
    "contacts.new": (WRITE_LEADS, "customer", {}),
    "contacts.update": (WRITE_LEADS, "customer", {"last_name": "New"}),
    "customer_links.create": (WRITE_LEADS, "lead", {}),
    "customer_links.new": (WRITE_LEADS, "lead", {}),
    "customers.ask": (MANAGE_LEADS, "customer", {}),
    "customers.create": (WRITE_LEADS, None, {"last_name": "New"}),
    "customers.delete": (MANAGE_LEADS, "customer", {"name": "Secret"}),
    "customers.edit": (WRITE_LEADS, "customer", {}),
    "customers.index": (READ_LEADS, None, {}),
    "customers.new": (WRITE_LEADS, None, {}),
    "customers.show": (READ_LEADS, "customer", {}),
    "customers.unlink": (WRITE_LEADS, "customer", {}),
    "customers.update": (WRITE_LEADS, "customer", {"last_name": "New", "version": "1"}),
    "dashboard.download": (READ_LEADS, None, {}),
    "dashboard.index": (READ_LEADS, None, {}),
    "dashboard.show": (READ_LEADS, None, {}),
    "dashboard.version": (READ_LEADS, None, {}),
    "diagnostic.drop": (ADMINISTER, "effect", {}),
    "diagnostic.index": (ADMINISTER, None, {}),
    "diagnostic.jobs": (ADMINISTER, None, {}),
    "diagnostic.readyz": (PUBLIC, None, {}),
    "diagnostic.retry": (ADMINISTER, "effect", {}),
    "doors.ask": (ADMINISTER, "door", {}),
    "doors.ask_renew": (ADMINISTER, "door", {}),
    "doors.create": (ADMINISTER, None, {"name": "New", "source": "", "settings-title": "Hello"}),
    "doors.delete": (ADMINISTER, "door", {}),
    "doors.edit": (ADMINISTER, "door", {}),
    "doors.index": (ADMINISTER, None, {}),
    "doors.new": (ADMINISTER, None, {}),
    "doors.renew": (ADMINISTER, "door", {}),
    "doors.switch": (ADMINISTER, "door", {}),
    "doors.update": (ADMINISTER, "door", {"name": "New", "source": "", "settings-title": "Hello"}),
    "email.delete": (ADMINISTER, None, {}),
    "email.edit": (ADMINISTER, None, {}),
    "email.send_test": (ADMINISTER, None, {}),
    "email.show_test": (ADMINISTER, None, {}),
    "email.update": (ADMINISTER, None, {}),
    "fields.ask": (ADMINISTER, "field", {}),
    "fields.create": (ADMINISTER, None, {"type": "text", "name_en": "Size", "shown": "more"}),
    "fields.decide": (ADMINISTER, None, {}),
    "fields.delete": (ADMINISTER, "field", {}),
    "fields.edit": (ADMINISTER, None, {}),
    "fields.index": (ADMINISTER, None, {}),
    "fields.move": (ADMINISTER, "field", {"to": "up"}),
    "fields.reset": (ADMINISTER, None, {}),
    "fields.update": (ADMINISTER, None, {"seen_by": "all", "changed_by": "all"}),
    "files.show": (READ_LEADS, "file", {}),
    "home": (PUBLIC, None, {}),
    "healthz": (PUBLIC, None, {}),
    "imports.cancel": (IMPORT_LEADS, "import", {}),
    "imports.create": (IMPORT_LEADS, None, {}),
    "imports.index": (IMPORT_LEADS, None, {}),
    "imports.pause": (IMPORT_LEADS, "import", {}),
    "imports.progress": (IMPORT_LEADS, "import", {}),
    "imports.refusals": (IMPORT_LEADS, "import", {}),
    "imports.resume": (IMPORT_LEADS, "import", {}),
    "imports.show": (IMPORT_LEADS, "import", {}),
    "imports.start": (IMPORT_LEADS, "import", {}),
    "intake.form": (PUBLIC, None, {}),
    "intake.receive": (PUBLIC, None, {}),
    "intake.send": (PUBLIC, None, {}),
    "intake.show": (PUBLIC, None, {}),
    "intake.thanks": (PUBLIC, None, {}),
    "layouts.edit": (READ_LEADS, None, {}),
    "layouts.reset": (READ_LEADS, None, {}),
    "layouts.share": (MANAGE_LEADS, None, {}),
    "layouts.unshare": (MANAGE_LEADS, None, {}),
    "layouts.update": (READ_LEADS, None, {"card": "small new_leads", "act": "large new_leads"}),
    "leads_export.as_csv": (EXPORT_LEADS, None, {}),
    "leads_export.as_workbook": (EXPORT_LEADS, None, {}),
    "leads_bulk.all_of_them": (WRITE_LEADS, None, {}),
    "leads_bulk.create": (WRITE_LEADS, None, {"act": "delete"}),
    "leads_bulk.new": (WRITE_LEADS, None, {}),
    "leads_bulk.refusals": (WRITE_LEADS, "bulk", {}),
    "leads_bulk.show": (WRITE_LEADS, "bulk", {}),
    "leads_bulk.stop": (WRITE_LEADS, "bulk", {}),
    "leads_bulk.undo": (WRITE_LEADS, "bulk", {}),
    "leads_care.ask": (MANAGE_LEADS, "binned", {}),
    "leads_care.ask_empty": (MANAGE_LEADS, None, {}),
    "leads_care.delete": (WRITE_LEADS, "lead", {}),
    "leads_care.delete_for_good": (MANAGE_LEADS, "binned", {"name": "Secret"}),
    "leads_care.empty": (MANAGE_LEADS, None, {"name": "Bin"}),
    "leads_care.index": (WRITE_LEADS, None, {}),
    "leads_care.restore": (WRITE_LEADS, "binned", {}),
    "leads_care.take": (WRITE_LEADS, "lead", {}),
    "lead_contacts.ask": (WRITE_LEADS, "lead", {}),
    "lead_contacts.create": (WRITE_LEADS, "lead", {"last_name": "New"}),
    "lead_contacts.delete": (WRITE_LEADS, "lead", {}),
    "lead_contacts.edit": (WRITE_LEADS, "lead", {}),
    "lead_contacts.index": (READ_LEADS, "lead", {}),
    "lead_contacts.make_primary": (WRITE_LEADS, "lead", {}),
    "lead_contacts.new": (WRITE_LEADS, "lead", {}),
    "lead_contacts.update": (WRITE_LEADS, "lead", {"last_name": "New"}),
    "lead_panels.show": (READ_LEADS, "lead", {}),
    "leads_peek.around": (READ_LEADS, "lead", {}),
    "leads_peek.index": (READ_LEADS, "lead", {}),
    "leads.create": (WRITE_LEADS, None, {"last_name": "New"}),
    "leads.address": (WRITE_LEADS, None, {}),
    "leads.edit": (WRITE_LEADS, "lead", {}),
    "leads.edit_field": (WRITE_LEADS, "lead", FIELD),
    "leads.index": (READ_LEADS, None, {}),
    "leads.new": (WRITE_LEADS, None, {}),
    "leads.show": (READ_LEADS, "lead", {}),
    "leads.show_field": (READ_LEADS, "lead", FIELD),
    "leads.twins": (WRITE_LEADS, None, {}),
    "leads.update": (WRITE_LEADS, "lead", {"last_name": "New", "version": "1"}),
    "leads.update_field": (WRITE_LEADS, "lead", FIELD),
    "leads_board.cards": (READ_LEADS, "stage", {}),
    "leads_board.index": (READ_LEADS, None, {}),
    "leads_board.show_figures": (READ_LEADS, None, {}),
    "leads_cards.create": (WRITE_LEADS, "stage", {"last_name": "New"}),
    "leads_cards.edit": (WRITE_LEADS, "lead", {}),
    "leads_cards.new": (WRITE_LEADS, "stage", {}),
    "leads_cards.update": (WRITE_LEADS, "lead", {"stage": "sales.in-evaluation", "version": "1", "after": "0"}),
    "leads_list.filter": (READ_LEADS, None, {}),
    "leads_list.show_columns": (READ_LEADS, None, {}),
    "leads_list.total": (READ_LEADS, None, {}),
    "lead_stages.update": (WRITE_LEADS, "lead", {"stage": "sales.in-evaluation", "version": "1"}),
    "lead_statuses.index": (MANAGE_LEADS, None, {}),
    "lead_statuses.kept": (MANAGE_LEADS, "deletion", {}),
    "lead_statuses.retry": (MANAGE_LEADS, "run", {}),
    "lists.ask": (ADMINISTER, "source", {}),
    "lists.create": (ADMINISTER, None, {"name_en": "Fair"}),
    "lists.delete": (ADMINISTER, "source", {}),
    "lists.edit": (ADMINISTER, "source", {}),
    "lists.index": (ADMINISTER, None, {}),
    "lists.move": (ADMINISTER, "source", {"to": "up"}),
    "lists.reorder": (ADMINISTER, None, {"ids": "2,1"}),
    "lists.retire": (ADMINISTER, "source", {}),
    "lists.show": (ADMINISTER, None, {}),
    "lists.update": (ADMINISTER, "source", {"name_en": "Market"}),
    "oidc.callback": (PUBLIC, None, {}),
    "oidc.start": (PUBLIC, None, {}),
    "opportunity_board.edit": (WRITE_LEADS, "opportunity", {}),
    "opportunity_board.index": (READ_LEADS, None, {}),
    "opportunity_board.update": (WRITE_LEADS, "opportunity", {"version": "1", "stage": "opportunities.proposal"}),
    "opportunity_stages.update_tick": (MANAGE_LEADS, None, {"on": "y"}),
    "opportunities.ask": (WRITE_LEADS, "opportunity", {}),
    "opportunities.create": (WRITE_LEADS, None, {"title": "New", "currency": "EUR"}),
    "opportunities.delete": (WRITE_LEADS, "opportunity", {}),
    "opportunities.do": (WRITE_LEADS, "opportunity", {"reason": "price"}),
    "opportunities.edit": (WRITE_LEADS, "opportunity", {}),
    "opportunities.index": (READ_LEADS, None, {}),
    "opportunities.new": (WRITE_LEADS, None, {}),
    "opportunities.restore": (WRITE_LEADS, "deleted_opportunity", {}),
    "opportunities.show": (READ_LEADS, "opportunity", {}),
    "opportunities.update": (WRITE_LEADS, "opportunity", {"title": "New", "currency": "EUR", "version": "1"}),
    "outside_quotations.ask": (WRITE_LEADS, "lead", {}),
    "outside_quotations.create": (WRITE_LEADS, "lead", {"number": "Q-1", "currency": "EUR", "sent_on": "2026-11-30"}),
    "outside_quotations.delete": (WRITE_LEADS, "lead", {}),
    "outside_quotations.do": (WRITE_LEADS, "lead", {}),
    "outside_quotations.edit": (WRITE_LEADS, "lead", {}),
    "outside_quotations.make_customer": (WRITE_LEADS, "lead", {}),
    "outside_quotations.new": (WRITE_LEADS, "lead", {}),
    "outside_quotations.unlink_customer": (WRITE_LEADS, "lead", {}),
    "outside_quotations.update": (WRITE_LEADS, "lead", {}),
    "orders.create": (WRITE_LEADS, None, {}),
    "orders.create_from": (WRITE_LEADS, "quotation", {}),
    "orders.delete": (WRITE_LEADS, "order", {}),
    "orders.do": (WRITE_LEADS, "order", {}),
    "orders.edit": (WRITE_LEADS, "order", {}),
    "orders.index": (READ_LEADS, None, {}),
    "orders.new": (WRITE_LEADS, None, {}),
    "orders.restore": (WRITE_LEADS, "deleted_order", {}),
    "orders.show": (READ_LEADS, "order", {}),
    "orders.update": (WRITE_LEADS, "order", {"currency": "EUR", "version": "1"}),
    "origins.apply": (WRITE_LEADS, None, {"apply": "ticked"}),
    "origins.index": (WRITE_LEADS, None, {}),
    "origins.undo": (WRITE_LEADS, None, {}),
    "palette.index": (READ_LEADS, None, {}),
    "palette.keys": (READ_LEADS, None, {}),
    "password.choose": (PUBLIC, None, {}),
    "password.forgotten": (PUBLIC, None, {}),
    "password.send": (PUBLIC, None, {}),
    "password.show": (PUBLIC, None, {}),
    "people.activate": (ADMINISTER, "user", PERSON),
    "people.deactivate": (ADMINISTER, "user", PERSON),
    "people.edit": (ADMINISTER, "user", {}),
    "people.end_sessions": (ADMINISTER, "user", {}),
    "people.index": (ADMINISTER, None, {}),
    "people.invite": (ADMINISTER, None, PERSON),
    "people.new_link": (ADMINISTER, "user", {}),
    "people.reset_two_factor": (ADMINISTER, "user", {}),
    "people.update": (ADMINISTER, "user", PERSON),
    "people.update_away": (ADMINISTER, "user", PERSON | {"taker": "keep", "away": "y"}),
    "people.update_reach": (ADMINISTER, None, {"manager": "own", "agent": "own", "viewer": "own"}),
    "pipelines.create": (MANAGE_LEADS, None, {"ready": "support", "name_en": "New"}),
    "pipelines.index": (MANAGE_LEADS, None, {}),
    "pipelines.move": (MANAGE_LEADS, "pipeline", {"to": "up"}),
    "pipelines.reorder": (MANAGE_LEADS, None, {"ids": "2,1"}),
    "pipelines.retire": (MANAGE_LEADS, "pipeline", {}),
    "pipelines.show": (MANAGE_LEADS, "pipeline", {}),
    "pipelines.update": (MANAGE_LEADS, "pipeline", {"name_en": "Other"}),
    "plugin_pages.file": (READ_LEADS, None, {}),
    "plugin_pages.send": (READ_LEADS, None, {}),
    "plugin_pages.show": (READ_LEADS, None, {}),
    "plugins.edit": (ADMINISTER, None, {}),
    "plugins.index": (ADMINISTER, None, {}),
    "plugins.retry": (ADMINISTER, None, {}),
    "plugins.switch": (ADMINISTER, None, {}),
    "plugins.update": (ADMINISTER, None, {}),
    "profile.change_password": (READ_LEADS, None, {"old": PASSWORD, "new": "another good sentence"}),
    "profile.edit": (READ_LEADS, None, {}),
    "profile.end_others": (READ_LEADS, None, {}),
    "profile.end_session": (READ_LEADS, "session", {}),
    "profile.two_factor_codes": (READ_LEADS, None, {"old": PASSWORD}),
    "profile.two_factor_off": (READ_LEADS, None, {"old": PASSWORD}),
    "profile.two_factor_on": (READ_LEADS, None, {}),
    "profile.two_factor_page": (READ_LEADS, None, {}),
    "profile.update": (READ_LEADS, None, {"name": "New", "language": "", "time_zone": "", "theme": "dark"}),
    "quotation_link.accept": (PUBLIC, None, {}),
    "quotation_link.decline": (PUBLIC, None, {}),
    "quotation_link.show": (PUBLIC, None, {}),
    "quotation_papers.download": (READ_LEADS, "quotation", {}),
    "quotation_papers.make_pdf": (READ_LEADS, "quotation", {}),
    "quotation_papers.pdf_": (READ_LEADS, "quotation", {}),
    "quotation_papers.print_": (READ_LEADS, "quotation", {}),
    "quotation_sending.new": (WRITE_LEADS, "quotation", {}),
    "quotation_sending.send": (WRITE_LEADS, "quotation", {"to": "a@b.example", "message": "Hello"}),
    "quotations.ask": (WRITE_LEADS, "quotation", {}),
    "quotations.create": (WRITE_LEADS, None, {}),
    "quotations.delete": (WRITE_LEADS, "quotation", {}),
    "quotations.do": (WRITE_LEADS, "quotation", {}),
    "quotations.edit": (WRITE_LEADS, "quotation", {}),
    "quotations.index": (READ_LEADS, None, {}),
    "quotations.new": (WRITE_LEADS, None, {}),
    "quotations.restore": (WRITE_LEADS, "deleted_quotation", {}),
    "quotations.revise": (WRITE_LEADS, "quotation", {}),
    "quotations.show": (READ_LEADS, "quotation", {}),
    "quotations.submit": (WRITE_LEADS, "quotation", {}),
    "quotations.update": (WRITE_LEADS, "quotation", {"currency": "EUR", "language": "en", "version": "1"}),
    "saved_views.create": (READ_LEADS, None, {"name": "New", "scope": "private", "query": "q=a"}),
    "saved_views.delete": (READ_LEADS, "view", {}),
    "saved_views.edit": (READ_LEADS, "view", {}),
    "saved_views.index": (READ_LEADS, None, {}),
    "saved_views.new": (READ_LEADS, None, {}),
    "saved_views.restore": (READ_LEADS, "deleted_view", {}),
    "saved_views.save": (READ_LEADS, "view", {"query": "q=a", "version": "1"}),
    "saved_views.update": (READ_LEADS, "view", {"name": "New", "scope": "private", "version": "1"}),
    "setup.create": (PUBLIC, None, {}),
    "setup.delete_samples": (ADMINISTER, None, {}),
    "setup.edit": (ADMINISTER, None, {}),
    "setup.index": (PUBLIC, None, {}),
    "setup.new": (PUBLIC, None, {}),
    "pipeline_leads.edit": (MANAGE_LEADS, "pipeline", {}),
    "pipeline_leads.update": (MANAGE_LEADS, "pipeline", {}),
    "setup.update": (ADMINISTER, None, {}),
    "stage_deletions.ask": (MANAGE_LEADS, "stage", {}),
    "stage_deletions.ask_all": (MANAGE_LEADS, "pipeline", {}),
    "stage_deletions.delete": (MANAGE_LEADS, "stage", {}),
    "stage_deletions.delete_all": (MANAGE_LEADS, "pipeline", {}),
    "stage_deletions.undo": (MANAGE_LEADS, "stage_deletion", {}),
    "stages.create": (MANAGE_LEADS, "pipeline", {"name_en": "New", "kind": "open", "colour": "blue"}),
    "stages.edit": (MANAGE_LEADS, "stage", {}),
    "stages.move": (MANAGE_LEADS, "stage", {"to": "up"}),
    "stages.reorder": (MANAGE_LEADS, "pipeline", {"ids": "2,1"}),
    "stages.retire": (MANAGE_LEADS, "stage", {}),
    "stages.update": (MANAGE_LEADS, "stage", {"name_en": "Other", "kind": "open", "colour": "blue"}),
    "status_bindings.actions": (MANAGE_LEADS, "status", {}),
    "status_bindings.create_action": (MANAGE_LEADS, "status", {"text": "Hello"}),
    "status_bindings.edit_action": (MANAGE_LEADS, "action", {}),
    "status_bindings.give_action": (MANAGE_LEADS, "action", {"status": "1"}),
    "status_proposals.answer": (MANAGE_LEADS, None, {"key": "interested", "how": "declined"}),
    "status_bindings.mend": (MANAGE_LEADS, None, {"kind": "rule", "id": "1", "how": "off"}),
    "status_bindings.move_action": (MANAGE_LEADS, "action", {"to": "up"}),
    "status_bindings.new_action": (MANAGE_LEADS, "status", {}),
    "status_bindings.remove_action": (MANAGE_LEADS, "action", {}),
    "status_bindings.show_rules": (MANAGE_LEADS, None, {}),
    "status_bindings.switch_action": (MANAGE_LEADS, "action", {}),
    "status_bindings.update_action": (MANAGE_LEADS, "action", {"text": "Hello"}),
    "status_bindings.update_rules": (MANAGE_LEADS, None, {}),
    "status_deletions.ask": (MANAGE_LEADS, "status", {}),
    "status_deletions.delete": (MANAGE_LEADS, "status", {"successor": "1"}),
    "status_deletions.undo": (MANAGE_LEADS, "deletion", {}),
    "statuses.create": (MANAGE_LEADS, None, {"name_en": "New", "kind": "open", "colour": "blue"}),
    "statuses.edit": (MANAGE_LEADS, "status", {}),
    "statuses.index": (MANAGE_LEADS, None, {}),
    "statuses.move": (MANAGE_LEADS, "status", {"to": "up"}),
    "statuses.reorder": (MANAGE_LEADS, None, {"ids": "2,1"}),
    "statuses.retire": (MANAGE_LEADS, "status", {}),
    "statuses.update": (MANAGE_LEADS, "status", {"name_en": "Other", "kind": "open", "colour": "blue"}),
    "teams.audit_log": (ADMINISTER, None, {}),
    "teams.create": (ADMINISTER, None, {"name": "West"}),
    "teams.delete": (ADMINISTER, "team", {}),
    "teams.update": (ADMINISTER, "team", {"name": "West"}),
}
"""Endpoint -> permission, the kind of record that its address names, what is posted."""
KINDS = ("lead", "binned", "import", "bulk", "user", "session", "effect", "team", "source", "field")
KINDS += ("customer", "view", "deleted_view", "status", "action", "run", "deletion", "door", "pipeline", "stage")
KINDS += ("stage_deletion",)
DOCUMENTS = tuple(f"{state}{kind}" for kind in ("opportunity", "quotation", "order") for state in ("", "deleted_"))
"""Of the leads; who sees the lead sees them."""
ANSWERS = {  # of what is allowed, beside success, a broken rule and a form with messages
    "customers.unlink": (404,),  # of a lead that is not its
    "opportunities.create": (404,),  # of nobody
    **dict.fromkeys(
        (
            "outside_quotations.ask",
            "outside_quotations.delete",
            "outside_quotations.do",
            "outside_quotations.edit",
            "outside_quotations.update",
        ),
        (404,),
    ),  # of no quotation
    "email.show_test": (404,),
    **dict.fromkeys(("plugin_pages.file", "plugin_pages.send", "plugin_pages.show"), (404,)),  # of a plugin that is off
    "origins.undo": (404,),  # of no change
    **dict.fromkeys(
        ("quotation_papers.download", "quotation_papers.make_pdf", "quotation_papers.pdf_"), (404,)
    ),  # where none was made, or none can be made
}
LIBRARY = re.compile(r"security\..*")  # Flask-Security's own: in test_security.py and accounts/
NOTEBOOKS = {"audit_events", "failures"}  # refusals are written down there
STAFF = {"ada": "admin", "mia": "manager", "bob": "agent", "vic": "viewer"}
REACHES = ("all", "team", "own")
HOLDERS = ("own", "mate", "other", "nobody")
OF_LEADS = 100_000  # the contact of a lead has the lead's id and this; that of a customer has the customer's
OF_LEAD = ("lead", "binned", "file", "run", *DOCUMENTS)
HELD = {"customer", *OF_LEAD, "import", "bulk", "view", "deleted_view"}  # somebody holds them


def routes(app):
    """(endpoint, method) of everything that is ours."""
    for rule in app.url_map.iter_rules():
        if not LIBRARY.fullmatch(rule.endpoint) and not rule.build_only:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The folder of a world that was made once, and the ids in it."""
    return tmp_path_factory.mktemp("world"), {}


@pytest.fixture
def world(app, settings, made):
    """Two teams with the cast in each; for each of the staff a record of their own, of a mate, of another, of nobody.

    ``world[name, kind, holder]`` is an id.  Made for the first test, copied for each other one.
    """
    folder, ids = made
    if ids:
        with app.app_context():
            db.engine.dispose()  # no connection to the file that is replaced
        shutil.copytree(folder, settings.data_dir, dirs_exist_ok=True)
        return ids
    _make_world(app, ids)
    with app.app_context(), db.engine.connect() as connection:
        connection.connection.driver_connection.execute("VACUUM INTO ?", (str(folder / "leadhub.sqlite3"),))
        connection.rollback()
        db.engine.dispose()
    shutil.copytree(settings.data_dir / "files", folder / "files")
    return ids


def _make_world(app, ids):
    with app.app_context():
        teams = [Team(name="North"), Team(name="South")]
        db.session.add_all(teams)
        people = {name: user_by_email(f"{name}@example.org") for name in STAFF}
        for user in people.values():
            user.team = teams[0]
        mate, other = (
            _double_of(people["bob"], f"{name}@example.org", team)
            for name, team in zip(("max", "eve"), teams, strict=True)
        )
        for name, user in people.items():
            for holder, held_by in {"own": user, "mate": mate, "other": other, "nobody": None}.items():
                for kind in KINDS:
                    ids[name, kind, holder] = _make(kind, held_by, mate, teams)
                ids[name, "file", holder] = make_file(ids[name, "lead", holder])
                for kind in DOCUMENTS:
                    ids[name, kind, holder] = _make_document(kind, ids[name, "lead", holder])
        db.session.commit()


def _double_of(user, name, team):
    email = f"{name}@example.org"
    double = datastore.create_user(email=email, password=user.password, roles=["agent"], name=name, team=team)
    double.joined_at = utcnow()
    db.session.flush()
    return double


def _make(kind, held_by, anybody, teams):
    if kind in ("lead", "binned"):
        owner = held_by.email if held_by else ""
        lead = create_lead(LeadDraft(channel="form", last_name="Secret", phone="old", owner=owner), by=None)
        lead.deleted_at = utcnow() if kind == "binned" else None
        db.session.flush()
        db.session.add(Contact(id=OF_LEADS + lead.id, lead_id=lead.id, last_name="Secret"))
        db.session.flush()
        return lead.id
    if kind == "customer":
        held = {"last_name": "Secret", "owner_id": held_by.id if held_by else None}
        customer = create_customer(held, by=None)
        db.session.add(Contact(id=customer.id, customer_id=customer.id, last_name="Secret"))
        return customer.id
    row = {
        "import": lambda: Import(name="a.csv", by_id=(held_by or anybody).id),
        "bulk": lambda: BulkRun(by_id=(held_by or anybody).id, act="delete", value=None, state="done"),
        "session": lambda: UserSession(
            user_id=(held_by or anybody).id, token_hash=f"{id(kind)}{len(db.session.new)}{utcnow()}"[-64:],
            expires_at=utcnow() + LONGEST,
        ),
        "effect": lambda: Effect(kind="mail.send", state="gave_up"),
        "door": lambda: Door(
            offer="web-form", plugin="standard_sources", name="New", token=str(utcnow()), settings={"title": "Hello"}
        ),
        "source": lambda: Source(key=f"fair-{utcnow()}", names={"en": "Fair"}),
        "field": lambda: FieldRow(name=f"new_{utcnow()}", type="text", names={"en": "Size"}, shown="more"),
        "team": lambda: teams[0],
        "status": _status,
        "action": lambda: StatusAction(status=_status(), action="add_note", settings={"text": "Hello"}),
        "run": lambda: StatusRun(
            lead_id=_make("lead", held_by, anybody, teams), move_id=1, action_id=1, action="add_note", state="failed",
            status_names={"en": "New"},
        ),
        "deletion": lambda: StatusDeletion(row_id=_unused(StatusDeletion), row=_row_of_status(), memory={}, moved={}),
        "pipeline": _pipeline,
        "stage": lambda: Stage(pipeline_id=_sales_id(), **_row_of_stage()),
        "stage_deletion": lambda: StageDeletion(
            row_id=_unused(StageDeletion), row={"pipeline_id": _sales_id(), **_row_of_stage()}, memory={}, moved={}
        ),
        "view": lambda: SavedView(name=f"Secret {utcnow()}", owner_id=(held_by or anybody).id),
        "deleted_view": lambda: SavedView(name="Secret", owner_id=(held_by or anybody).id, scope="-private"),
        "user": lambda: held_by or anybody,
    }[kind]()  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def _make_document(kind, lead_id):
    model = {"opportunity": Opportunity, "quotation": Quotation, "order": Order}[kind.removeprefix("deleted_")]
    own = {"is_own": True} if model is Quotation else {}
    deleted_at = utcnow() if kind.startswith("deleted") else None
    row = model(
        lead_id=lead_id,
        state="open" if model is Opportunity else "draft",
        currency="EUR",
        title="Secret",
        deleted_at=deleted_at,
        **own,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _status():
    return Status(**_row_of_status())


def _row_of_status():
    key = f"new-{utcnow()}"
    return {"key": key, "names": {"en": f"Status {key}"}, "kind": "in_progress", "colour": "blue", "position": 99}


def _unused(model):
    """An id that a deleted row may have had."""
    return 1000 + db.session.scalar(sa.select(sa.func.count()).select_from(model))


def _pipeline():
    return Pipeline(key=f"new-{utcnow()}", names={"en": f"Pipeline {utcnow()}"}, position=99)


def _sales_id():
    return db.session.scalar(sa.select(Pipeline.id).where(Pipeline.key == "sales"))


def _row_of_stage():
    key = f"new-{utcnow()}"
    return {"key": key, "names": {"en": f"Stage {key}"}, "kind": "open", "colour": "blue", "position": 99}


def set_reach(app, reach):
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach=reach))
        db.session.commit()


@pytest.fixture
def everything(app):
    """``everything()``: all rows of all tables, but for the notebooks."""

    def dump():
        with app.app_context(), db.engine.connect() as connection:
            tables = [table.name for table in db.metadata.sorted_tables if table.name not in NOTEBOOKS]
            rows = connection.connection.driver_connection.execute  # a dozen times as quick as with types
            return {table: rows(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608

    return dump


def attempt(app, client, endpoint, method, record_id):
    _permission, _kind, data = ROWS[endpoint]
    values = {"id": record_id, "name": "phone", "token": "x" * 16, "filename": "leadhub.css", "slug": "sources"}
    values |= {"plugin": "data_quality", "path": "", "key": "same_company"}
    values["row_id"] = min(record_id + OF_LEADS * endpoint.startswith("lead_contacts."), ID_MAX)
    values["act"] = "confirm" if endpoint.startswith("orders.") else "lose"
    if endpoint.startswith("dashboard."):
        values["key"] = "leads_by_source"
    if endpoint.startswith("doors."):
        values["kind"] = "web-form"
    if endpoint.startswith("plugins."):
        values["name"] = "event_log"
    values.setdefault("kind", "add_note" if endpoint.startswith("status_bindings.") else "call")
    rule = next(rule for rule in app.url_map.iter_rules(endpoint) if method in rule.methods)
    url = app.url_map.bind("localhost").build(endpoint, {name: values[name] for name in rule.arguments}, method=method)
    return client.open(url, method=method, data=data if method == "POST" else None)


def sees(role, reach, holder, kind):
    """The written rule: who sees a record of whom."""
    if kind in ("session", "view", "deleted_view"):
        return holder == "own"
    if kind in ("import", "bulk"):  # a file holds more than what came of it
        return role == "admin" or holder == "own"
    if kind not in ("customer", *OF_LEAD) or role == "admin" or reach == "all" or holder == "own":
        return True
    if holder == "nobody":
        return WRITE_LEADS in ROLES[role]
    return reach == "team" and holder == "mate"


def test_every_view_says_who_may(app):
    silent = {endpoint for endpoint, _method in routes(app) if not hasattr(app.view_functions[endpoint], "access")}

    assert silent - {"static"} == set()


def test_every_route_has_a_row_that_says_the_same(app):
    said = {endpoint: getattr(app.view_functions[endpoint], "access", PUBLIC) for endpoint, _method in routes(app)}

    assert said == {endpoint: row[0] for endpoint, row in ROWS.items()}


def all_routes():
    """For the parameters of tests, without an app: what ``ROWS`` names; a test above says that nothing is missing."""
    return sorted(endpoint for endpoint, row in ROWS.items() if row[0] != PUBLIC)


def methods_of(app, endpoint):
    return sorted({method for name, method in routes(app) if name == endpoint})


@pytest.mark.parametrize("endpoint", all_routes())
def test_a_stranger_is_sent_to_the_sign_in_page(app, world, everything, client_of, endpoint):
    for method in methods_of(app, endpoint):
        before = everything()

        answer = attempt(app, client_of(), endpoint, method, world["bob", ROWS[endpoint][1] or "lead", "own"])

        assert answer.status_code == 303
        assert answer.location.startswith("/login")
        assert everything() == before


@pytest.mark.parametrize("endpoint", all_routes())
def test_a_role_without_the_permission_is_refused_and_changes_nothing(app, world, everything, client_of, endpoint):
    permission, kind, _data = ROWS[endpoint]
    for name, role in STAFF.items():
        if permission in ROLES[role]:
            continue
        client = client_of(name)
        before = everything()
        for method in methods_of(app, endpoint):
            answer = attempt(app, client, endpoint, method, world[name, kind or "lead", "own"])

            assert answer.status_code == 403, (name, method)
            assert everything() == before, (name, method)


@pytest.mark.parametrize("endpoint", [name for name in all_routes() if ROWS[name][1] in HELD | {"session"}])
def test_a_record_out_of_reach_is_not_there(app, world, everything, client_of, endpoint):
    permission, kind, _data = ROWS[endpoint]
    clients = {name: client_of(name) for name, role in STAFF.items() if permission in ROLES[role]}
    for reach in REACHES:
        set_reach(app, reach)
        before = everything()
        for name, client in clients.items():
            for holder in HOLDERS:
                if sees(STAFF[name], reach, holder, kind):
                    continue
                for method in methods_of(app, endpoint):
                    answer = attempt(app, client, endpoint, method, world[name, kind, holder])

                    assert answer.status_code == 404, (name, reach, holder, method)
                    assert "Secret" not in answer.text
                    assert everything() == before, (name, reach, holder, method)


@pytest.mark.parametrize(
    ("endpoint", "reach"),
    [
        (name, reach)
        for name in all_routes()
        for reach in (REACHES if ROWS[name][1] in ("customer", *OF_LEAD) else ("own",))
    ],
)
def test_what_is_allowed_and_in_reach_is_done(app, world, client_of, endpoint, reach):
    permission, kind, _data = ROWS[endpoint]
    set_reach(app, reach)
    for name, role in STAFF.items():
        if permission not in ROLES[role]:
            continue
        for holder in HOLDERS if kind in HELD else ("own",):
            if not sees(role, reach, holder, kind):
                continue
            for method in methods_of(app, endpoint):
                answer = attempt(app, client_of(name), endpoint, method, world[name, kind or "lead", holder])

                assert answer.status_code < 400 or answer.status_code in ANSWERS.get(endpoint, (409, 422)), (
                    name,
                    holder,
                )


@pytest.mark.parametrize("endpoint", [name for name in all_routes() if ROWS[name][1]])
def test_a_record_that_is_not_there_is_not_there_for_an_admin_either(app, world, everything, client, endpoint):
    before = everything()
    for method in methods_of(app, endpoint):
        assert attempt(app, client, endpoint, method, 2**31 - 1).status_code in (404, 409)
    assert everything() == before


def test_lists_show_what_is_in_reach_and_nothing_else(app, world, client_of):
    for reach, seen in {"all": 32, "team": 24, "own": 10}.items():
        set_reach(app, reach)

        assert f"{seen} leads" in client_of("bob").get("/leads/").text


def test_a_refusal_is_in_the_audit_log(app, world, client_of, rows):
    client_of("vic").get("/settings")
    set_reach(app, "own")
    client_of("bob").get(f"/leads/{world['bob', 'lead', 'other']}")

    first, second = rows("audit_events")
    assert (first["kind"], second["kind"]) == ("refused", "refused")
    assert "setup.edit" in str(first["details"])
    assert str(world["bob", "lead", "other"]) in str(second["details"])


def test_htmx_of_a_stranger_loads_the_sign_in_page_whole(client_of):
    answer = client_of().get("/leads/", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
