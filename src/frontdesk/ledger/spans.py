"""Gap sessions as time ranges: pure functions, no database.

A gap session is a maximal run of messages of one end user in one chat in which no two consecutive
messages are further apart than the timeout or separated by a boundary. A boundary separates the
messages before it, by time and position, from itself and those after it.
"""

import datetime as dt
import uuid
from collections.abc import Iterable

import msgspec

from frontdesk.ledger.figures import Figures

_SECOND = dt.timedelta(seconds=1)


class Span(msgspec.Struct, gc=False):
    """A session, or one message to be joined into a session (then without an id)."""

    first: dt.datetime
    last: dt.datetime
    boundary: bool
    figures: Figures
    id: uuid.UUID | None = None
    position: int = 0
    replaces: str = ""
    """The key of the message, when it has another position than in the database."""

    @property
    def start(self) -> tuple[dt.datetime, int]:
        """The time and position of its first message."""
        return self.first, self.position

    @property
    def seconds(self) -> int:
        """The whole seconds from the first to the last message."""
        return (self.last - self.first) // _SECOND

    def state(self) -> tuple[object, ...]:
        return self.first, self.position, self.last, self.boundary, self.figures


def join(spans: Iterable[Span], timeout: dt.timedelta) -> list[Span]:
    """The sessions that these ranges form together; each keeps the first id among its ranges.

    No boundary may lie inside a range after its start: split such a range first.
    """
    sessions: list[Span] = []
    # At equal places a boundary comes first: other messages then belong to the session it starts.
    for span in sorted(spans, key=lambda span: (span.first, span.position, not span.boundary)):
        current = sessions[-1] if sessions else None
        if current is not None and _joins(current, span, timeout):
            current.last = max(current.last, span.last)
            current.figures = current.figures.plus(span.figures)
            current.id = current.id or span.id
        else:
            sessions.append(msgspec.structs.replace(span))
    return sessions


def clusters(
    times: Iterable[dt.datetime], timeout: dt.timedelta
) -> list[tuple[dt.datetime, dt.datetime]]:
    """The ranges around these times that may touch sessions: each time ± timeout, joined."""
    ranges: list[tuple[dt.datetime, dt.datetime]] = []
    for time in sorted(times):
        if ranges and time - timeout <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], time + timeout)
        else:
            ranges.append((time - timeout, time + timeout))
    return ranges


def _joins(current: Span, span: Span, timeout: dt.timedelta) -> bool:
    if span.boundary and span.start > current.start:
        return False
    return span.first - current.last <= timeout
