"""What is known of a lead's company, and won leads for the accounting."""

from wtforms import Form, StringField
from wtforms.validators import URL, DataRequired

from leadhub.plugins.api import LeadPanel, Page, SecretField, StatusAction, Widget, hookimpl
from leadhub_company import accounting, companies
from leadhub_company.words import _l

PURPOSE = {
    "en": "What is known of a lead’s company, and won leads for the accounting.",
    "fr": "Ce que l’on sait de la société d’une piste, et les pistes gagnées pour la comptabilité.",
}
LEADHUB_API = (0, 4)


class SETTINGS(Form):
    """Settings > Plugins > company."""

    service = StringField(
        _l("Address of the company service"),
        [DataRequired(), URL(require_tld=False)],
        description=_l("LEADHUB_OUTGOING_HOSTS has to name its host where that is a private one."),
    )
    key = SecretField(_l("Key of the company service"))


@hookimpl
def register_lead_panels() -> list[LeadPanel]:
    return [LeadPanel(key="company", title={"en": "Company", "fr": "Société"}, load=companies.show)]


@hookimpl
def register_status_actions() -> list[StatusAction]:
    name = {"en": "Push to the accounting", "fr": "Transmettre à la comptabilité"}
    form = accounting.PushForm
    return [StatusAction(key="push", name=name, form=form, summary=accounting.summary, run=accounting.push)]


@hookimpl
def register_pages() -> list[Page]:
    title = {"en": "Accounting", "fr": "Comptabilité"}
    return [Page(key="index", title=title, show=accounting.show, role="manager")]


@hookimpl
def register_widgets() -> list[Widget]:
    title = {"en": "Won leads over time", "fr": "Pistes gagnées au fil du temps"}
    return [Widget(key="won", title=title, load=accounting.won, form=accounting.WonForm)]
