"""Keep the French beside the code.

``python tools/translations.py update`` takes the messages out of the code and merges them into the .po file: new ones
come in empty and are listed, those no longer said are dropped and listed with their French.  French that was typed with
plain spaces, ' or ... gets the right signs.  Run twice, it changes nothing the second time.

``python tools/translations.py check`` writes nothing and tells, a line each, what is missing, empty or against the
rules of French and English typography; exit code 1 when there is anything.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po
from wtforms.i18n import messages_path

from leadhub.forms import WORDS

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/mail/**.txt", "jinja2")]
# a template that does not parse stops the run
OPTIONS = {pattern: {"silent": "false"} for pattern, kind in METHODS if kind == "jinja2"}
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
HEADER = r"""# LeadHub in French.  Made by tools/translations.py: write what stands after msgstr, nothing else.
msgid ""
msgstr ""
"Project-Id-Version: LeadHub\n"
"Language: fr\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

PLACEHOLDER = re.compile(r"%(?:\(\w+\)\w|%)?")
NUMBER = re.compile(r"%\(\w+\)d|%\((?:count|num)\)s")
NO_PROSE = re.compile(r"https?://\S+|\b\d{1,2}:\d\d\b|&#?\w+;")
TAG = re.compile(r"<[^>]+>")
# words that keep their capital inside a sentence, joined by |; LeadHub and the like need no entry
NAMES = "Debian|Excel|Standard|Webhooks|État"

FRENCH_RULES = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"(?<!\u202f)[;!?]", "U+202F goes before ; ! ?"),
        (r"(?<!\u00a0):", "U+00A0 goes before :"),
        (r"«(?!\u00a0)|(?<!\u00a0)»", "U+00A0 goes inside « »"),
        (r"[ \u00a0\u202f](?:[…,)\]]|\.(?!\w))", "no space goes before … , . )"),
        (r"\d (?=[^\W\d_])|\d ?%", "U+00A0 goes between a number and what it counts"),
        (r"\b(?:M\.|Mme|Dr|Me) |n° ", "U+00A0 goes after M., Mme, Dr, n°"),
        (r"['‘]", "the apostrophe is ’"),
        (r"\.\.\.", "the ellipsis is …"),
        (r'["“”]', "quotes are « »"),
        (r"(?i:(?<![-\w])(?:e?mails?|courriels?|mél)\b|\bélectroniques?\b)|\b[eE]-Mail", "e-mail is written so"),
        (r"(?i:\bveuillez\b)", "no Veuillez: say it straight"),
        (r"(?i:\boups\b)", "no Oups: say what happened"),
        (r"!", "nothing is exclaimed"),
        (r"\((?:e|ne|le|te|se|ère|trice|s|es)\)|\w·\w", "no (e), no ·e: choose a neutral word"),
        (rf"(?<=[a-zà-ÿœ,] )(?!(?:{NAMES})\b)[A-ZÀ-Ý][a-zà-ÿœ]+\b", "a capital only at the start (a name: see NAMES)"),
        (
            r"\bA (?=la\b|l’|propos\b|partir\b|\w+(?:er|ir|re)\b)|\b(?:Ca\b|E(?:tat|mis|tape|crire|chec|quipe|valuation"
            r"|vénement|chéance|conomie|cran|lément|metteur|tiquette|tranger|change|chelle|volution|tude|diter))",
            "a capital keeps its accent: À, É",
        ),
    )
)
FALSE_FRIENDS = tuple(
    (re.compile(english, re.I), re.compile(french, re.I), right)
    for english, french, right in (
        ("", r"\bparts? de marché", "Segment de marché"),
        ("job title", r"désignation", "Fonction"),
        ("industr(?:y|ies)", r"\bindustries?\b", "Secteur d’activité"),
        ("territor", r"\brégions?\b", "Zone commerciale"),
        ("quotation|submitted", r"\bvalidée?s?\b", "Émis"),
        ("group", r"groupes? (?:d’)?e-mails?", "Liste de diffusion"),
        ("^undo$", r"^annuler$", "Annuler and the act"),
    )
)
ENGLISH_RULES = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"'", "the English apostrophe is ’"),
        (r'"', "English quotes are “ ”"),
        (r"\.\.\.", "the English ellipsis is …"),
        (r"!", "nothing is exclaimed in English"),
        (r"(?i:(?<!-)\bemails?\b)", "English says e-mail"),
    )
)
TYPED = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (r"['‘]", "’"),
        (r"\.\.\.", "…"),
        (r"[ \u00a0](?=[;!?])", "\u202f"),
        (r"[ \u202f](?=:)", "\u00a0"),
        (r"(?<=«)[ \u202f]|[ \u202f](?=»)", "\u00a0"),
        (rf"(?:(?<=\d)|({NUMBER.pattern}))[ ](?=[^\W\d_])", "\\1\u00a0"),
    )
)
Text: TypeAlias = str | tuple[str, ...] | list[str] | None  # as Babel has it: a list or a tuple has plural forms


@dataclass(frozen=True)
class Tree:
    """Where things are in a checkout."""

    root: Path

    @property
    def po(self) -> Path:
        return self.root / "leadhub" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"


def main(arguments: list[str]) -> int:
    tree = Tree(Path(__file__).resolve().parent.parent)
    if arguments == ["update"]:
        update(tree)
        return 0
    if arguments != ["check"]:
        say("usage: python tools/translations.py update|check")
        return 2
    found = problems(tree)
    for line in found:
        say(line)
    return 1 if found else 0


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def update(tree: Tree) -> None:
    """Bring the .po file up to the code, and say what came and went."""
    said, kept = said_in(tree), read(tree.po)
    fresh = merged(said, kept)
    tree.po.parent.mkdir(parents=True, exist_ok=True)
    tree.po.write_text(written(fresh), "utf-8")
    for message in messages_of(fresh):
        if not any(forms_of(message.string)):
            say(f"empty: {forms_of(message.id)[0]}")
    for message in messages_of(kept):
        if found(message, said) is None:
            say(f"dropped: {forms_of(message.id)[0]} = {forms_of(message.string)[0]}")


def said_in(tree: Tree) -> Catalog:
    """The messages of the code, by file and line."""
    catalog = Catalog(locale="fr")
    taken = extract_from_dir(tree.root / "leadhub", METHODS, OPTIONS, KEYWORDS)
    for name, line, message, _comments, context in sorted(taken, key=lambda one: one[:2]):
        catalog.add(message, locations=[(f"leadhub/{name}", line)], context=context)
    return catalog


def read(path: Path) -> Catalog:
    """The .po file; an empty catalogue where there is none."""
    if not path.is_file():
        return Catalog(locale="fr")
    with path.open("rb") as text:
        return read_po(text, locale="fr", ignore_obsolete=True)


def merged(said: Catalog, kept: Catalog) -> Catalog:
    """What the code says, with the French there is: no guesses.  One that became a plural begins anew."""
    fresh = Catalog(locale="fr")
    for message in messages_of(said):
        old = found(message, kept)
        same = old is not None and bool(old.pluralizable) == bool(message.pluralizable)
        forms = tuple(set_right(form) for form in forms_of(old.string)) if old and same else ("", "")
        french = forms if message.pluralizable else forms[0]
        flags = message.flags | ({"fuzzy"} if old and old.fuzzy else set())
        notes = old.user_comments if old else ()
        fresh.add(message.id, french, message.locations, flags, (), notes, context=message.context)
    return fresh


def set_right(french: str) -> str:
    """The signs of French typography in place of those that a keyboard has."""
    for pattern, sign in TYPED:
        french = pattern.sub(sign, french)
    return french


def written(catalog: Catalog) -> str:
    """The .po file's text: no dates, no line numbers, no wrapped lines, so that a diff shows words only."""
    text = BytesIO()
    write_po(text, catalog, omit_header=True, include_lineno=False, width=0)
    return HEADER + text.getvalue().decode("utf-8").strip() + "\n"


def messages_of(catalog: Catalog) -> Iterator[Message]:
    """Without the header."""
    return (message for message in catalog if message.id)


def forms_of(text: Text) -> tuple[str, ...]:
    """One, or singular and plural."""
    return tuple(text) if isinstance(text, (tuple, list)) else (text or "",)


def found(message: Message, catalog: Catalog) -> Message | None:
    """The same message in another catalogue."""
    return catalog.get(message.id, message.context)


def problems(tree: Tree) -> list[str]:
    """Everything that is wrong, a line each."""
    stale = not tree.po.is_file() or not tree.po.read_text("utf-8").startswith(HEADER)
    head = ["the .po file has another header: run tools/translations.py update"] if stale else []
    return [*head, *compare(said_in(tree), read(tree.po)), *faults_of_wtforms()]


def compare(said: Catalog, kept: Catalog) -> Iterator[str]:
    """What the code says, beside what the .po file has."""
    for message in messages_of(said):
        if found(message, kept) is None:
            yield told(message, "not in the .po file: run tools/translations.py update")
        for form in forms_of(message.id):
            yield from (told(message, fault) for fault in faults_of_english(form))
    for message in messages_of(kept):
        twin = found(message, said)
        if twin is None:
            yield told(message, "no longer said: run tools/translations.py update")
        elif bool(twin.pluralizable) != bool(message.pluralizable):
            yield told(message, "its plural came or went: run tools/translations.py update")
        if message.fuzzy:
            yield told(message, "fuzzy")
        yield from (told(message, fault) for fault in faults_of(message))


def told(message: Message, fault: str) -> str:
    return f"{forms_of(message.id)[0]!r}: {fault}"


def faults_of(message: Message) -> Iterator[str]:
    """What is wrong with one message's French, form by form."""
    for english, french in zip(forms_of(message.id), forms_of(message.string), strict=False):
        if not french.strip():
            yield "no French"
        else:
            yield from faults_of_french(english, french)


def faults_of_french(english: str, french: str) -> list[str]:
    """Rules broken by one French text, as translation of one English text."""
    faults = [] if placeholders(english) == placeholders(french) else ["other placeholders than the English"]
    text = prose(french)
    faults += [f"{rule} ({french})" for pattern, rule in FRENCH_RULES if pattern.search(text)]
    for word, false, right in FALSE_FRIENDS:
        if word.search(english) and false.search(text):
            faults.append(f"a false friend, say {right} ({french})")
    return faults


def faults_of_english(text: str) -> list[str]:
    """Rules broken by one English text."""
    bare = prose(text)
    return [rule for pattern, rule in ENGLISH_RULES if pattern.search(bare)]


def placeholders(text: str) -> set[str]:
    """``%(name)s`` and the like; a lone % counts too, since templates would trip over it."""
    return set(PLACEHOLDER.findall(text))


def prose(text: str) -> str:
    """The text without tags; 0 stands for a number, X for any other placeholder or an address."""
    bare = NO_PROSE.sub("X", TAG.sub("", text))
    return PLACEHOLDER.sub(lambda match: "X" if match[0][1:2] == "(" else match[0], NUMBER.sub("0", bare))


def faults_of_wtforms() -> Iterator[str]:
    """WTForms brings French of its own; what breaks our rules there, ``leadhub.forms`` has to say instead."""
    theirs = read(Path(messages_path()) / "fr" / "LC_MESSAGES" / "wtforms.po")
    for message in messages_of(theirs):
        if forms_of(message.id)[0] not in WORDS:
            yield from (f"WTForms: {told(message, fault)}" for fault in faults_of(message))
    for text in WORDS:
        if theirs.get(text) is None:
            yield f"WTForms: {text!r}: no longer said, so leadhub.forms need not replace it"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
