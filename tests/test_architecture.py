"""The layers of docs/architecture.md: a folder imports only from folders above it in the list."""

import ast
from collections.abc import Iterator
from pathlib import Path

import frontdesk

PACKAGE = Path(frontdesk.__file__).parent
LAYERS = (
    "core",
    "config",
    "audit",
    "agents",
    "accounts",
    "ledger",
    "gate",
    "people",
    "analytics",
    "backends",
    "channels",
    "api",
    "imports",
    "console",
    "demo",
    "commands",
)


def test_a_folder_imports_only_from_folders_above_it() -> None:
    upward = [
        f"{file.relative_to(PACKAGE)}:{line} imports {module}"
        for layer, name in enumerate(LAYERS)
        for file in (PACKAGE / name).rglob("*.py")
        for line, module in imported(file)
        if module.split(".")[1] not in LAYERS[: layer + 1]
    ]
    assert not upward


def test_the_list_names_every_folder() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(LAYERS)


def test_only_the_dialect_asks_which_database_it_is() -> None:
    asking = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if "connection.vendor" in file.read_text() and "migrations" not in file.parts
    ]
    assert asking == ["core/sql/dialect.py"]


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Every import of ours in the file, those inside functions too, with its line."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} is a relative import"
            modules = [node.module or ""]
            if node.module == "frontdesk":
                modules = [f"frontdesk.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name) for name in modules if name.startswith("frontdesk."))


MAX_FUNCTION, MAX_FILE, MAX_TEMPLATE_LINE = 40, 400, 140
"""Lines of a function and of a file; characters of a template's line."""


def test_functions_and_files_are_short() -> None:
    files = [file for file in PACKAGE.rglob("*.py") if "migrations" not in file.parts]
    long = [
        f"{file.relative_to(PACKAGE)}: {len(lines)} lines"
        for file in files
        if len(lines := file.read_text("utf-8").splitlines()) > MAX_FILE
    ]
    long += [
        f"{file.relative_to(PACKAGE)}:{node.lineno} {node.name}: {length} lines"
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION
    ]
    assert not long


def test_the_lines_of_templates_are_short() -> None:
    templates = [file for file in PACKAGE.rglob("*.html") if "templates" in file.parts]
    long = [
        f"{file.relative_to(PACKAGE)}:{number}: {len(line)} characters"
        for file in templates
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if len(line) > MAX_TEMPLATE_LINE
    ]
    assert templates
    assert not long
