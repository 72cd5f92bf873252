"""The documents point at what exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    local = [target for target in targets if "://" not in target and not target.startswith("/")]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document: Path) -> None:
    """`ledger/record.py` and the like: a file that moved takes its mention along."""
    names = re.findall(r"`((?:[\w-]+/)+[\w.-]+\.(?:py|sh|md|toml|html))`", document.read_text())
    places = [ROOT, ROOT / "src" / "frontdesk", ROOT / "src"]
    assert [name for name in names if not any((place / name).exists() for place in places)] == []
