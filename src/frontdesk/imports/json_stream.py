"""JSON read piece by piece, with ijson's events (event, value).

The caller has read the first event of a value. These functions read the rest, so that the next
event is the one after the value.
"""

import sys
from collections.abc import Iterator
from typing import Any

from frontdesk.imports.errors import ImportFileError

Events = Iterator[tuple[str, Any]]


def problem_of(error: Exception) -> str:
    """ijson's message, which may be bytes, without the excerpt."""
    text = error.args[0] if error.args else ""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    if "premature EOF" in text:
        return "it ends in the middle, as if truncated"
    return "not JSON: " + text.partition("\n")[0]


def members(events: Events) -> Iterator[tuple[str, str, Any]]:
    """Key and first event of each member of the mapping that was just opened."""
    for event, key in events:
        if event == "end_map":
            return
        yield (key, *next(events))


def elements(events: Events) -> Iterator[tuple[str, Any]]:
    """The first event of each element of the array that was just opened."""
    for event, value in events:
        if event == "end_array":
            return
        yield event, value


def skip(events: Events, event: str) -> None:
    depth = 1 if event in ("start_map", "start_array") else 0
    while depth:
        event, _ = next(events)
        if event in ("start_map", "start_array"):
            depth += 1
        elif event in ("end_map", "end_array"):
            depth -= 1


def build(events: Events, event: str, value: Any, max_values: int = sys.maxsize) -> Any:
    """The value as Python's dicts and lists, however deep.

    Raises ImportFileError if there are more than `max_values` values in it.
    """
    if event not in ("start_map", "start_array"):
        return value
    root: Any = {} if event == "start_map" else []
    inner, key = root, ""
    outer: list[Any] = []
    values = 0
    for event, value in events:
        if event == "map_key":
            key = value
            continue
        if event in ("end_map", "end_array"):
            if not outer:
                break
            inner = outer.pop()
            continue
        values += 1
        if values > max_values:
            raise ImportFileError(f"an object has more than {max_values:,} values")
        opened = event in ("start_map", "start_array")
        if opened:
            value = {} if event == "start_map" else []
        if type(inner) is dict:
            inner[key] = value
        else:
            inner.append(value)
        if opened:
            outer.append(inner)
            inner = value
    return root
