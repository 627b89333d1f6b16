"""Projects that plugins are made in: a folder with a ``pyproject.toml`` that names them, installed or not."""

import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

GROUP = "leadhub.plugins"
FILE = "pyproject.toml"


@dataclass(frozen=True)
class Project:
    """``roots`` are the folders that its packages can lie in."""

    roots: Sequence[Path]
    entries: Sequence[EntryPoint]
    version: str

    @contextmanager
    def importable(self) -> Iterator[None]:
        """What lies here goes before what is installed under the same name, also where that is imported already."""
        before, mine = list(sys.path), {entry.module.partition(".")[0] for entry in self.entries}
        for name in [name for name in sys.modules if name.partition(".")[0] in mine]:
            del sys.modules[name]
        sys.path[:0] = map(str, self.roots)
        try:
            yield
        finally:
            sys.path[:] = before


def project_at(path: Path) -> Project | None:
    """None for a folder that is none, or names no plugin.  Raises ``ValueError`` where its file can't be read."""
    file = path / FILE
    if not file.is_file():
        return None
    told = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    named = told.get("entry-points", {}).get(GROUP, {})
    if not named:
        return None
    roots = [root for root in (path / "src", path) if root.is_dir()]
    entries = [EntryPoint(name, value, GROUP) for name, value in sorted(named.items())]
    return Project(roots, entries, str(told.get("version", "")))
