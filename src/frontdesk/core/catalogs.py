"""The catalogs of the texts that visitors read: one PO file per language under locale/.

The English texts are in the code, each with a key. A catalog has their translations, with the key
as the message's context, so that one English word can have two translations. The build compiles the
PO files (hatch_build.py).
"""

import functools
import gettext
from pathlib import Path

import frontdesk

SOURCE_LANGUAGE = "en"
DOMAIN = "visitors"
FOLDER = Path(frontdesk.__file__).parent / "locale"


@functools.cache
def languages() -> tuple[str, ...]:
    """The languages of visitors' texts, English first."""
    files = FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po")
    return (SOURCE_LANGUAGE, *sorted(file.parent.parent.name for file in files))


def translate(key: str, text: str, language: str) -> str:
    """The translation of an English text; the text itself if there is none.

    `language` is a tag without a region. Languages that are not in `languages()` get English.
    """
    if language not in languages()[1:]:
        return text
    return _catalog(language).pgettext(key, text)


@functools.cache
def _catalog(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, [language])
