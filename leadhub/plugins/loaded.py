"""What the hub knows of a plugin that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadhub.plugins.checks import are_names, check_form

BUNDLED, INSTALLED, FOLDER, GIVEN = "bundled", "installed", "folder", "given"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """One plugin that is there.  ``offers``: kind -> keys, as ``Host`` keeps them; ``news``: hooks that it listens to.

    ``folder`` is that of its code, with its templates, static files and translations beside it; a module that shares
    its folder with others has none.  ``settings_form`` is a ``wtforms.Form``.  ``starts_off``: nobody calls it until
    somebody has switched it on.  ``warnings``: what it uses that will go, for its author.
    """

    name: str
    origin: str
    version: str = ""
    purpose: Mapping[str, str] = field(default_factory=dict)
    docs: str = ""
    offers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    news: tuple[str, ...] = ()
    folder: Path | None = None
    settings_form: type[Any] | None = None
    starts_off: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def is_bundled(self) -> bool:
        return self.origin == BUNDLED

    @property
    def is_called(self) -> bool:
        """Does it do anything but offer sources, which are rows once the hub has met them?"""
        return bool(set(self.offers) - {"sources"}) or bool(self.news)


@dataclass(frozen=True)
class Offer:
    """Something that a plugin offers; ``key`` names it in the whole hub."""

    plugin: str
    key: str
    value: Any


def described(
    name: str,
    origin: str,
    version: str,
    plugin: object,
    offered: Mapping[str, Mapping[str, Offer]],
    news: Sequence[str],
) -> Loaded:
    """What it says of itself; it may raise anything there too."""
    docs = str(getattr(plugin, "DOCS", ""))
    form = getattr(plugin, "SETTINGS", None)
    check_form("SETTINGS", form)
    return Loaded(
        name=name,
        origin=origin,
        version=version or str(getattr(plugin, "__version__", "")),
        purpose=_purpose_of(plugin),
        docs=docs if docs.startswith("https://") else "",
        offers={kind: list(found) for kind, found in offered.items() if found},
        news=tuple(news),
        folder=_folder_of(plugin),
        settings_form=form,
        starts_off=bool(getattr(plugin, "STARTS_OFF", False)),
    )


def _folder_of(plugin: object) -> Path | None:
    """Of a package; None for a lone module, and for what is no module."""
    file = str(getattr(plugin, "__file__", None) or "")
    return Path(file).parent if file.endswith("__init__.py") else None


def _purpose_of(plugin: object) -> Mapping[str, str]:
    """By language: ``PURPOSE``, else the first line of the docstring."""
    told: Any = getattr(plugin, "PURPOSE", None)
    first = (getattr(plugin, "__doc__", "") or "").strip().partition("\n")[0]
    return dict(told) if are_names(told) else {"en": first} if first else {}
