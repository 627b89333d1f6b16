"""One folded key for text: what search, twins and import matching compare instead of the text itself."""

import unicodedata
from collections.abc import Iterable

_LETTERS = {"œ": "oe", "æ": "ae", "ß": "ss"}
_APOSTROPHES = "'`´‘’‚‛ʹʻʼʽ′‵"
_OTHER_DASHES = "−"  # a minus sign is no dash to Unicode
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def _translation() -> dict[int, str]:
    blank: Iterable[str] = _APOSTROPHES + _OTHER_DASHES
    dashes = (chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) == "Pd")
    return {
        **{ord(letter): plain for letter, plain in _LETTERS.items()},
        **{ord(sign): " " for sign in (*blank, *dashes)},
        **{ord(sign): "" for sign in _INVISIBLE},
    }


_TRANSLATION = _translation()


def fold(text: str) -> str:
    """The text without case, accents, ligatures and kinds of apostrophe, dash and white space.

    Folding twice is folding once.  ``Cœur  d’Étoile`` and ``COEUR D'ETOILE`` are both ``coeur d etoile``.
    Other signs stay as they are (``@ . +``).
    """
    if text.isascii():
        return " ".join(text.lower().translate(_TRANSLATION).split())
    plain = _without_marks(_without_marks(text).casefold()).translate(_TRANSLATION)
    return unicodedata.normalize("NFC", " ".join(plain.split()))


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
