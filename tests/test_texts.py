"""Every text that an operator or a visitor reads goes through gettext."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import frontdesk

PACKAGE = Path(frontdesk.__file__).parent
ROOT = PACKAGE.parent.parent

TEMPLATES = sorted(
    path
    for path in PACKAGE.rglob("*.html")
    if "templates" in path.parts and "api" not in path.parts
)
"""All but the page of the API's documentation, which developers read."""

ATTRIBUTES = {"aria-label", "aria-description", "title", "placeholder", "alt", "label"}
CODE = {"script", "style", "code", "pre", "kbd", "samp"}
NAMES = {"Frontdesk", "Telegram", "BotFather", "@BotFather", "OpenAI", "JSON", "CSV", "API", "URL"}
"""Proper names, and abbreviations that are the same in every language."""

_BLOCK = re.compile(r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}", re.DOTALL)
_TAG = re.compile(r"{%.*?%}", re.DOTALL)
_SILENT = re.compile(r"{#.*?#}|{{.*?}}", re.DOTALL)
_ENGLISH = re.compile(r"""["'](?:[A-Z][a-z]+|[A-Za-z]+,? [a-z])[^"']*["']""")
_MARKED = re.compile(r"""_\((["']).*?\1\)|\b(?:date|time):(["']).*?\2""")
_ENGLISH_FILTER = re.compile(r"\|\s*(pluralize|yesno:[\"'][A-Za-z ,]*[a-z]{3})")
_WORD = re.compile(r"[^\W\d_]{2,}")


class Texts(HTMLParser):
    """Gathers what stands in a page as text, or in an attribute that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in CODE
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in CODE

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.found.append(data)


def unmarked_in(template: str) -> Iterator[str]:
    """The texts of a template that no tag translates."""
    template = _BLOCK.sub(" ", template)
    for tag in _TAG.findall(template):
        if not re.match(r"{%\s*(translate|trans|load|url|static|extends|include\s+\S+\s*%)", tag):
            yield from (found[0] for found in _ENGLISH.finditer(_MARKED.sub(" ", tag)))
    for expression in re.findall(r"{[{%].*?[%}]}", template, re.DOTALL):
        if _ENGLISH_FILTER.search(expression):
            yield expression
    parser = Texts()
    parser.feed(_SILENT.sub(" ", _TAG.sub(" ", template)))
    parser.close()
    for text in parser.found:
        words = [word for word in _WORD.findall(text) if word not in NAMES]
        if words:
            yield " ".join(text.split())


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_a_template_marks_its_texts(template: Path) -> None:
    assert list(unmarked_in(template.read_text("utf-8"))) == []


def test_unmarked_texts_are_seen() -> None:
    assert list(
        unmarked_in('<p title="A title">{% translate "x" %} text {{ n|pluralize }}</p>')
    ) == [
        "{{ n|pluralize }}",
        "A title",
        "text",
    ]
    assert list(unmarked_in('{% badge "No plan" %}{% badge _("No plan") %}')) == ['"No plan"']


READ = ("console", "people", "gate", "agents", "accounts", "analytics", "backends", "channels")
"""Folders whose strings people read; those of ledger/, api/, imports/ and commands/ are read by
programs and administrators, except for errors that pages show (`ledger/linking.py`)."""

KEYWORDS = {"label", "help_text", "title", "definition", "empty_label"}
CALLS: dict[str, int | tuple[int, ...]] = {
    # name of the function or class: the place of its text, or the places of its texts
    "ValidationError": 0,
    "ActionError": 1,
    "BackendError": 0,
    "LinkError": 0,
    "ViewError": 0,
    "Http404": 0,
    "close_sheet": 2,
    "go_to": 2,
    "success": 1,
    "warning": 1,
    "Problem": 1,
    # analytics
    "Block": (1, 2),
    "ReportBlock": (1, 2),
    "Meaning": (0, 3),
    "Head": 0,
    "Series": 0,
    "Change": 0,
    "Language": 0,
    "AgentRow": 0,
    "_series": 0,
    "_rolling": 2,
    "_corner": 0,
    "_sort_head": (2, 3),
}


def unmarked_strings(source: str) -> Iterator[str]:
    """The literal strings at places where people will read them."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        places = CALLS.get(name, ())
        read = [keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS]
        for place in (places,) if isinstance(places, int) else places:
            read += node.args[place : place + 1]
        yield from (f"line {each.lineno}: {ast.unparse(each)}" for each in read if _is_text(each))


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(_WORD.search(node.value))
    return isinstance(node, ast.JoinedStr)


@pytest.mark.parametrize("folder", READ)
def test_python_marks_what_people_read(folder: str) -> None:
    assert list(unmarked_in_python(sorted((PACKAGE / folder).rglob("*.py")))) == []


def test_errors_of_linking_are_marked() -> None:
    assert list(unmarked_in_python([PACKAGE / "ledger" / "linking.py"])) == []


def unmarked_in_python(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        if "migrations" not in file.parts:
            for text in unmarked_strings(file.read_text("utf-8")):
                yield f"{file.relative_to(PACKAGE)} {text}"


def test_unmarked_strings_are_seen() -> None:
    source = 'raise ActionError("field", f"No {x}")\nField(label="Name", help_text=_("Help"))'
    assert list(unmarked_strings(source)) == ["line 1: f'No {x}'", "line 2: 'Name'"]


def test_the_catalogs_hold_every_text() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "frontdesk.config.settings"}
    command = [sys.executable, "scripts/messages.py", "--check"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
