"""Which column of a table is which field: by its name, or as the operator says."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from frontdesk.imports.errors import ImportFileError, shorten
from frontdesk.imports.lenient import fold
from frontdesk.imports.report import Report
from frontdesk.imports.tables.reading import Table

_MAX_NAMED = 20


@dataclass
class Columns:
    """Places of cells: by field, and of the columns that mean none, by their own names."""

    fields: dict[str, int]
    others: dict[str, int]

    def values(self, cells: list[str]) -> dict[str, str]:
        """The fields of a row, without empty ones. Only a text is as it stands in the cell."""
        found = {name: _cell(cells, place) for name, place in self.fields.items()}
        stripped = {name: cell.strip() for name, cell in found.items() if cell.strip()}
        return {**stripped, "text": found["text"]} if "text" in found else stripped

    def further(self, cells: list[str]) -> dict[str, str]:
        """The cells of the other columns, without empty ones."""
        found = {name: _cell(cells, place).strip() for name, place in self.others.items()}
        return {name: cell for name, cell in found.items() if cell}


def find_columns(
    table: Table,
    known: Collection[str],
    field_of: Callable[[str], str],
    mapped: Iterable[str],
) -> Columns:
    """What the columns mean. `field_of` gives the field of `known` that a name means, or "".

    `mapped` are the operator's words, each as ours=theirs, which come first. A column that has a
    field's own name keeps it; of several others that mean the same, the first does. Raises
    ImportFileError for words that name nothing.
    """
    fields = dict(_mapped(each, known, table) for each in mapped)
    taken = set(fields.values())
    names = {fold(name): name for name in known}
    exact = [(names.get(fold(name), ""), place) for place, name in enumerate(table.header)]
    hinted = [
        (field_of(name), place) for place, name in enumerate(table.header) if place not in taken
    ]
    for field, place in (*exact, *hinted):
        if field in known and field not in fields:
            fields[field] = place
    return Columns(fields, _others(table.header, set(fields.values())))


def _others(header: list[str], meant: set[int]) -> dict[str, int]:
    """The places of the other columns. One that repeats a name gets a number; no name stays one."""
    others: dict[str, int] = {}
    repeated: Counter[str] = Counter()
    for place, name in enumerate(header):
        if place in meant:
            continue
        repeated[name] += 1
        numbered = f"{name} ({repeated[name]})" if name and repeated[name] > 1 else name
        others.setdefault(numbered, place)
    return others


def require(table: Table, columns: Columns, needed: dict[str, str]) -> None:
    """Raises ImportFileError if a needed field (with its meaning) has no column."""
    missing = [name for name in needed if name not in columns.fields]
    if not missing:
        return
    what = "; ".join(f"{name} ({needed[name]})" for name in missing)
    raise ImportFileError(
        f"{table.name}: no column means {what}. The first row names the columns; here it is:"
        f" {named(table.header)}. Say which is which: --map {missing[0]}=COLUMN"
    )


def notice_unused(report: Report, names: Collection[str]) -> None:
    if names:
        report.notice(f"Columns that are not imported: {named(names)}. --map says what one means.")


def named(names: Collection[str]) -> str:
    shown = [shorten(name) or "(no name)" for name in [*names][:_MAX_NAMED]]
    return ", ".join([*shown, "…"] if len(names) > _MAX_NAMED else shown)


def _mapped(words: str, known: Collection[str], table: Table) -> tuple[str, int]:
    ours, _, theirs = words.partition("=")
    field = {fold(name): name for name in known}.get(fold(ours))
    if field is None or not theirs:
        raise ImportFileError(
            f"--map {shorten(words)}: say FIELD=COLUMN, with one of these fields:"
            f" {', '.join(known)}"
        )
    same = [place for place, name in enumerate(table.header) if name == theirs.strip()]
    alike = [place for place, name in enumerate(table.header) if fold(name) == fold(theirs)]
    places = same or (alike if fold(theirs) else [])
    if not places:
        raise ImportFileError(
            f"--map {shorten(words)}: {table.name} has no column {shorten(theirs)}, but"
            f" {named(table.header)}"
        )
    return field, places[0]


def _cell(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
