"""Collects the translatable texts in the catalogs under src/frontdesk/locale.

django.pot has the console's texts, for future translations; each language's visitors.po has the
texts for people who talk to agents. `--check` changes nothing and fails if a catalog is outdated.
"""

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

django.setup()  # some texts are in modules with models

from frontdesk.channels.words import PHRASES  # noqa: E402
from frontdesk.core.catalogs import DOMAIN, FOLDER, languages  # noqa: E402
from frontdesk.gate.texts import TEXTS  # noqa: E402

PACKAGE = FOLDER.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
WIDTH = 100


def main() -> int:
    files = {FOLDER / "django.pot": _text(_console())}
    for language in languages()[1:]:
        file = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        files[file] = _text(_visitors(file))
    stale = [file for file, text in files.items() if not _is(file, text)]
    if "--check" not in sys.argv[1:]:
        for file in stale:
            file.write_text(files[file], "utf-8")
        return 0
    for file in stale:
        print(f"{file.relative_to(PACKAGE)} is outdated: run `make messages`")
    return bool(stale)


def _console() -> Catalog:
    catalog = Catalog(project="Frontdesk", charset="utf-8")
    for path, text, context in sorted(_found(), key=lambda found: (str(found[0]), str(found[1]))):
        catalog.add(text, locations=[(path, 0)], context=context)
    return catalog


def _visitors(file: Path) -> Catalog:
    """The language's catalog with every current text, and no others."""
    with file.open("rb") as lines:
        known = read_po(lines)
    fresh = Catalog(locale=known.locale, charset="utf-8")
    for key, text in _texts_of_visitors():
        message = known.get(text, key)
        fresh.add(text, message.string if message else "", context=key)
    return fresh


def _texts_of_visitors() -> Iterator[tuple[str, str]]:
    for part, texts in (("chat", PHRASES), ("gate", TEXTS)):
        yield from ((f"{part}.{key}", text) for key, text in texts.items())


def _found() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for file in PACKAGE.rglob("*"):
        path = file.relative_to(PACKAGE.parent).as_posix()
        if file.suffix == ".py":
            source = file.read_text("utf-8")
        elif file.suffix in (".html", ".txt") and "templates" in file.parts:
            source = _as_python(file.read_text("utf-8"), path)
        else:
            continue
        for _, text, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            yield path, text, context


def _as_python(template: str, path: str) -> str:
    """The template's marked texts as calls, on lines that Python's tokenizer can read."""
    lines = templatize(template, origin=path).splitlines()
    return "\n".join(line.strip() for line in lines)


def _text(catalog: Catalog) -> str:
    """The catalog as a file, with no dates or names in the header, so that it is reproducible."""
    out = io.BytesIO()
    write_po(out, catalog, width=WIDTH, omit_header=True, include_lineno=False)
    return _header(catalog) + out.getvalue().decode()


def _header(catalog: Catalog) -> str:
    fields = ["Project-Id-Version: Frontdesk"]
    if catalog.locale:
        fields += [f"Language: {catalog.locale}", f"Plural-Forms: {catalog.plural_forms}"]
    fields += [
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    lines: Iterable[str] = (f'"{field}\\n"\n' for field in fields)
    return 'msgid ""\nmsgstr ""\n' + "".join(lines) + "\n"


def _is(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
