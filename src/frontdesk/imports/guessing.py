"""Which format a file has, as far as its start says it."""

import csv
import re
from pathlib import Path

from frontdesk.imports.archive import ZIP
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.lenient import field_of
from frontdesk.imports.source import open_source

START = 64 * 1024
"""Bytes that are looked at."""

_DATE = re.compile(rb"\A(?:\xe2\x80\x8e)?\[?\d{1,4}([./-])\d{1,2}\1\d{1,4},?\s[^\n]*:")
"""The first line of a chat of WhatsApp."""
_KEY = re.compile(rb'(?<!\\)"([A-Za-z_]{2,30})"\s*:')


_OF_JSON: tuple[tuple[str, tuple[set[str], ...]], ...] = (
    ("telegram", ({"from_id"}, {"personal_information"}, {"chats"})),
    ("jsonl", ({"externalId"},)),
    ("langsmith", ({"run_type"},)),
    ("chatgpt", ({"mapping"},)),
    ("discord", ({"guild", "channel"},)),
    ("langfuse", ({"input"}, {"output"}, {"traceId"}, {"observations"})),
    ("openai", ({"messages", "role"},)),
)
"""The formats of JSON, each with keys of which one set is there, at whatever depth; in order."""


def guess_format(path: Path) -> str:
    """The format's name, or empty if the file could be any or none of them."""
    try:
        with open_source(path) as source:
            start = source.read(START).removeprefix(b"\xef\xbb\xbf")
    except ImportFileError:
        return ""
    if start.startswith(ZIP):
        return _guess_archive(start)
    if _DATE.match(start):
        return "whatsapp"
    if start.lstrip()[:1] in (b"{", b"["):
        keys = {key.decode() for key in _KEY.findall(start)}
        return next((name for name, any_of in _OF_JSON if any(s <= keys for s in any_of)), "")
    return _guess_table(start)


def _guess_archive(start: bytes) -> str:
    """The names of its files stand before their contents."""
    if b"_chat.txt" in start or b"WhatsApp" in start:
        return "whatsapp"
    return "chatgpt" if b"conversations" in start else ""


def _guess_table(start: bytes) -> str:
    """A table with texts has messages; another one that names users has contacts."""
    header = start.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    delimiter = max(",;\t|", key=header.count)
    try:
        cells = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return ""
    means = set(map(field_of, cells))
    if {"text", "role"} <= means:
        return "csv"
    has_id = means & {"externalId", "messageId"}  # the latter is a column called "id"
    return "contacts" if has_id and means & {"name", "username", "email"} else ""
