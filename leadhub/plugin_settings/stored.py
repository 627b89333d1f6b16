"""Settings that somebody gave a plugin, as they are kept: JSON, and what is secret of them encrypted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken

from leadhub.jobs.mail_server import current_settings
from leadhub.keys import cipher


@dataclass(frozen=True)
class Stored:
    """``settings`` can be stored as JSON; ``secrets`` is encrypted text, empty where nothing is secret."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: str = field(default="", repr=False)

    def hidden(self) -> dict[str, str]:
        """Name of a secret field -> what it holds; nothing where today's keys can't read it."""
        if not self.secrets:
            return {}
        try:
            told = json.loads(cipher(current_settings()).decrypt(self.secrets.encode()))
        except InvalidToken:
            return {}
        return {str(name): str(value) for name, value in told.items()}

    def opened(self) -> dict[str, Any]:
        """All of it, as the plugin gets it."""
        return {**self.settings, **self.hidden()}


def sealed(secrets: Mapping[str, str]) -> str:
    """Encrypted with the newest key; empty where there is nothing to hide."""
    kept = {name: value for name, value in secrets.items() if value}
    return cipher(current_settings()).encrypt(json.dumps(kept).encode()).decode() if kept else ""
