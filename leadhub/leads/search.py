"""The words by which a lead is found: one folded key, alike on every database."""

import re
from collections.abc import Sequence
from typing import Protocol

from leadhub.folding import fold

NO_DIGIT = re.compile(r"\D")


class Searchable(Protocol):
    """A lead or a draft of one."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def organisation(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...


def search_key(lead: Searchable, others: Sequence[str] = ()) -> str:
    """Names, organisation, e-mails and external id folded, and the phones as bare digits.  ``others`` are the e-mails
    and phones beside the first."""
    emails = [text for text in others if "@" in text]
    words = (lead.first_name, lead.last_name, lead.organisation, lead.email, *emails, lead.external_id or "")
    phones = [NO_DIGIT.sub("", text) for text in (lead.phone, *others) if "@" not in text]
    return " ".join([fold(" ".join(word for word in words if word)), *phones])


def search_words(text: str) -> list[str]:
    """What was typed in the search box, as words that must all be in a lead's key; LIKE's own signs are escaped."""
    words = fold(text).split()
    bare = [NO_DIGIT.sub("", word) if re.fullmatch(r"[+().\d]+", word) else word for word in words]
    return [re.sub(r"([%_\\])", r"\\\1", word) for word in bare if word]
