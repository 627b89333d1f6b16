"""The French beside the code: the check of it, and that it is served."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from leadhub.forms import Words
from tools import translations as tool

ROOT = Path(__file__).resolve().parent.parent
NARROW, FIXED = "\u202f", "\u00a0"


@pytest.fixture
def tree(tmp_path):
    """A checkout that says three things, two of them in a template."""
    tree = tool.Tree(tmp_path)
    (tmp_path / "leadhub" / "templates").mkdir(parents=True)
    (tmp_path / "leadhub" / "words.py").write_text('SAVE = _l("Save")\n')
    (tmp_path / "leadhub" / "templates" / "page.html").write_text(
        '{{ _("Stop?") }} {{ ngettext("%(count)s lead", "%(count)s leads", 2, count=2) }}'
    )
    tool.update(tree)
    return tree


@pytest.fixture
def catalog():
    """``catalog("Save", "Enregistrer", flags)``: one that holds this message alone."""

    def make(english=None, french="", flags=()):
        made = Catalog(locale="fr")
        if english:
            made.add(english, french, flags=flags)
        return made

    return make


def test_the_hub_s_own_french_has_no_fault():
    assert tool.problems(tool.Tree(ROOT)) == []


def test_update_run_twice_changes_nothing_the_second_time(tree):
    before = tree.po.read_text()

    tool.update(tree)

    assert tree.po.read_text() == before
    assert before.startswith(tool.HEADER)
    assert "2026" not in before


def test_update_finds_words_of_code_and_templates_without_line_numbers(tree):
    text = tree.po.read_text()

    assert '#: leadhub/words.py\nmsgid "Save"\nmsgstr ""' in text
    assert '#: leadhub/templates/page.html\nmsgid "Stop?"' in text
    assert 'msgid_plural "%(count)s leads"\nmsgstr[0] ""\nmsgstr[1] ""' in text


def test_update_keeps_french_and_gives_it_the_right_signs(tree):
    tree.po.write_text(tree.po.read_text().replace('"Stop?"\nmsgstr ""', '"Stop?"\nmsgstr "C\'est fini ?"'))

    tool.update(tree)

    assert f'msgstr "C’est fini{NARROW}?"' in tree.po.read_text()


def test_update_drops_what_is_no_longer_said_and_tells_its_french(tree, capsys):
    tree.po.write_text(tree.po.read_text().replace('"Save"\nmsgstr ""', '"Save"\nmsgstr "Enregistrer"'))
    (tree.root / "leadhub" / "words.py").write_text('KEEP = _l("Keep")\n')

    tool.update(tree)

    told = capsys.readouterr().err.splitlines()
    assert "Enregistrer" not in tree.po.read_text()
    assert {"dropped: Save = Enregistrer", "empty: Keep"} <= set(told)


def test_a_template_that_does_not_parse_stops_the_run(tree):
    (tree.root / "leadhub" / "templates" / "page.html").write_text('{{ _("Save") ')

    with pytest.raises(Exception, match="end of"):
        tool.said_in(tree)


def test_another_header_is_found(tree):
    tree.po.write_text(tree.po.read_text().replace("(n > 1)", "(n != 1)"))

    assert "another header" in tool.problems(tree)[0]


@pytest.mark.parametrize(
    ("said", "kept", "fault"),
    [
        (("Save",), (), "not in the .po file"),
        ((), ("Save", "Enregistrer"), "no longer said"),
        (("Save",), ("Save", ""), "no French"),
        (("Save",), ("Save", "Enregistrer", ["fuzzy"]), "fuzzy"),
        (("%(a)s of %(b)s",), ("%(a)s of %(b)s", "%(a)s de %(c)s"), "other placeholders"),
        (("%(a)s",), ("%(a)s", "%(a)d"), "other placeholders"),
        (("Half",), ("Half", f"50{FIXED}%"), "other placeholders"),
        ((("%(num)d day", "%(num)d days"),), (("%(num)d day", "%(num)d days"), ("un jour", "")), "other placeholders"),
        ((("%(num)d day", "%(num)d days"),), (("%(num)d day", "%(num)d days"), ("", "")), "no French"),
        ((("Day", "Days"),), ("Day", "Jour"), "its plural came or went"),
        (("Don't",), ("Don't", "Non"), "the English apostrophe is ’"),
    ],
)
def test_the_catalogues_are_compared(catalog, said, kept, fault):
    found = list(tool.compare(catalog(*said), catalog(*kept)))

    assert fault in found[0]


@pytest.mark.parametrize(
    ("french", "rule"),
    [
        ("Fini ?", "U+202F"),
        ("Fini;", "U+202F"),
        ("Reste : un", "U+00A0 goes before :"),
        ("« Perdu »", "inside « »"),
        ("Un , deux", "no space"),
        (f"Un{FIXED}…", "no space"),
        ("Fini .", "no space"),
        ("12 jours", "a number and what"),
        ("%(count)s pistes", "a number and what"),
        ("%(share)d %%", "a number and what"),
        ("Mme Faure", "after M., Mme"),
        ("L'adresse", "apostrophe"),
        ("Patientez...", "ellipsis"),
        ("“Perdu”", "quotes"),
        ("Votre email", "e-mail"),
        ("Un mail", "e-mail"),
        ("Le courriel", "e-mail"),
        ("Adresse électronique", "e-mail"),
        ("Veuillez patienter", "no Veuillez"),
        ("Oups", "no Oups"),
        (f"Fini{NARROW}!", "exclaimed"),
        ("Invité(e)", "no (e)"),
        ("Invité·e", "no (e)"),
        ("Prochain Contact", "a capital only"),
        ("A traiter", "keeps its accent"),
        ("Etat", "keeps its accent"),
    ],
)
def test_a_fault_of_french_typography_is_found(french, rule):
    found = tool.faults_of_french(french, french)

    assert any(rule in fault for fault in found)


@pytest.mark.parametrize(
    "french",
    [
        f"Prêt{NARROW}? Ouvrez https://example.org/a?b=c;d à 14:30.",
        f"La piste est au statut «{FIXED}Perdu{FIXED}»{NARROW}; Émis, À traiter, A répondu.",
        f"%(field)s{FIXED}: %(count)d{FIXED}caractères, un fichier .csv d’Excel",
        "E-mailings et e-mails dans LeadHub, par WhatsApp…",
        '<a href="x">ici</a>',
    ],
)
def test_good_french_has_no_fault(french):
    assert tool.faults_of_french(french, french) == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Market segment", "Part de marché"),
        ("Job title", "Désignation"),
        ("Industry", "Industrie"),
        ("Territory", "Région"),
        ("Submitted", "Validé"),
        ("Quotation %(number)s", "Devis %(number)s validé"),
        ("E-mail groups", "Groupes e-mail"),
        ("Undo", "Annuler"),
    ],
)
def test_a_false_friend_is_found(english, french):
    assert "a false friend" in tool.faults_of_french(english, french)[0]


@pytest.mark.parametrize(
    ("english", "french"),
    [("Description", "Désignation"), ("Region", "Région"), ("Submit", "Valider"), ("Cancel", "Annuler")],
)
def test_a_true_friend_is_left_alone(english, french):
    assert tool.faults_of_french(english, french) == []


@pytest.mark.parametrize("english", ["Don't", 'The "lead"', "Wait...", "Done!", "Your email"])
def test_a_fault_of_english_is_found(english):
    assert len(tool.faults_of_english(english)) == 1


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("L'e-mail...", "L’e-mail…"),
        ("Prêt ? Oui ; non", f"Prêt{NARROW}? Oui{NARROW}; non"),
        ("« Un » : deux", f"«{FIXED}Un{FIXED}»{FIXED}: deux"),
        ("%(count)s pistes, 12 jours", f"%(count)s{FIXED}pistes, 12{FIXED}jours"),
    ],
)
def test_signs_of_a_keyboard_are_set_right_once(typed, right):
    assert tool.set_right(typed) == right
    assert tool.set_right(right) == right


def test_what_wtforms_says_badly_must_be_said_by_us_and_nothing_else(monkeypatch):
    monkeypatch.delitem(tool.WORDS, "Not a valid choice.")
    monkeypatch.setitem(tool.WORDS, "No longer said.", "")

    bad, idle = tool.faults_of_wtforms()

    assert "'Not a valid choice.': the apostrophe is ’" in bad
    assert "'No longer said.'" in idle


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("path", "words"),
    [("/login", "Garder la session ouverte"), ("/healthz/nowhere", "vous n’y avez pas accès")],
)
def test_french_is_served(client_of, path, words):
    assert words in client_of().get(f"{path}?language=fr").text


@pytest.mark.one_database
def test_a_form_speaks_french_by_our_rules(client):
    page = client.get("/profile/")
    client.post("/profile/", data={"name": "Ada", "language": "fr", "theme": "system"})

    refused = client.post("/profile/", data={"name": "A" * 201, "language": "xx", "theme": "system"})

    assert 'lang="fr"' not in page.text
    assert "Choisissez une valeur de la liste." in refused.text
    assert f"200{FIXED}caractères au maximum." in refused.text


@pytest.mark.one_database
def test_what_wtforms_says_well_is_left_to_it(app):
    with app.test_request_context("/?language=fr"):
        assert Words().gettext("Invalid UUID.") == "UUID non valide."
