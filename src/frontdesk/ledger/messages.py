"""The versions of one message: what an event with a known id may change, and what it may not."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import itemgetter

import msgspec

from frontdesk.core.sql import bulk
from frontdesk.ledger.details import NO_USE, Use, use_of
from frontdesk.ledger.events import Event, Outcome, is_from_sequence, position_of
from frontdesk.ledger.figures import NOTHING, Figures, of_message
from frontdesk.ledger.models import NEVER, Message
from frontdesk.ledger.own_prices import OwnPrices
from frontdesk.ledger.pricing import price

ChangedMessages = Mapping[uuid.UUID, Sequence["MessageState"]]
"""The new and changed messages, by end user."""

RECORDED = Outcome("recorded")
DUPLICATE = Outcome("duplicate")
SUPERSEDED = Outcome("duplicate", "a newer edit of this message is known")

COLUMNS = (
    "sent_at position role chat session_id new_session text edited_at"
    " model input_tokens output_tokens cached_tokens cost cost_given latency_ms failed error"
    " redacted"
).split()
_KINDS = (
    "timestamptz int text text text bool text timestamptz text int int int int bool int bool text"
    " bool"
).split()


class MessageState(msgspec.Struct, gc=False):
    """A message as it is, or will be, in its row. The fields are its key and `COLUMNS`, in order.

    `added` is what this batch adds to every sum because of it, `used` its usage before the batch,
    `is_moved` whether its position changed, by which it may come into another session.
    A Struct, because there is one for every event: it is created in a fifth of a dataclass's time,
    and the garbage collector skips it.
    """

    key: str
    sent_at: dt.datetime
    position: int
    role: str
    chat: str
    session_id: str
    new_session: bool
    text: str
    edited_at: dt.datetime | None
    model: str
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    cost: int | None
    cost_given: bool
    latency_ms: int | None
    failed: bool
    error: str
    redacted: bool = False
    is_new: bool = True
    is_changed: bool = False
    is_moved: bool = False
    before: Figures = NOTHING
    added: Figures = NOTHING
    used: Use = NO_USE
    own_prices: OwnPrices | None = None

    @classmethod
    def of(cls, key: str, event: Event) -> "MessageState":
        """The message as its first event describes it."""
        state = cls(
            key,
            event.time,
            position_of(event),
            event.role,
            event.chat,
            event.session_id or "",
            event.new_session,
            event.text,
            event.edited_at,
            event.model or "",
            event.input_tokens,
            event.output_tokens,
            event.cached_tokens,
            event.cost,
            event.cost is not None,
            event.latency_ms,
            event.failed,
            event.error or "",
        )
        state.set_price()
        state.added = state.figures()
        return state

    def row(self) -> tuple[object, ...]:
        """The key, then the values of `COLUMNS`."""
        return msgspec.structs.astuple(self)[: 1 + len(COLUMNS)]

    def figures(self) -> Figures:
        """What this message adds to every sum."""
        return of_message(self.role, self.cost, self.has_usage, self.failed)

    def use(self) -> Use:
        """What this message adds to its model's usage."""
        return use_of(self.model, self.cost, self.has_usage)

    @property
    def has_usage(self) -> bool:
        return bool(self.model) or self.input_tokens is not None or self.output_tokens is not None

    def use_prices(self, own: OwnPrices) -> None:
        """Price a new message by the operator's own prices."""
        self.own_prices = own
        self.set_price()
        self.added = self.figures()

    def set_price(self) -> None:
        """What is not given follows from the tokens, by the prices of this moment."""
        if not self.cost_given:
            tokens = self.input_tokens, self.output_tokens, self.cached_tokens
            own = self.own_prices.rates(self.model) if self.own_prices else None
            self.cost = price(self.model, self.sent_at, *tokens, own)

    def apply(self, event: Event) -> Outcome:
        """Apply another event with this message's id. The newest edit determines the text.

        Time, role, session and usage (the skeleton) are the same in all versions; usage that one
        version leaves out is filled in from another. A text that is not kept cannot be compared,
        and no edit brings it back.
        """
        if self.redacted:
            event = msgspec.structs.replace(event, text="", error=None)
        differing = self._differing_skeleton(event)
        if differing:
            return Outcome("conflict", f"this message is known with another {differing}")
        mine, theirs = self.edited_at or NEVER, event.edited_at or NEVER
        if mine == theirs and event.text != self.text:
            return Outcome("conflict", "this message is known with another text")
        if mine == theirs == NEVER and self._usage() != _usage(event):
            return Outcome("conflict", "known with another usage")
        self._settle_position(event)
        if mine == theirs == NEVER:
            return DUPLICATE
        filled = self._fill_usage(event)
        if theirs > mine:
            self.text, self.edited_at, self.is_changed = event.text, event.edited_at, True
            return RECORDED
        if filled:
            return RECORDED
        return DUPLICATE if mine == theirs else SUPERSEDED

    def _usage(self) -> dict[str, str | int | None]:
        return {
            "model": self.model or None,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cached_tokens": self.cached_tokens,
            "cost": self.cost if self.cost_given else None,
            "latency_ms": self.latency_ms,
            "failed": self.failed or None,
            "error": self.error or None,
        }

    def _differing_skeleton(self, event: Event) -> str | None:
        for name, mine, theirs in (
            ("time", self.sent_at, event.time),
            ("role", self.role, event.role),
            ("chat", self.chat, event.chat),
            ("sessionId", self.session_id, event.session_id or ""),
            ("newSession", self.new_session, event.new_session),
        ):
            if mine != theirs:
                return name
        position = position_of(event)
        both_given = is_from_sequence(position) and is_from_sequence(self.position)
        if both_given and position != self.position:
            return "sequence"
        theirs_by_name = _usage(event)
        for name, value in self._usage().items():
            other = theirs_by_name[name]
            if value is not None and other is not None and value != other:
                return "usage"
        return None

    def _settle_position(self, event: Event) -> None:
        """The position is that of the version with a `sequence`, if there is one.

        A message that was recorded when positions were not kept gets its own here.
        """
        position = position_of(event)
        if position == self.position:
            return
        if is_from_sequence(position) or not is_from_sequence(self.position):
            self.position = position
            self.is_moved = self.is_changed = True

    def _fill_usage(self, event: Event) -> bool:
        mine = self._usage()
        missing = {n: v for n, v in _usage(event).items() if v is not None and mine[n] is None}
        for name, value in missing.items():
            setattr(self, name, value)
        if missing:
            self.cost_given = self.cost_given or "cost" in missing
            self.set_price()
            self.added = self.figures().minus(self.before)
            self.is_changed = True
        return bool(missing)


def fetch(
    keys: Sequence[tuple[str, str]], own_prices: OwnPrices | None
) -> dict[uuid.UUID, list[MessageState]]:
    """The existing messages with these keys (hex digits of user and message), by end user.

    The end users must be locked.
    """
    columns = ", ".join(f"m.{c}" for c in COLUMNS)
    rows = bulk.select(
        f"SELECT m.end_user_id, m.id, {columns} FROM {{given}}"
        " CROSS JOIN ledger_message m WHERE m.end_user_id = r.end_user_id AND m.id = r.id",
        {"end_user_id": "hex", "id": "hex"},
        keys,
        ["uuid", "uuid", *_KINDS],
    )
    found: dict[uuid.UUID, list[MessageState]] = defaultdict(list)
    for user, key, *fields in rows:
        state = MessageState(key.hex, *fields)
        state.is_new, state.own_prices = False, own_prices
        state.before, state.used = state.figures(), state.use()
        found[user].append(state)
    return found


def save(changed: ChangedMessages) -> None:
    """Write the new and the changed messages."""
    new_rows: list[bulk.Row] = []
    changed_rows: list[bulk.Row] = []
    for user, states in changed.items():
        owner = user.hex
        for state in states:
            (new_rows if state.is_new else changed_rows).append((owner, *state.row()))
    new_rows.sort(key=itemgetter(0, 1))  # in the order of the index
    bulk.insert(Message, ["end_user_id", "id", *COLUMNS], new_rows)
    bulk.update(Message, ["end_user_id", "id"], COLUMNS, changed_rows)


def _usage(event: Event) -> dict[str, str | int | None]:
    return {
        "model": event.model or None,
        "input_tokens": event.input_tokens,
        "output_tokens": event.output_tokens,
        "cached_tokens": event.cached_tokens,
        "cost": event.cost,
        "latency_ms": event.latency_ms,
        "failed": event.failed or None,
        "error": event.error or None,
    }
