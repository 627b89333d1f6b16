"""Markdown of people's notes made into HTML that is safe to show.  Knows nothing of leads.

CommonMark (spec 0.31) with tables and struck-out text, without raw HTML and without images.  A line break in the text
is one on the page.
"""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

LONGEST = 20_000  # characters
CELLS_MAX = 5_000  # short rows are filled up, so that a few signs may ask for many
NAMED_MAX = 200_000  # characters that links to addresses which are named once, and may be long, are bounded by
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer nofollow"
TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "hr", "li", "ol", "p", "pre", "s", "strong", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
ADDRESS = re.compile(r"\bhttps?://[^\W_][^\s<>\"“”«»`]*", re.IGNORECASE)
BEHIND = ".,;:!?'’*_~"  # a sign that ends the sentence, not the address
PAIRS = {")": "(", "]": "[", "}": "{"}
HEADING = "h3"  # whatever its level: it stands under the headings of a page


@lru_cache(maxsize=128)
def to_html(text: str) -> Markup:
    """Cut at ``LONGEST`` characters, which is what bounds the time it takes."""
    lines = text[:LONGEST].split("\n")
    cells = len(lines) * max(line.count("|") for line in lines)
    named = text.count("]") * len(text) if "]:" in text else 0
    made = _parser(tables=cells <= CELLS_MAX, references=named <= NAMED_MAX).render("\n".join(lines))
    cleaned = nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)
    return Markup(cleaned)  # nh3 lets nothing through but what is named above


@lru_cache(maxsize=4)
def _parser(*, tables: bool, references: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["strikethrough", "table"] if tables else ["strikethrough"]).disable(["image"])
    if not references:
        parser.disable("reference")
    parser.validateLink = _may_be_linked  # type: ignore[method-assign,assignment]
    parser.core.ruler.push("finish", _finish)
    return parser


def _may_be_linked(address: str) -> bool:
    """Whole addresses only; what is none stays the text that was typed."""
    scheme, colon, rest = address.partition(":")
    return bool(colon and rest) and scheme.lower() in SCHEMES and (scheme.lower() == "mailto" or rest.startswith("//"))


def _finish(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADING
        if token.children:
            token.children = _with_links(token.children)


def _with_links(tokens: list[Token]) -> list[Token]:
    """The same, with an address that stands in the text made a link."""
    done: list[Token] = []
    inside = 0
    for token in tokens:
        inside += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "text" and not inside and "://" in token.content:
            done += _linked(token.content)
        else:
            done.append(token)
    return done


def _linked(text: str) -> list[Token]:
    done, place = [], 0
    for found in ADDRESS.finditer(text):
        address = _without_end(found[0])
        done += [_text(text[place : found.start()]), Token("link_open", "a", 1, attrs={"href": address})]
        done += [_text(address), Token("link_close", "a", -1)]
        place = found.start() + len(address)
    return [*done, _text(text[place:])]


def _without_end(address: str) -> str:
    """Without the signs behind it that belong to the sentence."""
    missing = {closing: address.count(closing) - address.count(opening) for closing, opening in PAIRS.items()}
    end = len(address)
    while end and (address[end - 1] in BEHIND or missing.get(address[end - 1], 0) > 0):
        end -= 1
        if address[end] in PAIRS:
            missing[address[end]] -= 1
    return address[:end]


def _text(text: str) -> Token:
    return Token("text", "", 0, content=text)
