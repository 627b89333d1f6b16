"""The documentation says what is so: hooks have their heading, the example runs, links lead somewhere."""

import inspect
import re
from decimal import Decimal
from pathlib import Path

import pytest

from leadhub.imports.headers import candidates
from leadhub.plugins.api import AddNote, AssignOwner, LeadSnapshot, Skip, hooks
from leadhub.plugins.host import Host

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = (ROOT / "docs/plugins.md").read_text()
HOOKS = [name for name, hook in vars(hooks).items() if hasattr(hook, "leadhub_spec")]
GUIDES = sorted((ROOT / "docs/plugins").glob("*.md"))
WITHOUT_PLUGIN = {"leads", "testing"}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_has_a_heading_with_its_signature(name):
    arguments = ", ".join(inspect.signature(getattr(hooks, name)).parameters)

    assert f"### `{name}({arguments})`" in PLUGINS


def test_the_plugin_of_the_guide_works(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", PLUGINS, re.S)
    (tmp_path / "large.py").write_text(example)
    host = Host(strict=True)

    host.load(tmp_path, safe_mode=False)
    run = host.actions["large.large"].value.run
    lead = LeadSnapshot(id=1, version=1, title="Acme", status="open", expected_value=Decimal(20_000))

    assert host.sources[-1].names == {"en": "Radio", "fr": "Radio"}
    assert list(run(lead, {"person": 7, "amount": 10_000}, None)) == [
        AssignOwner(person=7), AddNote(text="A large lead: Acme"),
    ]  # fmt: skip
    with pytest.raises(Skip):
        list(run(lead, {"person": 7, "amount": 30_000}, None))


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_plugins_of_the_guides_load(page, tmp_path):
    """What each does is tested beside what it is about; here: whole plugins, of which none is left out."""
    blocks = [it for it in re.findall(r"```python\n(.*?)```", page.read_text(), re.S) if "@hookimpl" in it]
    for number, block in enumerate(blocks):
        (tmp_path / f"guide_{number}.py").write_text(block)
    host = Host(strict=True)

    host.load(None, safe_mode=True)
    host.load_paths(sorted(tmp_path.glob("*.py")))

    assert {name for name in host.plugins if name.startswith("guide_")} == {f"guide_{n}" for n in range(len(blocks))}
    assert blocks or page.stem in WITHOUT_PLUGIN


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_headers_of_the_import_guide_are_recognised():
    rows = re.findall(r"^\| (`.*?) \| (.*?) \| (.*?) \|$", (ROOT / "docs/import.md").read_text(), re.M)
    lost = []
    for fields, english, french in rows:
        wanted = re.findall(r"`(\w+)`", fields)
        for header in re.sub(r" \(.*?\)", "", f"{english}, {french}").split(", "):
            found = [name for name, places in candidates([header]).items() if places]
            if not set(found) & {*wanted, "name"}:
                lost.append((header, found))

    assert rows
    assert lost == []
