"""Further cards of the statistics page, each there for whoever wants it: the path through the stages, what sources and
campaigns bring, how long leads wait."""

from typing import Any

from leadhub.plugins.api import Widget, hookimpl
from leadhub.plugins.builtin.more_widgets import costs, counts, responses, stages

PURPOSE = {
    "en": "Further cards of the statistics page: the path through the stages, what sources and campaigns bring, how "
    "long leads wait.",
    "fr": "D’autres cartes de la page Statistiques : le parcours par étapes, ce que rapportent sources et campagnes, "
    "l’attente des pistes.",
}
TITLES = {
    "leads_by_field": ("Leads by…", "Pistes par…"),
    "leads_by_owner": ("By owner", "Par responsable"),
    "leads_by_creator": ("By creator", "Selon qui les a créées"),
    "funnel": ("Funnel", "Entonnoir"),
    "stage_conversion": ("Conversion between stages", "Taux de conversion entre étapes"),
    "time_in_stage": ("Median time in stage", "Temps médian par étape"),
    "stagnating": ("Stagnating leads", "Pistes qui stagnent"),
    "source_efficiency": ("Sources: customers and costs", "Sources : clients et coûts"),
    "campaign_efficiency": ("Campaigns: customers and costs", "Campagnes : clients et coûts"),
    "first_response": ("Time to first response", "Délai de première réponse"),
}
ABOUT = {
    "leads_by_field": (
        "Leads received in the period, by any field that offers choices. Look which values bring few leads, and which "
        "are left empty.",
        "Les pistes reçues sur la période, selon n’importe quel champ à choix. Regardez les valeurs qui apportent peu "
        "de pistes et celles qui restent vides.",
    ),
    "leads_by_owner": (
        "Leads received in the period, by whoever has them today. Share out what is too much for one person.",
        "Les pistes reçues sur la période, selon leur responsable actuel. Répartissez ce qui est trop pour une seule "
        "personne.",
    ),
    "leads_by_creator": (
        "Leads received in the period, by whoever typed them in or imported them; leads that came in by themselves "
        "have nobody.",
        "Les pistes reçues sur la période, selon la personne qui les a saisies ou importées ; celles qui sont arrivées "
        "d’elles-mêmes n’ont personne.",
    ),
    "funnel": (
        "A cohort: the leads received in the period, and how far each has ever come in the pipeline, until today. Look "
        "where the share drops most.",
        "Une cohorte : les pistes reçues sur la période, et jusqu’où chacune est allée dans le pipeline, jusqu’à "
        "aujourd’hui. Regardez où la part baisse le plus.",
    ),
    "stage_conversion": (
        "A cohort: of the leads received in the period that were ever in a stage, what became of them after their last "
        "visit. Look which stage loses the most.",
        "Une cohorte : parmi les pistes reçues sur la période qui sont passées par une étape, ce qu’elles sont "
        "devenues après leur dernier passage. Regardez quelle étape en perd le plus.",
    ),
    "time_in_stage": (
        "Visits of a stage that ended in the period: half of them were shorter than the median. Ask what keeps leads "
        "where it is long.",
        "Les passages par une étape terminés sur la période : la moitié ont duré moins que la médiane. Demandez-vous "
        "ce qui retient les pistes là où elle est longue.",
    ),
    "stagnating": (
        "Leads that nobody has touched for longer than their stage allows, today. Call them, plan a next contact, or "
        "close them.",
        "Les pistes que personne n’a touchées depuis plus longtemps que leur étape ne le permet, aujourd’hui. Appelez, "
        "planifiez un prochain contact ou classez-les.",
    ),
    "source_efficiency": (
        "Leads received in the period by source, and how many of them have become customers. Admins see costs: what a "
        "campaign has cost is spread over the sources of all its leads, in equal parts.",
        "Les pistes reçues sur la période par source, et combien sont devenues clientes. Les admins voient les coûts : "
        "celui d’une campagne est réparti entre les sources de toutes ses pistes, à parts égales.",
    ),
    "campaign_efficiency": (
        "Leads received in the period by campaign, and how many of them have become customers. Admins see costs: all "
        "leads of a campaign, whenever they came, share its actual cost in equal parts.",
        "Les pistes reçues sur la période par campagne, et combien sont devenues clientes. Les admins voient les "
        "coûts : toutes les pistes d’une campagne, quelle que soit leur date, se partagent son coût réel "
        "à parts égales.",
    ),
    "first_response": (
        "How long the leads received in the period waited until a person first called, met or noted something. Begin "
        "with those that still wait.",
        "Le temps qu’ont attendu les pistes reçues sur la période avant un premier appel, rendez-vous ou note. "
        "Commencez par celles qui attendent encore.",
    ),
}  # fmt: skip


def card(key: str, load: Any, **options: Any) -> Widget:
    (english, french), (told, told_in_french) = TITLES[key], ABOUT[key]
    about = {"en": told, "fr": told_in_french}
    return Widget(key=key, title={"en": english, "fr": french}, about=about, load=load, **options)


@hookimpl
def register_widgets() -> list[Widget]:
    pipeline: dict[str, Any] = {"form": stages.PipelineForm, "size": "large"}
    return [
        card("leads_by_field", counts.leads_by_field, form=counts.FieldForm),
        card("leads_by_owner", counts.leads_by_owner, role="manager"),
        card("leads_by_creator", counts.leads_by_creator, role="manager"),
        card("funnel", stages.funnel, form=stages.PipelineForm),
        card("stage_conversion", stages.stage_conversion, **pipeline),
        card("time_in_stage", stages.time_in_stage, form=stages.PipelineForm, goes_by="left"),
        card("stagnating", stages.stagnating, goes_by="now"),
        card("source_efficiency", costs.source_efficiency, size="large"),
        card("campaign_efficiency", costs.campaign_efficiency, size="large"),
        card("first_response", responses.first_response),
    ]
