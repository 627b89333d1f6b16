"""What hatchling does besides packing: translations are compiled, and a wheel gets its browser libraries."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LeadHubBuildHook(BuildHookInterface):
    """Runs before anything is packed: a wheel, in the version ``standard`` or ``editable``, or a source archive."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        compile_translations(root / "leadhub" / "translations")
        if self.target_name == "wheel" and version == "standard":
            assets = load_module(root / "tools" / "assets.py")
            assets.build(assets.Tree(root))
            if root.joinpath("migrations").is_dir():
                build_data["force_include"]["migrations"] = "leadhub/_migrations"


def compile_translations(folder: Path) -> None:
    """Write a .mo beside each .po; fuzzy messages are left out."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as text:
            catalog = read_po(text, locale=source.parent.parent.name)
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalog)


def load_module(path: Path) -> ModuleType:
    """Import a file by its place, since a build runs outside the checkout's import path."""
    spec = importlib.util.spec_from_file_location(f"leadhub_build_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
