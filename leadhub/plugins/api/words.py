"""Which leads are meant, in the words of the list's address."""

from collections.abc import Mapping, Sequence

Where = Mapping[str, str | Sequence[str]]
"""Which leads, in the words of the list's address: ``{"source": "web-form", "owner": "none"}``.  The guide of the
list names them; a word that it does not know raises ``ValueError``."""
