"""What people call their columns, in English and French.  Words only; ``headers`` compares them.

One table per field, separated by ``|``, strongest first: where two columns could be a field, the earlier word wins.
Case, accents, spaces and punctuation do not matter.
"""

STORED = {
    "first_name": """
        First name|Given name|Forename|FName|Prénom|Prénom du contact|Contact first name|First name of contact
    """,
    "last_name": """
        Last name|Surname|Family name|LName|Nom de famille|Nom de famille du contact|Contact last name
    """,
    "name": """
        Full name|Nom complet|Prénom et nom|Nom et prénom|Nom prénom|Prénom nom|Contact name|Contact person
        |Person name|Nom du contact|Nom de la personne|Interlocuteur|Applicant name|Name of applicant|Name|Nom
        |Lead name|Nom de la piste|Nom du prospect|Prospect name|Display name
        |Customer name|Client name|Nom du client|Contact|Customer|Client|Prospect
    """,
    "organisation": """
        Company|Company name|Organisation|Organization|Société|Entreprise|Nom de la société|Nom de l'entreprise
        |Raison sociale|Nom de l'organisation|Organisation name|Organization name|Organization 1 - Name|Account name
        |Account|Nom du compte|Compte client|Business name|Related company|Current company|Company/Account|Employer
        |Employeur|Firm|Firm name|Société / organisation|Dénomination|Dénomination sociale|Établissement
        |Customer Account Account name|Accounts 1 Account name
    """,
    "email": """
        Email|Email address|Mail|Adresse e-mail|Adresse mail|Courriel|Adresse courriel|Adresse électronique
        |Adresse de messagerie|Primary email|Email principal|Work email|Email work|Business email|Email professionnel
        |Email pro|Mail pro|Company email|Professional email|Lead email|Contact email|Email contact|Email du contact
        |Customer email|Client email|Emails|Email addresses|Email 1|Email address 1|E-mail 1 Address|E-mail 1 - Value
        |Emails 1 Email|Email ID|Mail ID|Email or phone|Email / Phone|Email and phone|Phone / Email|Téléphone / E-mail
        |E-mail / Téléphone|Personal email|Email perso|Email personnel|Email home|Other email|Email other|Email 2
        |E-mail 2 Address|Email address 2|E-mail 2 - Value|Emails 2 Email|Secondary email|Email secondaire
        |Adresse de messagerie 2|Alternate email|Email 3|E-mail 3 Address|E-mail 3 - Value|Emails 3 Email
        |Adresse de messagerie 3
    """,
    "phone": """
        Phone|Phone number|Telephone|Telephone number|Tel|Téléphone|Numéro de téléphone|N° de téléphone|N° téléphone
        |Tél.|Phone no|Telephone no|Primary phone|Main phone|Téléphone principal|Business phone|Work phone|Phone work
        |Office phone|Company phone|Company main phone|Téléphone bureau|Téléphone (bureau)|Tél. bureau|Téléphone pro
        |Téléphone professionnel|Téléphone fixe|Fixe|Téléphone société|Ligne directe|Direct phone|Lead phone
        |Contact phone|Contact number|Contact no|Customer phone|Client phone|Phones|Phone numbers|Phone 1
        |Phone 1 - Value|Phones 1 Phone|Landline|Landline no|Landline number|Mobile|Mobile phone|Mobile number|Mobile no
        |Cell|Cell phone|Cell number|Cell no|Portable|Téléphone portable|Téléphone mobile
        |Tél. portable|Tél. mobile|N° de mobile|Numéro de mobile|Numéro de portable|GSM|WhatsApp|WhatsApp number
        |Numéro WhatsApp|Home phone|Phone home|Téléphone (domicile)|Téléphone domicile|Téléphone personnel|Other phone
        |Phone other|Téléphone (autre)|Business phone 2|Téléphone 2 (bureau)|Phone 2|Phone 2 - Value|Phones 2 Phone
        |Téléphone 2|Home phone 2|Téléphone 2 (domicile)|Phone 3|Phone 3 - Value|Phones 3 Phone
    """,
    "source": """
        Lead source|Source|Original source|Source of lead|Source de la piste|Source du prospect|Source du contact
        |Source du lead|Source d'origine|Source name|Nom de la source|Account source|Acquisition source|Origine
        |Origine de la piste|Origine du contact|Origine du lead|Provenance|Canal d'acquisition|Acquisition channel
        |Origin|Lead origin|UTM source|How did you hear about us|Comment nous avez-vous connus
        |Comment avez-vous entendu parler de nous
    """,
    "type": """
        Lead type|Type of lead|Type de piste|Type de prospect|Type de lead|Type|Contact type|Type de contact
        |Customer type|Type de client
    """,
    "received_at": """
        Received on|Received at|Received|Date received|Received date|Reçue le|Reçu le|Date de réception
        |First contact date|Date of first contact|First contact|First contacted|Date du premier contact
        |Date de premier contact|Premier contact|First seen|Submitted at|Submitted on|Submission date|Submission time
        |Date submitted|Date de soumission|Soumis le|Enquiry date|Inquiry date|Date of enquiry|Date de la demande
        |Date de demande|Lead date|Date of lead|Conversion time|Signup date|Sign-up date|Date d'inscription|Inscrit le
        |Created time|Created at|Created on|Created date|Create date|Creation date|Date created|Date entered
        |Date de création|Créé le|Créée le|Date d'ajout|Ajouté le|Added on|Date added|Added at|Connected on|Engage date
        |Timestamp|Horodateur|Horodatage|Date and time|Date et heure|Date
    """,
    "external_id": """
        External ID|Prospect ID|Lead ID|MQL ID|Record ID|Record ID - Contact|Contact ID|Person ID|Opportunity ID
        |Identifiant externe|Identifiant de la piste|Identifiant du prospect
        |Identifiant du contact|ID externe|ID de la piste|ID piste|ID prospect|ID du contact
        |ID de l'enregistrement|GUID|UUID|ID|Identifiant|N° de piste|Numéro de piste|N° piste|N° de prospect
        |Numéro de prospect|Lead number|Lead no|Prospect number|Record number|Record no
    """,
    "is_organisation": """
        The lead is an organisation|Is an organisation|Is organisation|Is organization|Is an organization|Is a company
        |Is company|La piste est une organisation|Est une organisation|Est une société|Est une entreprise
    """,
    "fax": """
        Fax|Fax number|Fax no|Business fax|Work fax|Company fax|Office fax|Télécopie|Télécopieur|N° de fax|Numéro de fax
        |Télécopie (bureau)|Home fax|Télécopie (domicile)|Other fax|Télécopie (autre)
    """,
    "salutation": """
        Salutation|Civilité|Courtesy title|Name prefix|Honorific|Formule de politesse|Prefix|Préfixe
    """,
    "job_title": """
        Job title|Intitulé du poste|Intitulé de poste|Job position|Job|Position|Poste|Fonction|Function
        |Organization title|Organization 1 - Title|Title|Titre|Role|Rôle|Occupation|Profession|Métier|Désignation
    """,
    "gender": "Gender|Genre|Sex|Sexe",
    "language": "Language|Langue|Preferred language|Langue préférée|Language code|Code langue|Locale",
    "website": """
        Website|Web site|Site web|Site internet|Company website|Website URL|Web page|Page web|Website 1 - Value
        |Company domain name|Site|Domain|Domaine
    """,
    "industry": "Industry|Secteur d'activité|Industrie|Sector|Secteur|Vertical|Branche|Branche d'activité",
    "employees": """
        Number of employees|Nombre d'employés|No of employees|NumberOfEmployees|Employees|Employee count|Effectif
        |Effectifs|Nombre de salariés|Company size|Taille de l'entreprise
    """,
    "annual_revenue": """
        Annual revenue|Chiffre d'affaires annuel|Chiffre d'affaires|Revenue|Turnover|CA annuel|CA
    """,
    "unsubscribed": """
        Unsubscribed|Désabonné|Désabonné des e-mails|Désinscrit|Do not email|Ne pas envoyer d'e-mail|Email opt out
        |HasOptedOutOfEmail|Opted out of email|Opt out|Opt-out e-mail|Unsubscribed from all email
    """,
    "owner": """
        Owner|Propriétaire|Lead owner|Propriétaire de la piste|Owner email|Contact owner|Record owner|Owner name
        |Assigned to|Attribué à|Assigné à|Responsable|Commercial|Chargé de clientèle|Sales rep|Sales person|Salesperson
        |Sales agent|Account manager|Owner username|Assigned to username
    """,
    "next_contact_at": """
        Next contact|Prochain contact|Next contact date|Date du prochain contact|Next call|Prochain appel|Follow-up date
        |Date de relance|Relance|Next follow-up|Next activity date|Date de la prochaine activité
    """,
    "next_contact_by": "Next contact by|Prochain contact par|Follow-up by",
    "next_contact_note": """
        Next contact: note|Prochain contact : note|Next contact note|Note du prochain contact|Next step
        |Prochaine étape|Next action|Prochaine action
    """,
    "expected_value": """
        Expected value|Valeur attendue|Valeur estimée|Expected revenue|Revenu espéré|Revenu attendu|Deal value
        |Deal amount|Montant estimé|Amount|Montant|Opportunity amount|Estimated value|Lead value
    """,
    "currency": "Currency|Devise|Currency code|Code devise|Currency ISO code|Monnaie",
    "tags": """
        Tags|Tag|Étiquettes|Étiquette|Labels|Mots clés|Mots-clés|Catégories|Categories|Group membership|Groups
        |Groupes
    """,
    "campaign": "Campaign|Campagne|Campaign name|Nom de la campagne|UTM campaign",
    "request_type": "Request type|Type de demande|Type of request|Enquiry type|Inquiry type|Nature de la demande",
    "lost_reason": """
        Lost reason|Motif de perte|Loss reason|Reason lost|Reason for loss|Closed lost reason|Raison de la perte
    """,
    "segment": """
        Market segment|Segment de marché|Segment|Part de marché|Business segment|Customer segment|Segment client
    """,
    "territory": """
        Territory|Territoire|Sales territory|Territoire de vente|Zone commerciale|Secteur commercial|Sales region|Zone
    """,
}
"""What a file can bring, but for places."""

PLACE_PARTS = {
    "street": """
        Street|Rue|Street address|Address line 1|Address 1|Adresse 1|Adresse ligne 1|Address|Adresse|Adresse postale
        |Formatted
    """,
    "street_2": """
        Street 2|Rue 2|Address line 2|Address 2|Adresse 2|Adresse ligne 2|Complément d'adresse|Complément
        |Extended address|Street, second line
    """,
    "postal_code": "Postal code|Code postal|Zip|Zip code|Post code|Zip/Postal Code|CP",
    "city": "City|Ville|Town|Commune|Localité|City/Town",
    "county": "County|Comté|Comté ou département",
    "state": """
        State|Province|State/Province|Région|Region|Région ou État|State/Region|State or region|Département/Région
        |Dép/Région
    """,
    "country": """
        Country|Pays|Country/Region|Pays/Région|Country full|Country name|Country code|Code pays|Country ISO2 code
    """,
}
"""The parts of an address, as they are called where a lead has one."""

PLACE_BLOCKS = {
    "office": "Business|Bureau|Work|Office|Company|Professionnelle|Professionnel",
    "personal": "Home|Domicile|Personal|Personnelle|Private",
    "billing": "Billing|Billing address|Facturation|de facturation|Invoice|Invoicing",
    "shipping": "Shipping|Shipping address|Livraison|de livraison|Delivery",
    "postal": "Mailing|Mailing address|Postal|Correspondance|de correspondance",
    "other": "Other|Autre",
    "address_1": "Address 1 -|Adresse 1 -",
    "address_2": "Address 2 -|Adresse 2 -",
    "address_3": "Address 3 -|Adresse 3 -",
}
"""What stands before or behind a part where a lead has several; of numbered ones another column tells the type."""

PLACE_TYPES = {
    "office": "work|office|business|bureau|travail|professionnel|company",
    "personal": "home|domicile|personal|personnel|personnelle|private",
    "billing": "billing|facturation",
    "shipping": "shipping|livraison",
    "plant": "plant|usine",
    "postal": "mailing|postal|postale",
    "shop": "shop|magasin",
    "subsidiary": "subsidiary|filiale",
    "warehouse": "warehouse|entrepôt",
    "current": "current|actuelle",
    "permanent": "permanent|permanente",
    "other": "other|autre",
}
REACH_TYPES = {
    "fax": "fax|télécopie|télécopieur",
    "mobile": "mobile|cell|cellular|portable|gsm|whatsapp",
    "home": "home|domicile|personal|personnel|perso|private",
    "work": "work|travail|business|bureau|pro|professional|professionnel|office|company|société|corporate",
    "other": "other|autre|alternate",
}
"""Words in a header, or in the column that goes with it, that tell a type; the first that is met."""

KNOWN_NUMBERS = """
    Declared monthly revenue|Close value|Budget|Open balance|Probability|Probability (%)|Probabilité|Sales price
"""

KNOWN_DATES = """
    Birthday|Birthdate|Birth date|Date of birth|Date de naissance|Anniversaire|Close date|Closed date|Date closed
    |Expected close|Expected close date|Clôture prévue|Date de clôture|Won date|Date won|Lost date|Last contact
    |Last contact date|Last contacted|Dernier contact|Date du dernier contact|Last seen|Modified on|Modified time
    |Modified at|Modified date|Last modified|Last modified date|Updated at|Updated on|Date modified|Modifié le
    |Modifiée le|Date de modification|Last activity date|Converted date|Conversion date|Date de conversion
"""

KNOWN_TEXTS = """
    Name suffix|Suffix|Suffixe|Middle name|Middle initial|Deuxième prénom|Nickname|Surnom|Initials|Initiales
    |Department|Service|Département|Organization department|Business type|Office location|Location|Status
    |Lead status|CRM status|Statut|Statut de la piste|Statut du prospect|État|Stage|Deal stage|Étape|Pipeline|Rating
    |Converted|Lead quality|Priority|Priorité|Status Id|Owner alias|Owner ID|Lead owner ID|Contact owner ID|Manager
    |UTM medium|Conversion name|Form name|Ad name|Adset name|Formulaire|Medium|Keyword|GCLID|Campaign ID|Form ID
    |Platform|Regional office|Notes|Note|Comments|Comment|Additional comments|Remarks|Remark|Description|Commentaire
    |Commentaires|Remarque|Remarques|Observations|Message|Details|Détails|Background|Besoin|Subject|Objet|Sujet
    |Product|Produit|Interest|Interested in|Intérêt|Product interest|Competitor
    |Concurrent|Do not call|Has newsletter|SIRET|SIREN|N° SIRET|VAT number|N° TVA|Created by|Créée par|Créé par
    |Assistant's phone|Téléphone de l'assistant(e)
"""
"""Known data that no field of a lead is for yet: it counts, and is kept under its own header."""
