"""The sources that every hub begins with; the first one is a form of its own."""

from typing import Any

from leadhub.plugins.api import Source, hookimpl
from leadhub.plugins.builtin.standard_sources.web_form import WebFormSettings, public_form

PURPOSE = {
    "en": "The sources that every hub begins with.",
    "fr": "Les sources présentes au départ.",
}
STANDARD = (
    ("web-form", "Web form", "Formulaire web", "forms"),
    ("website", "Website", "Site web", "world"),
    ("directory", "Directory", "Annuaire", "address-book"),
    ("trade-fair", "Trade fair or event", "Salon ou événement", "ticket"),
    ("advertising", "Advertising", "Publicité", "speakerphone"),
    ("social-advertising", "Social network advertising", "Publicité sur les réseaux sociaux", "social"),
    ("marketing-campaign", "Marketing campaign", "Campagne marketing", "target-arrow"),
    ("referral", "Referral", "Recommandation", "heart-handshake"),
    ("phone-call", "Phone call", "Appel téléphonique", "phone"),
    ("e-mail", "E-mail", "E-mail", "mail"),
    ("whatsapp", "WhatsApp", "WhatsApp", "brand-whatsapp"),
    ("livechat", "LiveChat", "LiveChat", "message-circle"),
    ("linkedin", "LinkedIn", "LinkedIn", "brand-linkedin"),
)


@hookimpl
def register_sources() -> list[Source]:
    doors: dict[str, dict[str, Any]] = {"web-form": {"settings_form": WebFormSettings, "form": public_form}}
    return [
        Source(key=key, names={"en": english, "fr": french}, icon=icon, **doors.get(key, {}))
        for key, english, french, icon in STANDARD
    ]
