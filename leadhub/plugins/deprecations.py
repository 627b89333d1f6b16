"""What a plugin uses that will go: said while it is loaded, and kept for its author to see."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOLD_MAX = 300
MOST = 20
KINDS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


@contextmanager
def overheard(*, is_listening: bool) -> Iterator[list[warnings.WarningMessage]]:
    """All that is warned of meanwhile, whatever the process does with warnings else."""
    if not is_listening:
        yield []
        return
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield heard


def of_plugin(plugin: object, heard: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """What is said of the plugin's own code, a line each; what is said of other code goes where it would have gone."""
    told = []
    for warning in heard:
        if issubclass(warning.category, KINDS) and _is_own(plugin, warning.filename):
            told.append(f"{str(warning.message)[:TOLD_MAX]} ({Path(warning.filename).name}:{warning.lineno})")
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return tuple(dict.fromkeys(told[:MOST]))


def _is_own(plugin: Any, filename: str) -> bool:
    """What is no module has no files to know it by."""
    file = getattr(plugin, "__file__", None)
    if not file:
        return True
    own = Path(file)
    return Path(filename) == own or (own.name == "__init__.py" and Path(filename).is_relative_to(own.parent))
