"""Others from the same company, on a lead's page."""

from flask_babel import gettext as _

from leadhub.plugins.api import Context, LeadPanel, LeadSnapshot, Row, TableData, hookimpl

PURPOSE = {
    "en": "On a lead’s page: others with the same organisation, or with an e-mail at the same company.",
    "fr": "Sur la page d’une piste : les autres de la même organisation, ou avec un e-mail de la même société.",
}
SHOWN = 10
LOOKED_AT = 50
EVERYBODYS = frozenset({
    "aol.com", "example.com", "example.net", "example.org", "free.fr", "gmail.com", "gmx.com", "gmx.de", "gmx.fr",
    "gmx.net", "googlemail.com", "hotmail.com", "hotmail.fr", "icloud.com", "laposte.net", "live.com", "live.fr",
    "mac.com", "mail.com", "me.com", "msn.com",
    "neuf.fr", "orange.fr", "outlook.com", "outlook.fr", "proton.me", "protonmail.com", "sfr.fr", "t-online.de",
    "wanadoo.fr", "web.de", "yahoo.com", "yahoo.fr", "yandex.com", "ymail.com",
})  # fmt: skip
"""Domains of e-mail that say nothing of where somebody works."""


def others(lead: LeadSnapshot, context: Context) -> TableData | None:
    """The newest first, those that the reader may see."""
    found: dict[int, LeadSnapshot] = {}
    if lead.organisation:
        found |= {it.id: it for it in context.reader.leads({"organisation": lead.organisation}, LOOKED_AT)}
    if domain := company_of(lead.email):
        named = context.reader.leads({"email.has": f"@{domain}"}, LOOKED_AT)
        found |= {it.id: it for it in named if domain_of(it.email) == domain}
    found.pop(lead.id, None)
    newest = [found[lead_id] for lead_id in sorted(found, reverse=True)[:SHOWN]]
    if not newest:
        return None
    rows = [Row(cells=[it.title, it.job_title, it.email or it.phone], lead=it.id) for it in newest]
    return TableData(heads=[_("Name"), _("Job title"), _("How to reach them")], rows=rows)


def company_of(email: str) -> str:
    """The domain of an address that a company gave out; empty for none."""
    domain = domain_of(email)
    return "" if domain in EVERYBODYS else domain


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].casefold()


@hookimpl
def register_lead_panels() -> list[LeadPanel]:
    title = {"en": "Others from this company", "fr": "Autres pistes de cette société"}
    return [LeadPanel(key="same_company", title=title, load=others)]
