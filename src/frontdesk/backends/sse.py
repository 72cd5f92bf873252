"""Reads the data of server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import re
from collections.abc import Iterable, Iterator

_LINE = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a \r at the very end may be half of \r\n


def read_data(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each complete event."""
    data: list[bytes] = []
    for line in _lines(chunks):
        if not line:
            if data:
                yield b"\n".join(data)
            data = []
            continue
        name, _, value = line.partition(b":")
        if name == b"data":
            data.append(value.removeprefix(b" "))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines by the format's three line ends; str.splitlines() knows more, which JSON may have."""
    parts: list[bytes] = []  # joined once: a line may arrive byte by byte
    held = b""
    for chunk in chunks:
        *ends, rest = _LINE.split(held + chunk)
        for end in ends:
            yield b"".join([*parts, end])
            parts = []
        held = b"\r" if rest.endswith(b"\r") else b""
        parts.append(rest.removesuffix(b"\r"))
    if held:
        yield b"".join(parts)
