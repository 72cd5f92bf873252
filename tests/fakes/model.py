"""A model behind an OpenAI-compatible API that streams to hundreds at once, at a steady pace.

`python -m tests.fakes.model PORT --pieces 40 --seconds 2` runs it alone. It answers with the
question and then counts, which shows when an answer went to the wrong person.
"""

import argparse
import asyncio
import json
from collections import Counter
from typing import Any

NAME = "paced"


def answer_to(question: str, pieces: int) -> str:
    """The whole answer to a question."""
    return "".join(_pieces(question, pieces))


class Model:
    """Streams this many pieces of text over this many seconds; `asked` counts each question.

    While `may_go_on` is not set, an answer stops after its first piece.
    """

    def __init__(self, pieces: int, seconds: float) -> None:
        self.pieces, self.seconds = pieces, seconds
        self.asked: Counter[str] = Counter()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def serve(self, port: int) -> asyncio.Server:
        """Answer on this port of 127.0.0.1 from now on."""
        return await asyncio.start_server(self._answer, "127.0.0.1", port, backlog=1024)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while body := await _read_body(reader):
                question = json.loads(body)["messages"][-1]["content"]
                self.asked[question] += 1
                await self._stream(question, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    async def _stream(self, question: str, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        started = asyncio.get_running_loop().time()
        for number, text in enumerate(_pieces(question, self.pieces), 1):
            _write(writer, _chunk({"content": text}))
            await writer.drain()
            await self.may_go_on.wait()
            due = started + number * self.seconds / self.pieces
            await asyncio.sleep(due - asyncio.get_running_loop().time())
        _write(writer, _chunk({}, "stop"))
        tokens = {"prompt_tokens": 100, "completion_tokens": self.pieces, "total_tokens": 0}
        _write(writer, {**_chunk({}), "choices": [], "usage": tokens})
        end = b"data: [DONE]\n\n"
        writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(end), end))
        await writer.drain()


def _pieces(question: str, pieces: int) -> list[str]:
    return [f"{question}:", *(f" {number}" for number in range(2, pieces + 1))]


def _chunk(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": NAME,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _write(writer: asyncio.StreamWriter, event: dict[str, Any]) -> None:
    line = f"data: {json.dumps(event)}\n\n".encode()
    writer.write(b"%x\r\n%b\r\n" % (len(line), line))


async def _read_body(reader: asyncio.StreamReader) -> bytes:
    """The body of the next request; empty when there is none."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return await reader.readexactly(int(value))
    return b""


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    server = await Model(options.pieces, options.seconds).serve(options.port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
