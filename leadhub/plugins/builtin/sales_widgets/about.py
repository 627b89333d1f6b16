"""What each card is called, what it counts, and what to do about it."""

TITLES = {
    "quotations_submitted": ("Quotations", "Devis émis"),
    "accepted_rate": ("Accepted", "Devis acceptés"),
    "orders_confirmed": ("Orders", "Commandes"),
    "value_won": ("Value won", "Montant gagné"),
    "leads_to_quotations": ("Leads to quotations to orders", "Pistes → devis → commandes"),
    "losses": ("Reasons of loss", "Motifs de perte"),
    "value_over_time": ("Value won over time", "Montant gagné au fil du temps"),
    "forecast": ("Forecast", "Prévisions"),
    "sources_to_orders": ("Sources: quotations and orders", "Sources : devis et commandes"),
    "campaigns_to_orders": ("Campaigns: quotations and orders", "Campagnes : devis et commandes"),
}
ABOUT = {
    "quotations_submitted": (
        "Quotations submitted in the period, the last version of each, with their value before tax. Fewer than before: "
        "look at Leads to quotations to orders.",
        "Les devis émis sur la période, chacun dans sa dernière version, avec leur montant HT. Moins qu’avant : "
        "regardez la carte « Pistes → devis → commandes ».",
    ),
    "accepted_rate": (
        "Of the quotations that were accepted, lost or expired in the period, those that were accepted. Cancelled ones "
        "do not count. A low rate: look at the reasons of loss.",
        "Parmi les devis acceptés, perdus ou expirés sur la période, la part des acceptés. Les devis annulés ne "
        "comptent pas. Un taux faible : regardez les motifs de perte.",
    ),
    "orders_confirmed": (
        "Orders confirmed in the period, those without a quotation too.",
        "Les commandes confirmées sur la période, y compris celles sans devis.",
    ),
    "value_won": (
        "What the orders confirmed in the period come to before tax. Other currencies are told beside, never added.",
        "Le montant hors taxes des commandes confirmées sur la période. Les autres devises sont indiquées à part, "
        "jamais additionnées.",
    ),
    "leads_to_quotations": (
        "Leads received in the period, and what became of these very leads until today. The latest ones have had less "
        "time: their rates still grow. Open those without a quotation and plan a next contact.",
        "Les pistes reçues sur la période, et ce que ces mêmes pistes sont devenues à ce jour. Les plus récentes ont "
        "eu moins de temps : leurs taux vont encore monter. Ouvrez celles sans devis et planifiez un prochain contact.",
    ),
    "losses": (
        "Quotations and opportunities lost in the period, by reason. An opportunity lost on the same day as a "
        "quotation of it counts once. Many without a reason: ask for one.",
        "Les devis et opportunités perdus sur la période, par motif. Une opportunité perdue le même jour que son "
        "devis compte une seule fois. Beaucoup sans motif : demandez-le.",
    ),
    "value_over_time": (
        "What orders come to before tax, by the day on which they were confirmed. The hub’s currency is drawn; others "
        "stand in the table.",
        "Le montant hors taxes des commandes, selon leur jour de confirmation. La devise de LeadHub est dessinée, les "
        "autres figurent dans le tableau.",
    ),
    "forecast": (
        "Open opportunities by the month in which they should close, with their amounts, and these by their "
        "probability; without one they weigh nothing. Begin with those that are overdue.",
        "Les opportunités en cours par mois de clôture prévue, avec leurs montants, puis pondérés par leur probabilité "
        "(0 sans probabilité). Commencez par celles en retard.",
    ),
    "sources_to_orders": (
        "Leads received in the period by source, and what became of these very leads until today. Admins see what each "
        "order has cost: all leads of a campaign share its actual cost in equal parts.",
        "Les pistes reçues sur la période par source, et ce que ces mêmes pistes sont devenues à ce jour. Les admins "
        "voient le coût par commande : toutes les pistes d’une campagne se partagent son coût réel à parts égales.",
    ),
    "campaigns_to_orders": (
        "Leads received in the period by campaign, and what became of these very leads until today. Admins see what "
        "each order has cost. Invest where orders come from.",
        "Les pistes reçues sur la période par campagne, et ce que ces mêmes pistes sont devenues à ce jour. Les admins "
        "voient le coût par commande. Investissez là où viennent les commandes.",
    ),
}  # fmt: skip
