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

_Read = tuple[int, int | None]
_Usage = dict[str, str | int | _Read | None]

_PRICED = {"model", "tokens_read", "output_tokens"}
"""What the price follows from. Another change leaves a recorded cost as it is: prices change."""

RECORDED = Outcome("recorded")
DUPLICATE = Outcome("duplicate")
SUPERSEDED = Outcome("duplicate", "a newer edit of this message is known")

COLUMNS = (
    "sent_at position role chat session_id new_session text edited_at"
    " model input_tokens output_tokens cached_tokens cost cost_given latency_ms failed error"
    " redacted edited_fields"
).split()
_KINDS = (
    "timestamptz int text text text bool text timestamptz text int int int int bool int bool text"
    " bool json"
).split()


class MessageState(msgspec.Struct, gc=False):
    """A message as it is, or will be, in its row. The fields are its key and `COLUMNS`, in order.

    `added` is what this batch adds to every sum because of it, `used` its usage before the batch,
    `is_moved` whether its position changed, by which it may come into another session, and
    `is_elsewhere` whether it is in another chat or session than before.
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
    edited_fields: dict[str, int] | None = None
    is_new: bool = True
    is_changed: bool = False
    is_moved: bool = False
    is_elsewhere: bool = False
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
        if event.edited_at:
            given = (name for name, value in _usage(event).items() if value is not None)
            state.edited_fields = dict.fromkeys(given, _version(event)) or None
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
        """Apply another event with this message's id: the message again, or an edit of it.

        Of each field the newest version counts that has it; the order of arrival does not matter.
        Time and role are the same in all versions. A text that is not kept cannot be compared, and
        no edit brings it back.
        """
        if self.redacted:
            event = msgspec.structs.replace(event, text="", error=None)
        problem = self._conflict(event)
        if problem:
            return Outcome("conflict", problem)
        self._settle_position(event)
        mine, theirs = self.edited_at or NEVER, event.edited_at or NEVER
        if mine == theirs == NEVER:
            return DUPLICATE
        filled = self._fill_dialogue(event) | self._merge_usage(event)
        if theirs > mine:
            self.text, self.edited_at, self.is_changed = event.text, event.edited_at, True
            return RECORDED
        if filled:
            return RECORDED
        return DUPLICATE if mine == theirs else SUPERSEDED

    @property
    def tokens_read(self) -> "_Read | None":
        """All tokens read and those of them from a cache: a part is only right with its whole."""
        return _read(self.input_tokens, self.cached_tokens)

    @tokens_read.setter
    def tokens_read(self, read: "_Read") -> None:
        self.input_tokens, self.cached_tokens = read

    def _usage(self) -> "_Usage":
        return {
            "model": self.model or None,
            "tokens_read": self.tokens_read,
            "output_tokens": self.output_tokens,
            "cost": self.cost if self.cost_given else None,
            "latency_ms": self.latency_ms,
            "failed": self.failed or None,
            "error": self.error or None,
        }

    def _conflict(self, event: Event) -> str:
        """Why this cannot be a version of the message, if so."""
        known_as = "this message is known with another {}".format
        if self.sent_at != event.time or self.role != event.role:
            return known_as("time" if self.sent_at != event.time else "role")
        is_edited = bool(self.edited_at or event.edited_at)
        for name, mine, theirs in (
            ("chat", self.chat, event.chat),
            ("sessionId", self.session_id, event.session_id or ""),
            ("newSession", self.new_session, event.new_session),
        ):
            if mine != theirs and not (is_edited and not (mine and theirs)):
                return known_as(name)
        position = position_of(event)
        both_given = is_from_sequence(position) and is_from_sequence(self.position)
        if both_given and position != self.position:
            return known_as("sequence")
        if self.edited_at == event.edited_at and event.text != self.text:
            return known_as("text")
        return known_as("usage") if self._differs_in_usage(event, is_edited) else ""

    def _differs_in_usage(self, event: Event, is_edited: bool) -> bool:
        """Whether the same version has another usage. One that is not edited is always whole."""
        mine, theirs = self._usage(), _usage(event)
        if not is_edited:
            return mine != theirs
        known, version = self.edited_fields or {}, _version(event)
        return any(
            None not in (mine[name], value) and mine[name] != value
            for name, value in theirs.items()
            if known.get(name, 0) == version
        )

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

    def _fill_dialogue(self, event: Event) -> bool:
        """Take over the chat, session and boundary that the versions before left out."""
        before = self.chat, self.session_id, self.new_session
        self.chat = self.chat or event.chat
        self.session_id = self.session_id or event.session_id or ""
        self.new_session = self.new_session or event.new_session
        is_filled = before != (self.chat, self.session_id, self.new_session)
        self.is_elsewhere = self.is_elsewhere or is_filled
        self.is_changed = self.is_changed or is_filled
        return is_filled

    def _merge_usage(self, event: Event) -> bool:
        """Take over the fields of the usage that are newer, or that were left out before."""
        mine, known, version = self._usage(), self.edited_fields or {}, _version(event)
        newer = {
            name: value
            for name, value in _usage(event).items()
            if value is not None and (mine[name] is None or version > known.get(name, 0))
        }
        if not newer:
            return False
        for name, value in newer.items():
            setattr(self, name, value)
        if version:
            self.edited_fields = {**known, **dict.fromkeys(newer, version)}
        self.cost_given = self.cost_given or "cost" in newer
        if newer.keys() & _PRICED:
            self.set_price()
        self.added = self.figures().minus(self.before)
        self.is_changed = True
        return True


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


def _read(tokens: int | None, cached: int | None) -> _Read | None:
    return None if tokens is None else (tokens, cached)


def _usage(event: Event) -> _Usage:
    return {
        "model": event.model or None,
        "tokens_read": _read(event.input_tokens, event.cached_tokens),
        "output_tokens": event.output_tokens,
        "cost": event.cost,
        "latency_ms": event.latency_ms,
        "failed": event.failed or None,
        "error": event.error or None,
    }


def _version(event: Event) -> int:
    """When this version was made, in µs since 1970; 0 if it is not an edit."""
    return (event.edited_at - NEVER) // _MICROSECOND if event.edited_at else 0


_MICROSECOND = dt.timedelta(microseconds=1)
