"""What a backend of any kind is asked, and what it answers with."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend


@dataclass(frozen=True)
class Turn:
    """One earlier message of the conversation."""

    role: Literal["user", "agent"]
    text: str
    time: dt.datetime


@dataclass(frozen=True)
class Asker:
    """The end user who asks, as the ledger knows them.

    `verified` says that the channel vouches for the id.
    """

    id: uuid.UUID
    platform: str
    external_id: str
    name: str = ""
    username: str = ""
    email: str = ""
    language: str = ""
    plan: str = ""
    tags: Sequence[str] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    verified: bool = False


@dataclass(frozen=True)
class Question:
    """An admitted message. `history` has the messages before it, oldest first.

    `session` identifies the session; it stays the same as long as no late messages come in.
    """

    agent: Agent
    backend: Backend
    asker: Asker
    session: str
    message_id: str
    text: str
    time: dt.datetime
    history: Sequence[Turn] = ()


@dataclass(frozen=True)
class Usage:
    """The usage of an answer. `cost` is in micro-dollars; None leaves it to the ledger's prices."""

    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost: int | None = None


class BackendError(Exception):
    """An answer that failed. The text is for operators: no secrets, and none of the person's words.

    `may_retry`: the same request may succeed soon, after `after` seconds if the server says so.
    """

    def __init__(self, text: str, *, may_retry: bool = False, after: float | None = None) -> None:
        super().__init__(text)
        self.may_retry = may_retry
        self.after = after


class CancelledError(Exception):
    """No one is waiting for the answer any longer."""


class Cancellation:
    """Ends an answer from another thread, even while it waits for its next word."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._close: Callable[[], None] | None = None

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Wake the thread that reads the answer. A second call does nothing."""
        with self._lock:
            self._cancelled.set()
            close, self._close = self._close, None
        if close is not None:
            close()

    def on_cancel(self, close: Callable[[], None] | None) -> None:
        """Call `close` on cancellation, or now if already cancelled; None removes it."""
        with self._lock:
            cancelled = self._cancelled.is_set()
            self._close = None if cancelled else close
        if cancelled and close is not None:
            close()

    def wait(self, seconds: float) -> bool:
        """Sleep until the time is over or the answer is cancelled; returns whether it is."""
        return self._cancelled.wait(seconds)
