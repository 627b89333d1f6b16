"""Finds plugins, and tells whether one speaks of hooks that there are."""

import difflib
import hashlib
import importlib.util
import json
import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pluggy

from leadhub.plugins.api import hooks
from leadhub.plugins.kinds import KINDS, NEWS


def folder_plugins(folder: Path | None) -> list[Path]:
    """Modules (``x.py``) and packages (``x/__init__.py``) of the folder, by name."""
    if folder is None:
        return []
    modules = [path for path in folder.glob("*.py") if not path.name.startswith("_")]
    return sorted(modules + [path.parent for path in folder.glob("*/__init__.py")])


def module_of(path: Path) -> ModuleType:
    file = path / "__init__.py" if path.is_dir() else path
    spec = importlib.util.spec_from_file_location(f"leadhub_plugin_{path.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def version_of(entry: EntryPoint) -> str:
    dist = getattr(entry, "dist", None)
    return str(dist.version) if dist else ""


def editable_code(entry: EntryPoint) -> Path | None:
    """The folder or file of a package that is installed from where somebody works on it (``pip install -e``); None for
    any other."""
    dist = getattr(entry, "dist", None)
    told = (dist.read_text("direct_url.json") if dist else None) or "{}"
    if not json.loads(told).get("dir_info", {}).get("editable"):
        return None
    spec = importlib.util.find_spec(entry.value.partition(":")[0].partition(".")[0])  # runs none of its code
    file = Path(spec.origin) if spec and spec.origin else None
    return file.parent if file and file.name == "__init__.py" else file


def print_of(path: Path) -> str:
    """The same as long as the code is."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def check_version(plugin: object) -> None:
    """Raises ``TypeError`` for one that was written for a newer contract."""
    wanted = getattr(plugin, "LEADHUB_API", hooks.API_VERSION)
    if tuple(wanted) > hooks.API_VERSION:
        told, ours = (".".join(map(str, version)) for version in (wanted, hooks.API_VERSION))
        raise TypeError(f"it is written for version {told} of the plugin API; this hub has {ours}")


def check_hooks(manager: pluggy.PluginManager) -> None:
    """A hook that does not exist is an error, with the nearest one that does."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        found = re.search(r"unknown hook '(\w+)'", str(error))
        known = [*(kind.hook for kind in KINDS.values()), *NEWS]
        near = difflib.get_close_matches(found[1], known, n=1) if found else []
        if not found or not near:
            raise
        words = f"there is no hook {found[1]!r}; did you mean {near[0]!r}?"
        raise pluggy.PluginValidationError(error.plugin, words) from None
