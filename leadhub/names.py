"""A name in several languages, which follows the page."""

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale


class Names:
    """By language; read where it is shown."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def __str__(self) -> str:
        locale = get_locale()
        return self.label(locale.language if locale else "en")

    def label(self, language: str) -> str:
        return str(self.names.get(language) or next(iter(self.names.values()), ""))
