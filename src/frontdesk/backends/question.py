"""What a backend is asked, and what it answers with, whichever kind it is."""

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
    """One earlier message of the dialogue."""

    role: Literal["user", "agent"]
    text: str
    time: dt.datetime


@dataclass(frozen=True)
class Asker:
    """The end user who asks, as the ledger knows them.

    `verified`: the channel vouches for the id.
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
    """An admitted message. `history` has the messages before it, the oldest first.

    `session` names the session; it stays the same as long as no late messages come in.
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
    """What an answer took. `cost` is in micro-dollars; None leaves it to the price list."""

    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost: int | None = None


class BackendError(Exception):
    """An answer that failed. The text is for operators: no secret, and nothing of the person's.

    `may_retry`: the same request may succeed in a moment; `after` seconds, when the server said so.
    """

    def __init__(self, text: str, *, may_retry: bool = False, after: float | None = None) -> None:
        super().__init__(text)
        self.may_retry = may_retry
        self.after = after


class CancelledError(Exception):
    """No one waits for the answer any more."""


class Cancellation:
    """Ends an answer from another thread, also one that waits for its next word."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._close: Callable[[], None] | None = None

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Wake whoever reads the answer; a second time does nothing."""
        with self._lock:
            self._cancelled.set()
            close, self._close = self._close, None
        if close is not None:
            close()

    def on_cancel(self, close: Callable[[], None] | None) -> None:
        """Call this when the answer is cancelled, at once where it is already; None: no longer."""
        with self._lock:
            cancelled = self._cancelled.is_set()
            self._close = None if cancelled else close
        if cancelled and close is not None:
            close()

    def wait(self, seconds: float) -> bool:
        """Sleep, unless it is cancelled; returns whether it is."""
        return self._cancelled.wait(seconds)
