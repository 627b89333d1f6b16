"""For the tests of plugins that live outside of the hub.  A test module, or the topmost conftest, names it:

    pytest_plugins = ["leadhub.testing"]

Fixtures: ``lead`` and ``context`` to call a plugin's functions with, and ``hub``, a whole one over an empty database
with the plugins of the fixture ``plugins``, which a test module defines anew.  ``check_plugin`` looks whether a plugin
keeps to the contract.  Needs pytest, which the hub itself does not.

PYTEST_DONT_REWRITE: a test module may import from here before pytest reads what it names; there is no assertion here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from leadhub.plugins.api import LeadSnapshot
from leadhub.testing.contract import KeepsNot, Odd, check_plugin
from leadhub.testing.hubs import Hub, open_hub
from leadhub.testing.lent import Answers, Call, GivenContext, GivenReader, GivenStore, Question, sample_lead

__all__ = [
    "Answers", "Call", "GivenContext", "GivenReader", "GivenStore", "Hub", "KeepsNot", "Odd", "Question",
    "check_plugin", "context", "hub", "lead", "open_hub", "plugins", "sample_lead",
]  # fmt: skip


@pytest.fixture
def lead() -> LeadSnapshot:
    """Jeanne Dupont of Acme.  Another one: ``dataclasses.replace(lead, email="")``."""
    return sample_lead()


@pytest.fixture
def context() -> GivenContext:
    """What the hub lends, without a hub: ``http`` answers with what a test records, ``store`` is a dictionary,
    ``reader`` tells what a test gives it, ``now()`` is 22 November 2026, 08:05 UTC, ``today()`` that day."""
    return GivenContext()


@pytest.fixture
def plugins() -> Mapping[str, object]:
    """Name -> plugin (a module, as a rule): to be defined anew by whoever tests one in a hub."""
    return {}


@pytest.fixture
def hub(plugins: Mapping[str, object], tmp_path: Path) -> Iterator[Hub]:
    """A hub that is set up, with ada (admin), mia (manager), bob (agent), vic (viewer), no leads, and ``plugins``.
    Their addresses are ``ada@example.org`` and so on; its clock is the real one."""
    with open_hub(tmp_path, plugins) as opened:
        yield opened
