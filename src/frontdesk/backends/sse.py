"""Server-sent events, of which only the data counts here.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import re
from collections.abc import Iterable, Iterator

_LINE = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a \r at the very end may be half of \r\n


def read_data(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each event that came whole."""
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
    """Lines by the three ends that there are; str.splitlines() knows more, which JSON may hold."""
    begun: list[bytes] = []  # joined once: a line may come byte by byte
    held = b""
    for chunk in chunks:
        *ends, rest = _LINE.split(held + chunk)
        for end in ends:
            yield b"".join([*begun, end])
            begun = []
        held = b"\r" if rest.endswith(b"\r") else b""
        begun.append(rest.removesuffix(b"\r"))
    if held:
        yield b"".join(begun)
