"""The sources that every hub begins with; the first one is a form of its own."""

from typing import Any

from leadhub.plugins.api import Source, hookimpl
from leadhub.plugins.builtin.standard_sources.web_form import WebFormSettings, public_form

PURPOSE = {
    "en": "The sources that every hub begins with.",
    "fr": "Les sources présentes au départ.",
}
STANDARD = (
    ("web-form", "Web form", "Formulaire web"),
    ("website", "Website", "Site web"),
    ("directory", "Directory", "Annuaire"),
    ("trade-fair", "Trade fair or event", "Salon ou événement"),
    ("advertising", "Advertising", "Publicité"),
    ("social-advertising", "Social network advertising", "Publicité sur les réseaux sociaux"),
    ("marketing-campaign", "Marketing campaign", "Campagne marketing"),
    ("referral", "Referral", "Recommandation"),
    ("phone-call", "Phone call", "Appel téléphonique"),
    ("e-mail", "E-mail", "E-mail"),
    ("whatsapp", "WhatsApp", "WhatsApp"),
    ("livechat", "LiveChat", "LiveChat"),
    ("linkedin", "LinkedIn", "LinkedIn"),
)


@hookimpl
def register_sources() -> list[Source]:
    doors: dict[str, dict[str, Any]] = {"web-form": {"settings_form": WebFormSettings, "form": public_form}}
    return [
        Source(key=key, names={"en": english, "fr": french}, **doors.get(key, {})) for key, english, french in STANDARD
    ]
