"""The worked examples of docs/development name files that exist, and few of them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "docs/development").glob("add-*.md"))
MAX_FILES = 5
_PATH = re.compile(r"- `([\w./-]+/[\w.-]+)`")
_FIRST_LIST = re.compile(r"(?:^- .*\n)+", re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_file_that_is_named_exists(example: Path) -> None:
    named = _PATH.findall(example.read_text("utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_everyday_change_touches_few_files(example: Path) -> None:
    """The first list has the files to touch; tests and migrations come on top."""
    first = _FIRST_LIST.search(example.read_text("utf-8"))
    assert first
    named = _PATH.findall(first[0])
    assert named
    touched = [path for path in named if not re.search(r"^tests/|/migrations/", path)]
    assert len(touched) <= MAX_FILES


def test_the_examples_are_listed() -> None:
    listed = set(re.findall(r"\((add-[\w-]+\.md)\)", _read("docs/development/README.md")))
    assert {example.name for example in EXAMPLES} <= listed


def _read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")
