"""From a new lead to a confirmed order, in French, through the customer's own link; in a browser."""

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.hub.queries import hub as hub_row
from leadhub.leads.models import Lead
from leadhub.sales.company.queries import company

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
NBSP, NNBSP = "\u00a0", "\u202f"


def french(hub):
    with hub.app.app_context():
        hub_row().language, hub_row().makes_quotations = "fr", True
        user_by_email("ada@example.org").language = "fr"
        company().name, company().address = "Menuiserie Lefèvre", "12 rue de la Paix\n75002 Paris"
        db.session.commit()


def test_from_a_new_lead_to_its_order_in_french(serve, open_page, sign_in, check_access):
    hub, page = serve(), open_page(locale="fr-FR")
    french(hub)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/new")
    page.fill("#last_name", "Dupont")
    page.press("#last_name", "Enter")
    page.wait_for_selector("h1:has-text('Dupont')")

    page.click("#create-menu > summary")
    check_access(page)
    page.click("#create-menu a:has-text('Opportunité')")
    page.fill("#title", "Dix bureaux")
    page.press("#title", "Enter")
    page.click("a:has-text('Nouveau devis')")
    line = page.locator(".sale-line").first
    line.locator("[data-part=description]").fill("Bureau en chêne")
    line.locator("[data-part=quantity]").fill("10")
    line.locator("[data-part=unit_price]").fill("1 234,505")
    assert page.inner_text(".sums-total dd") == f"14{NNBSP}814,06{NBSP}€"
    page.click(".btn:has-text('Enregistrer le brouillon')")
    page.click(".btn-primary:has-text('Valider')")
    page.wait_for_selector("h1:has-text('DEV-')")
    page.click("summary:has-text('Lien du client')")
    link = page.input_value("#customers-link")

    answer_by_link(open_page(locale="fr-FR"), link.replace(link.split("/q/")[0], hub.url), check_access)

    page.reload()
    page.click("button:has-text('Créer la commande')")
    page.click("button:has-text('Confirmer')")
    page.wait_for_selector("h1:has-text('CMD-')")
    page.click(".lead-line a:has-text('Dupont')")
    page.wait_for_selector("#lead-head:has-text('Converti')")
    assert "Gagn" in page.inner_text("#opportunities")
    assert "Confirmée" in page.inner_text("#orders")
    page.click("#lead-sales a:has-text('Dupont')")
    page.wait_for_selector("#customer-head")
    check_access(page)
    with hub.app.app_context():
        assert db.session.query(Lead).one().status.key == "converted"


def answer_by_link(page, link, check_access):
    page.goto(link)
    assert f"14{NNBSP}814,06{NBSP}€" in page.inner_text("article")
    check_access(page)
    page.fill("#accept-name", "Hélène Dupont")
    page.click("button:has-text('Bon pour accord')")
    page.wait_for_selector(f"text=Bon pour accord{NBSP}: Hélène Dupont")
