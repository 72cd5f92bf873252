"""Reads an export as a stream, message by message, and never the whole file at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import ijson

from frontdesk.imports.errors import ImportFileError, shorten
from frontdesk.imports.json_stream import Events, build, elements, members, problem_of, skip
from frontdesk.imports.json_text import JsonText
from frontdesk.imports.source import Source

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
            raise ImportFileError(self._explain(problem_of(error))) from None
        except ImportFileError as error:
            raise ImportFileError(self._explain(str(error))) from None
        if not self._has_chats:
            raise ImportFileError(
                f"{self._source.name} is JSON, but not a Telegram export: it has neither “messages”"
                " nor “chats”"
            )

    def _export(self, events: Events) -> Iterator[tuple[Position, Any]]:
        event, value = next(events)
        if event != "start_map":
            skip(events, event)
            return
        single = Chat(-1)
        for key, event, value in members(events):
            if key in ("chats", "left_chats"):
                yield from self._chat_list(events, event)
            elif key == "personal_information" and event == "start_map":
                self.owner = build(events, event, value)
            else:
                yield from self._chat_member(events, single, key, event, value)

    def _chat_list(self, events: Events, event: str) -> Iterator[tuple[Position, Any]]:
        """The value of `chats`: a mapping with the chats in its `list`."""
        if event != "start_map":
            skip(events, event)
            return
        for key, event, _ in members(events):
            if key != "list" or event != "start_array":
                skip(events, event)
                continue
            self._has_chats = True
            for event, _ in elements(events):
                if event == "start_map":
                    yield from self._chat(events)
                else:
                    skip(events, event)

    def _chat(self, events: Events) -> Iterator[tuple[Position, Any]]:
        chat = Chat(self._chats)
        self._chats += 1
        for key, event, value in members(events):
            yield from self._chat_member(events, chat, key, event, value)

    def _chat_member(
        self, events: Events, chat: Chat, key: str, event: str, value: Any
    ) -> Iterator[tuple[Position, Any]]:
        if key == "messages" and event == "start_array":
            self._has_chats = True
            for position, (event, value) in enumerate(elements(events), start=1):
                message = build(events, event, value)
                id_ = message.get("id") if isinstance(message, dict) else None
                known = isinstance(id_, int | str) and not isinstance(id_, bool) and id_ != ""
                self._last = Position(chat, str(id_) if known else f"#{position}")
                yield self._last, message
        elif key in _HEADER:
            chat.set(key, build(events, event, value))
        else:
            skip(events, event)

    def _explain(self, problem: str) -> str:
        name = self._source.name
        if self._last is None and not self._has_chats:
            return f"{name} is not a Telegram export: {problem}"
        after = f" after {self._last}" if self._last else ""
        return f"{name} is damaged{after}, before byte {self._source.position:,}: {problem}"
