"""Files of JSON objects: an array, one object per line, or a list inside of an object."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import ijson

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.json_stream import Events, build, elements, members, problem_of
from frontdesk.imports.json_text import JsonText
from frontdesk.imports.source import Source

MAX_RECORD = 64 * 1024 * 1024
"""In bytes of JSON."""
MAX_VALUES = 2_000_000


class Record(NamedTuple):
    """One object of the file.

    `outer` has the other members of the object with the list; those after it come when it is read.
    """

    number: int
    value: Any
    outer: dict[str, Any]

    def __str__(self) -> str:
        return f"record {self.number:,}"


class RecordReader:
    """One pass over a file. `lists` names the members of an object that are lists of records.

    An object without such a list is a record itself.
    """

    def __init__(self, source: Source, lists: Collection[str], what: str) -> None:
        self._source = source
        self._lists = lists
        self._what = what
        self._text = JsonText(source, MAX_RECORD)
        self._number = 0

    def records(self) -> Iterator[Record]:
        """Raises ImportFileError for a file that is not JSON, or, when it reaches it, damage."""
        try:
            yield from self._values(ijson.basic_parse(self._text, multiple_values=True))
        except ijson.JSONError as error:
            raise ImportFileError(self._explain(problem_of(error))) from None
        except ImportFileError as error:
            raise ImportFileError(self._explain(str(error))) from None

    def _values(self, events: Events) -> Iterator[Record]:
        for event, value in events:
            if event == "start_array":
                for inner, item in elements(events):
                    yield self._record(events, inner, item, {})
            elif event == "start_map":
                yield from self._object(events)
            else:
                yield self._record(events, event, value, {})

    def _object(self, events: Events) -> Iterator[Record]:
        """The records of the lists in an object or, if it has none, the object."""
        whole: dict[str, Any] = {}
        has_list = False
        for key, event, value in members(events):
            self._text.begin()
            if key in self._lists and event == "start_array":
                has_list = True
                for inner, item in elements(events):
                    yield self._record(events, inner, item, whole)
            else:
                whole[key] = build(events, event, value, MAX_VALUES)
        if not has_list:
            self._number += 1
            yield Record(self._number, whole, {})

    def _record(self, events: Events, event: str, value: Any, outer: dict[str, Any]) -> Record:
        self._text.begin()
        self._number += 1
        return Record(self._number, build(events, event, value, MAX_VALUES), outer)

    def _explain(self, problem: str) -> str:
        name = self._source.name
        if not self._number:
            problem = "it is empty" if self._source.size == 0 else problem
            return f"{name} is not {self._what}: {problem}"
        return (
            f"{name} is damaged in or after record {self._number:,},"
            f" before byte {self._source.position:,}: {problem}"
        )
