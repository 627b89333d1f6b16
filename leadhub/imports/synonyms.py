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
}
"""Fields with a column of their own."""

KNOWN_NUMBERS = """
    Annual revenue|Revenue|Turnover|Chiffre d'affaires|Chiffre d'affaires annuel|CA|CA annuel|Declared monthly revenue
    |Employees|Number of employees|No of employees|NumberOfEmployees|Employee count|Company size|Effectif
    |Nombre d'employés|Nombre de salariés|Taille de l'entreprise|Postal code|Post code|Zip|Zip code|Zip/Postal code
    |Postcode|CP|Code postal|Business postal code|Home postal code|Mailing postal code|Billing postal code
    |Mailing Zip/Postal Code|Code postal (bureau)|Code postal (domicile)|Address 1 - Postal Code|Amount|Montant
    |Close value|Expected value|Expected revenue|Valeur estimée|Deal value|Deal amount|Budget|Open balance|Probability
    |Probability (%)|Probabilité|Sales price
"""

KNOWN_DATES = """
    Birthday|Birthdate|Birth date|Date of birth|Date de naissance|Anniversaire|Close date|Closed date|Date closed
    |Expected close|Expected close date|Clôture prévue|Date de clôture|Won date|Date won|Lost date|Last contact
    |Last contact date|Last contacted|Dernier contact|Date du dernier contact|Last seen|Next call|Next contact
    |Next contact date|Prochain contact|Date du prochain contact|Relance|Date de relance|Follow-up date|Modified on
    |Modified time|Modified at|Modified date|Last modified|Last modified date|Updated at|Updated on|Date modified
    |Modifié le|Modifiée le|Date de modification|Last activity date|Converted date|Conversion date|Date de conversion
"""

KNOWN_TEXTS = """
    Salutation|Title|Titre|Civilité|Name prefix|Prefix|Courtesy title|Name suffix|Suffix|Suffixe|Gender|Sex|Sexe|Genre
    |Middle name|Middle initial|Deuxième prénom|Nickname|Surnom|Initials|Initiales
    |Job title|Job|Job position|Position|Role|Occupation|Profession|Function|Fonction|Poste|Intitulé du poste
    |Désignation|Organization title|Organization 1 - Title|Department|Service|Département|Organization department
    |Website|Web site|Site|Site web|Site internet|Web page|Page web|Domain|Domaine|Company website|Website 1 - Value
    |Industry|Sector|Secteur|Secteur d'activité|Industrie|Business segment|Market segment|Segment|Segment de marché
    |Part de marché|Business type|Vertical
    |City|Town|Ville|Commune|Business city|Home city|Mailing city|Billing city|Ville (bureau)|Ville (domicile)|Localité
    |Address 1 - City|State|Province|State/Province|Région|Region|Région ou État|County|Département/Région
    |Business state|Home state|Mailing state|Billing state|Dép/Région (bureau)|Dép/Région (domicile)|Address 1 - Region
    |Country|Country full|Pays|Country/Region|Country code|Code pays|Business Country/Region|Home Country/Region
    |Mailing country|Billing country|Pays (bureau)|Pays (domicile)|Address 1 - Country|Office location|Location
    |Street|Street 2|Street address|Address|Address 1|Address 2|Address line 1|Address line 2|Adresse|Adresse 1
    |Adresse 2
    |Adresse postale|Complément|Complément d'adresse|Rue|Rue (bureau)|Rue (domicile)|Business street|Business address
    |Home street|Home address|Mailing street|Mailing address|Billing street|Billing address|Adresse de facturation
    |Address 1 - Street|Address 1 - Formatted
    |Status|Lead status|CRM status|Statut|Statut de la piste|Statut du prospect|État|Stage|Deal stage|Étape|Pipeline
    |Rating|Converted|Lead quality|Priority|Priorité|Status Id
    |Owner|Lead owner|Contact owner|Record owner|Owner name|Owner alias|Owner username|Owner ID|Lead owner ID
    |Contact owner ID|Assigned to|Assigned to username|Sales rep|Sales agent|Sales person|Salesperson|Account manager
    |Responsable|Commercial|Propriétaire|Propriétaire de la piste|Attribué à|Assigné à|Chargé de clientèle|Manager
    |Campaign|Campaign name|Campagne|Nom de la campagne|UTM campaign|UTM medium|Conversion name|Form name|Ad name
    |Adset name|Formulaire|Medium|Keyword|GCLID|Campaign ID|Form ID|Platform
    |Territory|Sales territory|Zone commerciale|Zone|Secteur commercial|Regional office
    |Notes|Note|Comments|Comment|Additional comments|Remarks|Remark|Description|Commentaire|Commentaires|Remarque
    |Remarques|Observations|Message|Details|Détails|Background|Besoin
    |Tags|Tag|Labels|Étiquettes|Catégories|Categories|Mots clés|Groups|Group membership
    |Request type|Type de demande|Subject|Objet|Sujet|Product|Produit|Interest|Interested in|Intérêt|Product interest
    |Language|Langue|Preferred language|Lost reason|Motif de perte|Competitor|Concurrent|Currency|Devise
    |Do not email|Do not call|Email opt out|Unsubscribed|Désabonné|Désabonné des e-mails|Has newsletter
    |Fax|Business fax|Fax number|Home fax|Télécopie|Télécopie (bureau)|SIRET|SIREN|N° SIRET|VAT number|N° TVA
    |Next step|Prochaine étape|Created by|Créée par|Créé par|Assistant's phone|Téléphone de l'assistant(e)
"""
"""Known data without a column of its own yet: it counts, and is kept under its own header."""
