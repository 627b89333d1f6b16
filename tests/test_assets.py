"""Static files at run time, and the tool that makes them."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from leadhub import assets

ROOT = Path(__file__).resolve().parent.parent
CDN_URL = "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js"
LIBRARY = {"file": "htmx.min.1a2b3c4d5e.js", "integrity": "sha384-abc", "cdn": CDN_URL}
SPRITE = '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="tabler-plus"></symbol></svg>'


@pytest.fixture
def static(tmp_path):
    """A static folder with one library that is not local, one style sheet and one icon."""
    folder = tmp_path / "static"
    (folder / "vendor").mkdir(parents=True)
    (folder / "vendor.json").write_text(json.dumps({"htmx": LIBRARY}))
    (folder / "leadhub.css").write_text("a { color: red }")
    (folder / "icons.svg").write_text(SPRITE)
    return folder


@pytest.fixture
def local_library(static):
    path = static / "vendor" / LIBRARY["file"]
    path.write_text("htmx")
    return path


@pytest.fixture
def tool(monkeypatch):
    spec = importlib.util.spec_from_file_location("assets_tool", ROOT / "tools" / "assets.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "assets_tool", module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tool, tmp_path):
    """A checkout with everything in order and one icon in use."""
    pins = {package: "1.0.0" for package, _ in tool.LIBRARIES.values()} | {tool.ICONS: "3.0.0"}
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": pins}))
    (tmp_path / "leadhub" / "templates").mkdir(parents=True)
    (tmp_path / "leadhub" / "templates" / "page.html").write_text('{{ icon("plus") }}')
    drawings = tmp_path / "node_modules" / tool.ICONS / "icons" / "outline"
    drawings.mkdir(parents=True)
    (drawings / "plus.svg").write_text('<svg\n>\n  <path d="M0 0h24v24H0z" />\n  <path d="M5 12l14 0" />\n</svg>')
    for package, inside in tool.LIBRARIES.values():
        path = tmp_path / "node_modules" / package / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"/* {inside} */")
    lock = json.dumps({"packages": {"node_modules/x": {"integrity": "sha512-x"}}})
    (tmp_path / "package-lock.json").write_text(lock)
    (tmp_path / "node_modules" / ".package-lock.json").write_text(lock)
    made = tool.Tree(tmp_path)
    made.static.mkdir()
    tool.build(made, npm="npm-is-not-run")
    return made


def app_with(folder: Path, *, debug: bool = False) -> Flask:
    app = Flask("tiny", static_folder=None)
    app.debug = debug
    app.testing = True
    assets.init_app(app, folder)
    return app


def fetched(app: Flask, url: str, headers: dict[str, str] | None = None) -> TestResponse:
    return app.test_client().get(url, headers=headers, buffered=True)  # buffered: the file is closed


def rendered(app: Flask, call: str, script_root: str = "") -> str:
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": script_root}):
        return app.jinja_env.from_string("{{ " + call + " }}").render()


def test_library_is_loaded_from_the_hub_when_it_is_there(static, local_library):
    tag = rendered(app_with(static), 'script("htmx")')

    assert tag == f'<script src="/static/vendor/{LIBRARY["file"]}" integrity="sha384-abc" defer></script>'


def test_library_that_is_missing_is_loaded_from_the_cdn_with_integrity(static):
    tag = rendered(app_with(static), 'script("htmx", defer=False)')

    assert tag == f'<script src="{CDN_URL}" integrity="sha384-abc" crossorigin="anonymous"></script>'


def test_policy_allows_the_exact_file_of_the_cdn(static):
    assert assets.csp_sources(app_with(static)) == {"script-src": [CDN_URL], "style-src": []}


def test_policy_allows_nothing_foreign_when_all_is_local(static, local_library):
    assert assets.csp_sources(app_with(static)) == {"script-src": [], "style-src": []}


def test_own_file_is_kept_for_a_year(static):
    app = app_with(static)

    response = fetched(app, rendered(app, 'asset_url("leadhub.css")'))

    assert response.headers["Cache-Control"] == "max-age=31536000, public, immutable"


def test_library_is_kept_for_a_year(static, local_library):
    response = fetched(app_with(static), f"/static/vendor/{LIBRARY['file']}")

    assert response.headers["Cache-Control"] == "max-age=31536000, public, immutable"


def test_file_without_fingerprint_is_kept_for_a_minute(static):
    response = fetched(app_with(static), "/static/leadhub.css")

    assert response.headers["Cache-Control"] == "max-age=60, public"


@pytest.mark.parametrize("call", ['asset_url("leadhub.css")', 'script("htmx")', 'icon("plus")'])
def test_url_lies_below_the_path_the_hub_is_mounted_at(static, local_library, call):
    assert '"/crm/static/' in f'"{rendered(app_with(static), call, script_root="/crm")}"'


def test_changed_file_gets_another_url(static):
    before = rendered(app_with(static), 'asset_url("leadhub.css")')

    (static / "leadhub.css").write_text("a { color: blue }")

    assert rendered(app_with(static), 'asset_url("leadhub.css")') != before


def test_changed_file_shows_at_once_in_development(static):
    app = app_with(static, debug=True)
    url = rendered(app, 'asset_url("leadhub.css")')

    (static / "leadhub.css").write_text("a { color: blue; margin: 0 }")

    assert fetched(app, url).text == "a { color: blue; margin: 0 }"


def test_built_file_of_the_same_content_is_preferred(static):
    name = assets.published_name("leadhub.css", static / "leadhub.css")
    (static / "vendor" / name).write_text("a { color: red }")

    assert rendered(app_with(static), 'stylesheet("leadhub.css")').startswith(
        f'<link rel="stylesheet" href="/static/vendor/{name}"'
    )


def test_built_file_of_older_content_is_passed_over(static):
    (static / "vendor" / "leadhub.0000000000.css").write_text("old")
    app = app_with(static)

    assert fetched(app, rendered(app, 'asset_url("leadhub.css")')).text == "a { color: red }"


def test_browser_that_knows_brotli_gets_brotli(static, local_library):
    Path(f"{local_library}.br").write_bytes(b"br")

    response = fetched(app_with(static), f"/static/vendor/{local_library.name}", {"Accept-Encoding": "gzip, br"})

    assert (response.headers["Content-Encoding"], response.data) == ("br", b"br")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["gone.css", "vendor", "vendor/../vendor.jso", "%00", "%ff"])
def test_missing_file_is_answered_without_asking_the_hub(static, path, debug):
    app = app_with(static, debug=debug)
    app.before_request(lambda: pytest.fail("the hub was asked"))

    assert fetched(app, f"/static/{path}").status_code == 404


def test_head_and_range_of_a_static_file_are_answered(static):
    app = app_with(static)

    assert app.test_client().head("/static/leadhub.css").headers["Content-Length"] == "16"
    assert fetched(app, "/static/leadhub.css", {"Range": "bytes=0-2"}).data == b"a {"


def test_other_paths_reach_the_hub(static):
    app = app_with(static)
    app.add_url_rule("/", view_func=lambda: "home")

    assert fetched(app, "/").text == "home"


def test_icon_is_hidden_from_screen_readers_unless_it_has_a_label(static):
    app = app_with(static)

    assert 'aria-hidden="true"' in rendered(app, 'icon("plus")')
    assert 'role="img" aria-label="Add &lt;b&gt;"' in rendered(app, 'icon("plus", label="Add <b>")')


def test_icon_that_is_not_in_the_sprite_fails_the_test_that_shows_it(static):
    with pytest.raises(LookupError, match="make assets"):
        rendered(app_with(static), 'icon("minus")')


def test_icon_that_is_not_in_the_sprite_does_not_break_a_live_page(static):
    app = app_with(static)
    app.testing = False

    assert "#tabler-minus" in rendered(app, 'icon("minus")')


def test_tool_and_hub_compute_the_same_fingerprint(tool):
    assert tool.fingerprint(b"a") == assets.fingerprint(b"a")


def test_fresh_build_has_no_problems(tool, tree):
    assert tool.problems(tree) == []


def test_sprite_holds_the_shapes_of_the_icons_in_use_only(tree):
    assert tree.sprite.read_text("utf-8").count("<path") == 1


def test_check_tells_an_icon_the_sprite_lacks(tool, tree):
    (tree.root / "leadhub" / "templates" / "page.html").write_text("{{ icon('plus') }}{{ icon('minus') }}")

    assert tool.problems(tree) == [
        'icons.svg: lacks "minus", used in leadhub/templates/page.html; run make assets',
    ]


def test_check_tells_an_icon_no_template_uses(tool, tree):
    (tree.root / "leadhub" / "templates" / "page.html").write_text("")

    assert tool.problems(tree) == ['icons.svg: holds "plus", which no template uses; run make assets']


def test_check_tells_a_version_that_moved(tool, tree):
    package = tree.root / "package.json"
    package.write_text(package.read_text().replace('"htmx.org": "1.0.0"', '"htmx.org": "1.0.1"'))

    assert tool.problems(tree) == ["vendor.json: htmx is not htmx.org 1.0.1 as in package.json; run make assets"]


def test_unknown_icon_stops_the_build_with_one_line(tool, tree):
    (tree.root / "leadhub" / "templates" / "page.html").write_text('{{ icon("pluss") }}')

    with pytest.raises(tool.AssetError, match=r'^leadhub/templates/page.html: Tabler has no outline icon "pluss"$'):
        tool.build(tree, npm="npm-is-not-run")


def test_build_twice_gives_the_same_files(tool, tree):
    before = {path.name: path.read_bytes() for path in tree.vendor.iterdir()}

    tool.build(tree, npm="npm-is-not-run")

    assert {path.name: path.read_bytes() for path in tree.vendor.iterdir()} == before


def test_build_without_npm_makes_our_own_files_and_keeps_the_libraries(tool, tree, monkeypatch, capsys):
    monkeypatch.setattr(tool.shutil, "which", lambda program: None)
    before = {path.name for path in tree.vendor.iterdir()}
    tree.static.joinpath("leadhub.js").write_text("let a")

    tool.build(tree)

    added = {path.name for path in tree.vendor.iterdir()} - before
    assert added == {f"leadhub.{tool.fingerprint(b'let a')}.js{end}" for end in ("", ".br", ".gz")}
    assert "CDN" in capsys.readouterr().err


def test_committed_files_agree_with_the_templates_and_package_json(tool):
    assert tool.problems(tool.Tree(ROOT)) == []
