"""A plugin's own words, out of the folder ``translations`` beside its code."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations

FOLDER = "translations"
KEPT = 200  # catalogues


def translated(folder: Path | None, language: str, text: str, **words: Any) -> str:
    """The text in this language, or the text itself; ``%(name)s`` in it becomes the word of that name."""
    told = _catalogue(folder, language).gettext(text) if folder else text
    return told % words if words else told


@lru_cache(maxsize=KEPT)
def _catalogue(folder: Path, language: str) -> NullTranslations:
    """Of ``translations/<language>/LC_MESSAGES/messages.mo``; an empty one where there is none."""
    return Translations.load(folder / FOLDER, [language])
