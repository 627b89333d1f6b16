"""Put what browsers load into ``leadhub/static/``: libraries from npm, our own files, the icons templates use.

``python tools/assets.py`` makes ``vendor/`` anew (not committed), and ``vendor.json`` and ``icons.svg`` (committed).
Without npm only our own files are made; pages then load the libraries from the CDN that ``vendor.json`` names.
``python tools/assets.py --check`` writes nothing, needs no npm, and tells where the committed files lag behind.

An icon counts as used where a template says ``icon("name"``.  A template that takes the name from a variable lists the
possible ones in a comment: ``{# icon("phone") icon("mail") #}``.
"""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import brotli

CDN = "https://cdn.jsdelivr.net/npm"
LIBRARIES = {
    "chart.js": ("chart.js", "dist/chart.umd.min.js"),
    "htmx": ("htmx.org", "dist/htmx.min.js"),
    "sortable": ("sortablejs", "Sortable.min.js"),
    "tabler.css": ("@tabler/core", "dist/css/tabler.min.css"),
    "tabler.js": ("@tabler/core", "dist/js/tabler.min.js"),
}
ICONS = "@tabler/icons"
OWN_SUFFIXES = {".css", ".js", ".svg"}
ICON_USED = re.compile(r"""\bicon\(\s*["']([^"']*)["']""")
ICON_HELD = re.compile(r'<symbol id="tabler-([^"]+)"')
SYMBOL = (
    '<symbol id="tabler-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
    ' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
)


class AssetError(Exception):
    """Something the developer has to put right; the message is one line."""


@dataclass(frozen=True)
class Tree:
    """Where things are in a checkout."""

    root: Path

    @property
    def modules(self) -> Path:
        return self.root / "node_modules"

    @property
    def static(self) -> Path:
        return self.root / "leadhub" / "static"

    @property
    def vendor(self) -> Path:
        return self.static / "vendor"

    @property
    def manifest(self) -> Path:
        return self.static / "vendor.json"

    @property
    def sprite(self) -> Path:
        return self.static / "icons.svg"

    def pins(self) -> dict[str, str]:
        """Package name to the exact version ``package.json`` asks for."""
        return json.loads(self.root.joinpath("package.json").read_text("utf-8"))["dependencies"]


def main(arguments: list[str]) -> int:
    tree = Tree(Path(__file__).resolve().parent.parent)
    if arguments == ["--check"]:
        found = problems(tree)
        for line in found:
            say(line)
        return 1 if found else 0
    if arguments:
        say("usage: python tools/assets.py [--check]")
        return 2
    try:
        build(tree)
    except AssetError as error:
        say(str(error))
        return 1
    return 0


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def build(tree: Tree, npm: str | None = None) -> None:
    """Make everything that can be made here.  ``npm`` is the program; looked for on the path when not given.

    Raises ``AssetError`` when npm fails or a template uses an icon Tabler does not have.
    """
    npm = npm or shutil.which("npm")
    if npm:
        install_packages(tree, npm)
        write_if_changed(tree.sprite, sprite(tree, icons_used(tree)))
        empty_vendor(tree, keep=set())
        write_if_changed(tree.manifest, json.dumps(publish_libraries(tree), indent=2) + "\n")
    else:
        say("npm is not here: pages load the libraries that static/vendor lacks from the CDN")
        empty_vendor(tree, keep={library["file"] for library in manifest(tree).values()})
    for path in sorted(tree.static.iterdir()):
        if path.suffix in OWN_SUFFIXES:
            publish(tree, path)


def install_packages(tree: Tree, npm: str) -> None:
    """``npm ci``, left out when ``node_modules`` already is what the lock file says."""
    wanted = locked_packages(tree.root / "package-lock.json")
    if wanted and locked_packages(tree.modules / ".package-lock.json") == wanted:
        return
    if subprocess.run([npm, "ci"], cwd=tree.root, check=False).returncode:
        raise AssetError("npm ci failed: its message is above; leadhub/static is as it was")


def locked_packages(lock: Path) -> dict[str, str]:
    """Folder under ``node_modules`` to the integrity of what is in it; empty when there is no lock file."""
    if not lock.is_file():
        return {}
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    return {folder: package["integrity"] for folder, package in packages.items() if folder}


def empty_vendor(tree: Tree, keep: set[str]) -> None:
    """Remove what an earlier run made, but for the files of those names and their compressed forms."""
    tree.vendor.mkdir(parents=True, exist_ok=True)
    for path in tree.vendor.iterdir():
        if path.name.removesuffix(".br").removesuffix(".gz") not in keep:
            path.unlink()


def publish_libraries(tree: Tree) -> dict[str, dict[str, str]]:
    """Copy each library, unchanged to the byte since integrity is computed on what the CDN sends too."""
    pins = tree.pins()
    told = {}
    for name, (package, inside) in LIBRARIES.items():
        path = tree.modules / package / inside
        if not path.is_file():
            raise AssetError(f"{package} {pins[package]} has no file {inside}")
        told[name] = {
            "package": package,
            "version": pins[package],
            "file": publish(tree, path),
            "integrity": integrity(path.read_bytes()),
            "cdn": f"{CDN}/{package}@{pins[package]}/{inside}",
        }
    return told


def publish(tree: Tree, path: Path) -> str:
    """Write a file, its .br and its .gz into ``vendor/`` under a name with its fingerprint, and return that name."""
    content = path.read_bytes()
    name = f"{path.stem}.{fingerprint(content)}{path.suffix}"
    tree.vendor.joinpath(name).write_bytes(content)
    tree.vendor.joinpath(f"{name}.br").write_bytes(brotli.compress(content))
    tree.vendor.joinpath(f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    return name


def fingerprint(content: bytes) -> str:
    """Ten hexadecimal digits, the same as ``leadhub.assets.fingerprint`` (which is not there when a wheel is built)."""
    return hashlib.sha256(content).hexdigest()[:10]


def integrity(content: bytes) -> str:
    """As in W3C Subresource Integrity, section 3.1."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode("ascii")


def icons_used(tree: Tree) -> dict[str, Path]:
    """Icon name to the first template that uses it, in the order of names."""
    used: dict[str, Path] = {}
    for folder in ("templates", "plugins"):
        for template in sorted(tree.root.joinpath("leadhub", folder).rglob("*.html")):
            for name in ICON_USED.findall(template.read_text("utf-8")):
                used.setdefault(name, template.relative_to(tree.root))
    return dict(sorted(used.items()))


def sprite(tree: Tree, used: dict[str, Path]) -> str:
    """One SVG with a symbol for each icon.  The width of the stroke is left out, so that a style sheet can set it."""
    symbols = []
    for name, template in used.items():
        drawing = tree.modules / ICONS / "icons" / "outline" / f"{name}.svg"
        if not re.fullmatch(r"[a-z0-9-]+", name) or not drawing.is_file():
            raise AssetError(f'{template.as_posix()}: Tabler has no outline icon "{name}"')
        symbols.append(SYMBOL.format(name=name, shapes=shapes_in(drawing.read_text("utf-8"))))
    return sprite_head(tree.pins()[ICONS]) + "".join(symbols) + "</svg>\n"


def sprite_head(version: str) -> str:
    return (
        f"<!-- Made by tools/assets.py from Tabler Icons {version}, MIT License, Copyright (c) Paweł Kuna -->\n"
        '<svg xmlns="http://www.w3.org/2000/svg">\n'
    )


def shapes_in(drawing: str) -> str:
    """What stands inside the ``svg`` element, without the invisible square each Tabler icon begins with."""
    inside = drawing.partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
    lines = [line.strip().replace(" />", "/>") for line in inside.splitlines()]
    return "".join(line for line in lines if 'd="M0 0h24v24H0z"' not in line)


def write_if_changed(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8", newline="\n")


def manifest(tree: Tree) -> dict[str, dict[str, str]]:
    return json.loads(tree.manifest.read_text("utf-8")) if tree.manifest.is_file() else {}


def problems(tree: Tree) -> list[str]:
    """One line for each way in which ``vendor.json`` and ``icons.svg`` disagree with the rest of the checkout."""
    told, pins = manifest(tree), tree.pins()
    lines = [f"vendor.json: {name} is not a library LeadHub loads" for name in sorted(told.keys() - LIBRARIES.keys())]
    for name, (package, inside) in LIBRARIES.items():
        if told.get(name, {}).get("cdn") != f"{CDN}/{package}@{pins.get(package)}/{inside}":
            lines.append(f"vendor.json: {name} is not {package} {pins.get(package)} as in package.json")
    drawn = tree.sprite.read_text("utf-8") if tree.sprite.is_file() else ""
    if not drawn.startswith(sprite_head(pins[ICONS])):
        lines.append(f"icons.svg: not made from {ICONS} {pins[ICONS]} as in package.json")
    used, held = icons_used(tree), set(ICON_HELD.findall(drawn))
    lines += [f'icons.svg: lacks "{name}", used in {used[name].as_posix()}' for name in used if name not in held]
    lines += [f'icons.svg: holds "{name}", which no template uses' for name in sorted(held - used.keys())]
    return [f"{line}; run make assets" for line in lines]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
