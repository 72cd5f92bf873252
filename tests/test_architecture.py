"""The rooms of docs/architecture.md: no lower part imports a higher one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import frontdesk

PACKAGE = Path(frontdesk.__file__).parent
FLOORS = {
    "accounts": 0,
    "agents": 0,
    "ledger": 1,
    "gate": 2,
    "people": 3,
    "analytics": 4,
    "backends": 3,
    "channels": 4,
    "api": 4,
    "imports": 4,
    "demo": 4,
    "console": 5,
    "commands": 5,
    "cli": 6,
}
"""Rooms by their floor; config is beside the house."""

PAGES = {"views", "urls", "forms", "templatetags", "apps", "middleware", "commands"}
"""Modules that make pages or commands stand on the top floor, whichever room they are kept in;
`bulk_views` and the like are among them."""

PAGE_PARTS = {
    "agents/acts.py": "what operators do to an agent, which may be about all of its users",
    "agents/overview.py": "the figures on the agents' cards",
    "agents/usage.py": "the numbers beside plans and tags in the settings",
    "analytics/blocks/platforms.py": "platforms by their names",
    "backends/trial.py": "the settings' Try it, which has a question answered as channels do",
    "people/profiles/profile.py": "the figures at the head of a profile",
    "people/table/chips.py": "the list's filters in words",
    "people/table/listing.py": "links and words around the Users table",
}
"""Parts of pages that are kept in files of their own."""


def test_no_lower_part_imports_a_higher_one() -> None:
    upward = [
        f"{file.relative_to(PACKAGE)} imports {module}"
        for file in PACKAGE.rglob("*.py")
        for module in imported(file)
        if floor_of(file) < FLOORS.get(module.split(".")[1], -1)
    ]
    assert not upward


def test_every_room_has_a_floor() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("_")}
    assert rooms - {"config", "py"} <= FLOORS.keys()


def floor_of(file: Path) -> int:
    place = file.relative_to(PACKAGE)
    if place.as_posix() in PAGE_PARTS or PAGES & {*place.parts, file.stem.rpartition("_")[2]}:
        return max(FLOORS.values())
    return FLOORS.get(place.parts[0].removesuffix(".py"), max(FLOORS.values()))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.startswith("frontdesk."))
