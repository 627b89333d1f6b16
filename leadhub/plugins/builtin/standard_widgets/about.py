"""What each card counts, and what to do about it."""

ABOUT: dict[str, dict[str, str]] = {
    "new": {
        "en": (
            "Leads that were received in the period. Fewer than before: look below at which source they are missing."
        ),
        "fr": ("Pistes reçues sur la période. Moins qu’avant : regardez plus bas dans quelle source elles manquent."),
    },
    "open": {
        "en": "Of these leads, those that are not won or lost yet. Open them and plan a next contact for each.",
        "fr": (
            "Parmi ces pistes, celles qui ne sont encore ni gagnées ni perdues. Ouvrez-les et planifiez un "
            "prochain contact."
        ),
    },
    "won": {
        "en": (
            "Of these leads, those whose status is of the kind “won” today. See which sources they came "
            "from, and invest there."
        ),
        "fr": (
            "Parmi ces pistes, celles dont le statut est aujourd’hui de type « Gagné ». Voyez de quelles "
            "sources elles viennent."
        ),
    },
    "lost": {
        "en": ("Of these leads, those whose status is of the kind “lost” today. Open them and look at the reasons."),
        "fr": (
            "Parmi ces pistes, celles dont le statut est aujourd’hui de type « Perdu ». Ouvrez-les et "
            "regardez les motifs."
        ),
    },
    "owner": {
        "en": "Leads that nobody looks after. Open them and take them, or give them to somebody.",
        "fr": "Pistes dont personne ne s’occupe. Ouvrez-les pour les prendre en charge ou les attribuer.",
    },
    "source": {
        "en": (
            "Where the leads came from that were received in the period. A large slice without a source "
            "hides the rest: give these leads a source first."
        ),
        "fr": (
            "D’où viennent les pistes reçues sur la période. Une grande part sans source cache le reste : "
            "donnez d’abord une source à ces pistes."
        ),
    },
    "type": {
        "en": (
            "Whether the leads are prospects, existing customers, partners. Existing customers belong to "
            "those who know them."
        ),
        "fr": (
            "Si les pistes sont des prospects, des clients existants, des partenaires. Les clients existants "
            "vont à qui les connaît."
        ),
    },
    "stage": {
        "en": (
            "Leads received in the period, counted at the stage where they are today. Where many stand, "
            "something holds them up."
        ),
        "fr": (
            "Pistes reçues sur la période, comptées à leur étape actuelle. Là où beaucoup attendent, quelque "
            "chose les retient."
        ),
    },
    "time": {
        "en": "When the leads came in. A hole may be a form that does not work.",
        "fr": "Quand les pistes sont arrivées. Un creux peut être un formulaire qui ne marche plus.",
    },
    "status": {
        "en": "Leads received in the period, by the status that they have today.",
        "fr": "Pistes reçues sur la période, selon leur statut actuel.",
    },
    "follow_up": {
        "en": "Next contacts of the leads received in the period. Begin with those that are late.",
        "fr": "Prochains contacts des pistes reçues sur la période. Commencez par ceux qui sont en retard.",
    },
}
