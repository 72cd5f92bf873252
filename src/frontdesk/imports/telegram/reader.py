"""Reads an export as a stream, message by message, and never the whole file at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import ijson

from frontdesk.imports.errors import ImportFileError, shorten
from frontdesk.imports.source import Source
from frontdesk.imports.telegram.text import JsonText

_Events = Iterator[tuple[str, Any]]
_HEADER = ("name", "type", "id")


@dataclass
class Chat:
    """The header of a chat. Its fields may come after the messages; they are set when read."""

    index: int
    name: str = ""
    type: str = ""
    id: str = ""

    def set(self, field: str, value: object) -> None:
        if value is not None and not isinstance(value, dict | list | bool):
            setattr(self, field, str(value))

    def __str__(self) -> str:
        return f"“{shorten(self.name)}”" if self.name else f"chat {shorten(self.id)}".rstrip()


class Position(NamedTuple):
    """Where a message is in the export."""

    chat: Chat
    id: str
    """The message's id or, without one, "#" and its number from 1."""

    def __str__(self) -> str:
        return f"{self.chat} message {shorten(self.id, 24)}"


class ExportReader:
    """One pass over an export, from start to end.

    `owner` is the export's `personal_information`, once it has been read. Only exports of a whole
    account have it.
    """

    def __init__(self, source: Source) -> None:
        self.owner: dict[str, Any] = {}
        self._source = source
        self._chats = 0
        self._has_chats = False
        self._last: Position | None = None

    def messages(self) -> Iterator[tuple[Position, Any]]:
        """Every message of every chat, as it is in the file.

        Raises ImportFileError if this is not an export or, when it reaches the damage, if the file
        is damaged.
        """
        try:
            yield from self._export(ijson.basic_parse(JsonText(self._source)))
        except ijson.JSONError as error:
            raise ImportFileError(self._explain(_text(error))) from None
        except ImportFileError as error:
            raise ImportFileError(self._explain(str(error))) from None
        if not self._has_chats:
            raise ImportFileError(
                f"{self._source.name} is JSON, but not a Telegram export: it has neither “messages”"
                " nor “chats”"
            )

    def _export(self, events: _Events) -> Iterator[tuple[Position, Any]]:
        event, value = next(events)
        if event != "start_map":
            _skip(events, event)
            return
        single = Chat(-1)
        for key, event, value in _members(events):
            if key in ("chats", "left_chats"):
                yield from self._chat_list(events, event)
            elif key == "personal_information" and event == "start_map":
                self.owner = _build(events, event, value)
            else:
                yield from self._chat_member(events, single, key, event, value)

    def _chat_list(self, events: _Events, event: str) -> Iterator[tuple[Position, Any]]:
        """The value of `chats`: a mapping with the chats in its `list`."""
        if event != "start_map":
            _skip(events, event)
            return
        for key, event, _ in _members(events):
            if key != "list" or event != "start_array":
                _skip(events, event)
                continue
            self._has_chats = True
            for event, _ in _elements(events):
                if event == "start_map":
                    yield from self._chat(events)
                else:
                    _skip(events, event)

    def _chat(self, events: _Events) -> Iterator[tuple[Position, Any]]:
        chat = Chat(self._chats)
        self._chats += 1
        for key, event, value in _members(events):
            yield from self._chat_member(events, chat, key, event, value)

    def _chat_member(
        self, events: _Events, chat: Chat, key: str, event: str, value: Any
    ) -> Iterator[tuple[Position, Any]]:
        if key == "messages" and event == "start_array":
            self._has_chats = True
            for position, (event, value) in enumerate(_elements(events), start=1):
                message = _build(events, event, value)
                id_ = message.get("id") if isinstance(message, dict) else None
                known = isinstance(id_, int | str) and not isinstance(id_, bool) and id_ != ""
                self._last = Position(chat, str(id_) if known else f"#{position}")
                yield self._last, message
        elif key in _HEADER:
            chat.set(key, _build(events, event, value))
        else:
            _skip(events, event)

    def _explain(self, problem: str) -> str:
        name = self._source.name
        if self._last is None and not self._has_chats:
            return f"{name} is not a Telegram export: {problem}"
        after = f" after {self._last}" if self._last else ""
        return f"{name} is damaged{after}, before byte {self._source.position:,}: {problem}"


def _text(error: Exception) -> str:
    """ijson's message, which may be bytes, without the excerpt."""
    text = error.args[0] if error.args else ""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    if "premature EOF" in text:
        return "it ends in the middle, as if truncated"
    return "not JSON: " + text.partition("\n")[0]


# ijson's events are (event, value). The caller has read the first event of a value; these functions
# read the rest, so that the next event is the one after the value.


def _members(events: _Events) -> Iterator[tuple[str, str, Any]]:
    """Key and first event of each member of the mapping that was just opened."""
    for event, key in events:
        if event == "end_map":
            return
        yield (key, *next(events))


def _elements(events: _Events) -> Iterator[tuple[str, Any]]:
    """The first event of each element of the array that was just opened."""
    for event, value in events:
        if event == "end_array":
            return
        yield event, value


def _skip(events: _Events, event: str) -> None:
    depth = 1 if event in ("start_map", "start_array") else 0
    while depth:
        event, _ = next(events)
        if event in ("start_map", "start_array"):
            depth += 1
        elif event in ("end_map", "end_array"):
            depth -= 1


def _build(events: _Events, event: str, value: Any) -> Any:
    """The value as Python's dicts and lists, however deep."""
    if event not in ("start_map", "start_array"):
        return value
    root: Any = {} if event == "start_map" else []
    inner, key = root, ""
    outer: list[Any] = []
    for event, value in events:
        if event == "map_key":
            key = value
            continue
        if event in ("end_map", "end_array"):
            if not outer:
                break
            inner = outer.pop()
            continue
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
