"""Server-sent events, however they are split in transit."""

import time

from hypothesis import example, given
from hypothesis import strategies as st

from frontdesk.backends.sse import read_data

lines = st.sampled_from([b"data: a", b"data:b", b"event: x", b": ping", b""])
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])
streams = st.lists(st.tuples(lines, ends).map(b"".join)).map(b"".join)


@given(streams, st.lists(st.integers(1, 5)))
@example(b"data: a\r\n\r\ndata: b\r\r", [8, 1, 1, 1])
def test_the_events_are_the_same_however_the_stream_is_split(
    stream: bytes, sizes: list[int]
) -> None:
    chunks, rest = [], stream
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    assert list(read_data([*chunks, rest])) == list(read_data([stream]))


def test_a_long_line_that_comes_byte_by_byte_takes_no_longer() -> None:
    started = time.monotonic()
    line = b"data: " + b"x" * 200_000 + b"\n\n"
    (data,) = read_data(line[at : at + 1] for at in range(len(line)))
    assert len(data) == 200_000
    assert time.monotonic() - started < 5  # joined to what is there each time, it was minutes
