"""Grows the lists.  Commits nothing."""

import hashlib
from collections.abc import Iterable

from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.lists.models import Source
from leadhub.lists.queries import Row, rows_by_word, rows_of
from leadhub.plugins.api.sources import Source as SourceOffer

KEY_MAX = 200


def rows_named(model: type[Row], words: Iterable[str], *, language: str) -> dict[str, Row]:
    """Word -> the row whose key or name it is; an unknown word becomes a row with that name.

    Of words that differ in case or accents only, the first gives the row its name.  Costs one read and one write,
    however many words there are.
    """
    wanted = {word: fold(word) for word in words if fold(word)}
    known = rows_by_word(model)
    fresh: dict[str, Row] = {}
    for word, folded in wanted.items():
        if folded not in known:
            fresh[folded] = known[folded] = model(key=_key(folded), names={language: word}, position=len(known))
    db.session.add_all(fresh.values())
    db.session.flush()  # the new rows' ids are asked for
    return {word: known[folded] for word, folded in wanted.items()}


def _key(folded: str) -> str:
    """The folded word; one that is too long (folding can lengthen) is cut, with a print of all of it."""
    if len(folded) <= KEY_MAX:
        return folded
    digest = hashlib.sha256(folded.encode()).hexdigest()[:16]
    return f"{folded[: KEY_MAX - 17]}#{digest}"


def adopt_sources(offers: Iterable[SourceOffer]) -> int:
    """Give each source that a plugin offers a row, where it has none yet.  Returns how many are new."""
    present = {row.key for row in rows_of(Source)}
    fresh = [offer for offer in offers if offer.key not in present]
    for place, offer in enumerate(fresh, start=len(present)):
        db.session.add(Source(key=offer.key, names=dict(offer.names), position=place))
    return len(fresh)
