"""Which format a file has, as far as its start says it."""

import re
from pathlib import Path

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.source import open_source

START = 64 * 1024
"""Bytes that are looked at."""

_SIGNS = (
    (re.compile(rb'\A\s*\{.*?"(?:from_id|personal_information|chats)"\s*:', re.DOTALL), "telegram"),
    (re.compile(rb'\A\s*\{[^\n]*"externalId"\s*:'), "jsonl"),
    (re.compile(rb'\A\s*\{[^\n]*"messages"\s*:\s*\[[^\n]*"role"\s*:'), "openai"),
)


def guess_format(path: Path) -> str:
    """The format's name, or empty if the file could be any or none of them."""
    try:
        with open_source(path) as source:
            start = source.read(START).removeprefix(b"\xef\xbb\xbf")
    except ImportFileError:
        return ""
    return next((name for sign, name in _SIGNS if sign.search(start)), "")
