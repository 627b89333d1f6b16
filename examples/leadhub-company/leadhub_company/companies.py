"""The card *Company*: asked of a service in the house by the domain of the lead, and kept for a month."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from leadhub.plugins.api import Context, LeadSnapshot, NoAnswer, Row, TableData, TextData

KEY = "company"
FRESH = timedelta(days=30)
TEXT_MAX = 200
EVERYBODYS = frozenset({"gmail.com", "hotmail.com", "icloud.com", "orange.fr", "outlook.com", "yahoo.com"})


def show(lead: LeadSnapshot, context: Context) -> TableData | TextData | None:
    domain = domain_of(lead)
    if not domain or not context.settings.get("service"):
        return None
    known: Mapping[str, Any] = context.store.get(KEY, {}, lead_id=lead.id)
    if known.get("domain") != domain or context.now() - datetime.fromisoformat(known["asked_at"]) > FRESH:
        try:
            known = ask(domain, context)
        except NoAnswer as reason:
            context.log.warning("the company service gave no answer", reason=str(reason))
            return TextData(text=context._("The company service gives no answer right now."))
        context.store.set(KEY, dict(known), lead_id=lead.id)  # goes with the lead, when that is erased
    if not known.get("name"):
        return TextData(text=context._("Nothing is known of %(domain)s.", domain=domain))
    heads = [context._("Name"), context._("City"), context._("Employees")]
    return TableData(heads=heads, rows=[Row(cells=[known["name"], known["city"], known["employees"]])])


def ask(domain: str, context: Context) -> dict[str, Any]:
    """What the service says; a company that it does not know has no name.  Raises ``NoAnswer``."""
    address = f"{context.settings['service'].rstrip('/')}/companies?domain={quote(domain)}"
    key = context.settings.get("key", "")
    answer = context.http("GET", address, headers={"Authorization": f"Bearer {key}"} if key else {})
    found = {"domain": domain, "asked_at": context.now().isoformat()}
    if answer.status == 404:
        return found
    if answer.status != 200:
        raise NoAnswer(f"the company service answered {answer.status}")
    try:
        told = json.loads(answer.body)
        return found | {
            "name": str(told["name"])[:TEXT_MAX],
            "city": str(told.get("city") or "")[:TEXT_MAX],
            "employees": int(told["employees"]) if told.get("employees") is not None else None,
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NoAnswer("the company service answered with something else than a company") from None


def domain_of(lead: LeadSnapshot) -> str:
    """Of the website, else of the e-mail address; empty where it says nothing of a company."""
    site = urlsplit(lead.website if "//" in lead.website else f"//{lead.website}").hostname or ""
    domain = site.removeprefix("www.") or lead.email.rpartition("@")[2].lower()
    return "" if domain in EVERYBODYS else domain
