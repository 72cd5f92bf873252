"""Simulates hundreds of people in the web chat, in one thread, with their browsers' requests."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from tests.fakes.model import NAME


@dataclass
class Exchange:
    """The result of one request for an answer; `end` is the last event's name, "" if it broke off.

    Times are from `perf_counter`; `first` is the time of the first piece of text.
    """

    started: float = field(default_factory=perf_counter)
    first: float | None = None
    ended: float = 0
    end: str = ""
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def add(self, piece: str) -> None:
        self.first = self.first or perf_counter()
        self.text += piece


class ChatClient:
    """One visitor of the agent's chat on the server at this port."""

    def __init__(self, port: int, agent: str) -> None:
        self.port, self._base = port, f"/chat/{agent}"
        self.token = ""
        self.exchange = Exchange()
        """The latest one."""

    async def arrive(self) -> None:
        """Become a visitor, or return as the same one."""
        known = {"token": self.token} if self.token else {}
        visitor = await self._get("POST", "/visitor", {"language": "en", **known})
        self.token = visitor["token"]

    async def ask(self, text: str, message: uuid.UUID, **more: Any) -> Exchange:
        """Send a message, and follow its answer until the end or until the connection breaks."""
        exchange = self.exchange = Exchange()
        body = {"id": str(message), "text": text, **more}
        try:
            async with self._request("POST", "/messages", body) as response:
                if response.status != 200:
                    exchange.end, exchange.data = f"status {response.status}", await response.json()
                else:
                    await self._follow(response, exchange)
        except (OSError, asyncio.IncompleteReadError):
            exchange.end = ""
        exchange.ended = perf_counter()
        return exchange

    async def history(self) -> list[dict[str, Any]]:
        """The messages that the page shows when the visitor returns."""
        messages: list[dict[str, Any]] = (await self._get("GET", "/messages"))["messages"]
        return messages

    async def _follow(self, response: "_Response", exchange: Exchange) -> None:
        async for event, data in response.events():
            exchange.end, exchange.data = event, json.loads(data)
            if event == "delta":
                exchange.add(exchange.data["text"])

    async def _get(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with self._request(method, path, body) as response:
            answer = await response.json()
            if response.status != 200:
                raise RuntimeError(f"{method} {path} was answered {response.status}: {answer}")
            return answer

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return _request(self.port, method, self._base + path, body, self.token)


async def ask_model(port: int, text: str) -> Exchange:
    """Ask tests.fakes.model itself."""
    exchange = Exchange()
    body = {"model": NAME, "stream": True, "messages": [{"role": "user", "content": text}]}
    async with _request(port, "POST", "/v1/chat/completions", body) as response:
        async for _, data in response.events():
            if data != "[DONE]":
                for choice in json.loads(data)["choices"]:
                    exchange.add(choice["delta"].get("content", ""))
    exchange.ended = perf_counter()
    return exchange


@dataclass
class _Response:
    status: int
    is_chunked: bool
    reader: asyncio.StreamReader

    async def json(self) -> Any:
        return json.loads(b"".join([piece async for piece in self._pieces()]))

    async def events(self) -> AsyncIterator[tuple[str, str]]:
        """Name and data of each server-sent event; comments are skipped."""
        rest = b""
        async for piece in self._pieces():
            *blocks, rest = (rest + piece).split(b"\n\n")
            for block in blocks:
                lines = [line for line in block.decode().splitlines() if not line.startswith(":")]
                found = dict(line.split(": ", 1) for line in lines)
                if found:
                    yield found.get("event", ""), found["data"]

    async def _pieces(self) -> AsyncIterator[bytes]:
        """Raises IncompleteReadError if the chunks break off."""
        if not self.is_chunked:
            yield await self.reader.read()
            return
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield (await self.reader.readexactly(size + 2))[:-2]


@asynccontextmanager
async def _request(
    port: int, method: str, path: str, body: dict[str, Any] | None = None, token: str = ""
) -> AsyncIterator[_Response]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            *([f"Authorization: Bearer {token}"] if token else []),
        ]
        writer.write("\r\n".join([*lines, "\r\n"]).encode() + content)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        is_chunked = "transfer-encoding: chunked" in head
        yield _Response(int(head.split()[1]), is_chunked, reader)
    finally:
        writer.close()
