"""``leadhub plugins new``: writes a package that works, to begin a plugin from."""

import re
from collections.abc import Collection
from importlib.resources import files
from pathlib import Path
from string import Template

from leadhub.errors import UserError
from leadhub.plugins.api import API_VERSION
from leadhub.plugins.host import NAME_MAX

NAME = re.compile(r"[a-z](?:[a-z0-9_]*[a-z0-9])?")
FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    ".gitignore": "gitignore.txt",
    "{module}/__init__.py": "plugin.py.txt",
    "tests/test_{name}.py": "test_plugin.py.txt",
}
"""Where it goes -> what it is made of: a file of ``leadhub/plugins/scaffold``."""


class CannotWrite(UserError):
    """No package was made."""


def write(name: str, into: Path, taken: Collection[str]) -> Path:
    """The folder of the new package.  ``taken``: names and keys that are the hub's own.  Raises ``CannotWrite``."""
    _check(name, taken)
    folder = into / name
    if not into.is_dir():
        raise CannotWrite(f"There is no folder {into}.")
    if folder.exists() or folder.is_symlink():
        raise CannotWrite(f"{folder} is there already. Nothing was written.")
    words = _words_of(name)
    made = {path.format_map(words): Template(_read(file)).substitute(words) for path, file in FILES.items()}
    try:
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"{folder} can't be written: {error.strerror}.") from None
    return folder


def _check(name: str, taken: Collection[str]) -> None:
    if not NAME.fullmatch(name) or "__" in name:
        raise CannotWrite("A name has small letters, digits and _ between them, and begins with a letter.")
    if len(name) > NAME_MAX:
        raise CannotWrite(f"A name has at most {NAME_MAX} characters.")
    if name in taken:
        raise CannotWrite(f"{name} is a name that LeadHub has itself. Choose another one.")


def _words_of(name: str) -> dict[str, str]:
    title = name.replace("_", " ").title()
    label = name.replace("_", "-")
    return {
        "name": name,
        "module": f"leadhub_{name}",
        "distribution": f"leadhub-{label}",
        "source": name,
        "title": title,
        "header": label.title(),
        "label": label,
        "api": repr(API_VERSION),
    }


def _read(file: str) -> str:
    return files("leadhub.plugins").joinpath("scaffold", file).read_text(encoding="utf-8")
