"""Sessions in the database: the ranges that a batch touches, and their changes."""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from frontdesk.core.sql import bulk
from frontdesk.ledger.figures import NOTHING, Figures, of_message
from frontdesk.ledger.messages import ChangedMessages, MessageState
from frontdesk.ledger.models import Session
from frontdesk.ledger.spans import Span, clusters, join

Start = tuple[uuid.UUID, dt.datetime]
"""A user and the start time of one of their sessions."""
Chat = tuple[uuid.UUID, str]
"""A user and the chat of a gap session."""
SessionKey = tuple[uuid.UUID, uuid.UUID]

COLUMNS = (
    "chat external_id boundary first_at first_position last_at messages chat_messages messages_sent"
    " cost unpriced_messages failed_messages"
).split()


@dataclass
class SessionChanges:
    """The rows to write, and the changes of starts and lengths.

    `starts` and `seconds` count only sessions with a message from the user; `seconds` is the change
    in length of those that start at that time.
    """

    written: list[tuple[object, ...]] = field(default_factory=list)
    deleted: list[SessionKey] = field(default_factory=list)
    starts: Counter[Start] = field(default_factory=Counter)
    seconds: Counter[Start] = field(default_factory=Counter)

    def count(self, user: uuid.UUID, before: Iterable[Span], after: Iterable[Span]) -> None:
        for sign, spans in ((-1, before), (1, after)):
            for span in spans:
                if span.figures.messages_sent:
                    self.starts[user, span.first] += sign
                    self.seconds[user, span.first] += sign * span.seconds

    def save(self) -> None:
        bulk.delete(Session, ["end_user_id", "id"], self.deleted)
        bulk.upsert(Session, ["end_user_id", "id"], COLUMNS, self.written)


def change(changed: ChangedMessages, timeout: dt.timedelta) -> SessionChanges:
    """Merge new and changed messages, not yet written, into the existing sessions."""
    gaps: dict[Chat, list[Span]] = {}
    explicit: dict[tuple[uuid.UUID, str], list[Span]] = {}
    for user, states in changed.items():
        chats: dict[str, list[Span]] = defaultdict(list)
        named: dict[str, list[Span]] = defaultdict(list)
        for state in states:
            if state.is_new or state.added != NOTHING or state.is_moved:
                point = _point(state)
                if state.session_id:
                    named[state.session_id].append(point)
                else:
                    chats[state.chat].append(point)
        gaps.update(((user, chat), points) for chat, points in chats.items())
        explicit.update(((user, name), points) for name, points in named.items())
    changes = SessionChanges()
    _change_gaps(gaps, timeout, changes)
    _change_explicit(explicit, changes)
    return changes


def _point(state: MessageState) -> Span:
    """What a new or changed message adds to its session. A moved one leaves it, and comes anew."""
    at = state.sent_at
    is_moved = state.is_moved and not state.is_new and not state.session_id
    figures = state.figures() if is_moved else state.added
    replaces = state.key if is_moved else ""
    return Span(at, at, state.new_session, figures, None, state.position, replaces)


def adds_gap_session(
    user: uuid.UUID, chat: str, message: Span, others: Sequence[Span], timeout: dt.timedelta
) -> bool:
    """Whether this user message, once recorded, adds a session in which the user wrote.

    `others` are messages that count as recorded.
    """
    # With the others, whose boundaries may split a recorded session.
    _, pieces = _fetch_touched({(user, chat): [message, *others]}, timeout)
    written = [*pieces[user, chat], *others]
    before, after = join(written, timeout), join([message, *written], timeout)
    return _with_messages_sent(after) > _with_messages_sent(before)


def _with_messages_sent(spans: Iterable[Span]) -> int:
    return sum(1 for span in spans if span.figures.messages_sent)


def explicit_session_id(user: uuid.UUID, external_id: str) -> uuid.UUID:
    return uuid.uuid5(user, f"session:{external_id}")


def _change_gaps(
    gaps: dict[Chat, list[Span]], timeout: dt.timedelta, changes: SessionChanges
) -> None:
    known, pieces = _fetch_touched(gaps, timeout)
    for chat, points in gaps.items():
        user, name = chat
        before = known.get(chat, [])
        after = join([*points, *pieces[chat]], timeout)
        _settle_ids(before, after)
        unchanged = {span.id: span.state() for span in before}
        kept = {span.id for span in after}
        for span in after:
            if unchanged.get(span.id) != span.state():
                changes.written.append(
                    (user, span.id, name, "", span.boundary, *span.start, span.last, *span.figures)
                )
        changes.deleted.extend(
            (user, span.id) for span in before if span.id and span.id not in kept
        )
        changes.count(user, before, after)


def _fetch_touched(
    gaps: dict[Chat, list[Span]], timeout: dt.timedelta
) -> tuple[dict[Chat, list[Span]], dict[Chat, list[Span]]]:
    """The sessions that new points may touch, and the pieces to join with the points.

    A piece is a whole session, or one message of a session that a boundary splits.
    """
    known = _fetch_gaps(gaps, timeout)
    split = {
        (chat, span.id): span
        for chat, spans in known.items()
        for span in spans
        if any(_splits(point, span) for point in gaps[chat])
    }
    moved = {
        (user, point.replaces)
        for (user, _), points in gaps.items()
        for point in points
        if point.replaces
    }
    parts = _fetch_parts(split, moved)
    pieces: dict[Chat, list[Span]] = defaultdict(list)
    for chat, spans in known.items():
        for span in spans:
            pieces[chat].extend(parts.get((chat, span.id), [span]))
    return known, pieces


def _splits(point: Span, session: Span) -> bool:
    """Whether a boundary goes through the session, or a message that moves may be part of it."""
    if point.replaces:
        return session.first <= point.first <= session.last
    return point.boundary and session.start < point.start and point.first <= session.last


def _settle_ids(before: list[Span], after: list[Span]) -> None:
    """Give an id to sessions without one: first the old ids of split sessions, then new ids."""
    used = {span.id for span in after}
    free = [span.id for span in before if span.id not in used]
    for span in after:
        if span.id is None:
            span.id = free.pop() if free else uuid.uuid4()


def _fetch_gaps(gaps: dict[Chat, list[Span]], timeout: dt.timedelta) -> dict[Chat, list[Span]]:
    """The sessions that new points may touch.

    Gap sessions of one chat are disjoint, so these are the ones that start inside a cluster's
    range, and the last one that starts before it.
    """
    probes = [
        (user, chat, *bounds)
        for (user, chat), points in gaps.items()
        for bounds in clusters((point.first for point in points), timeout)
    ]
    rows = bulk.select(
        "SELECT s.end_user_id, s.chat, s.id, s.first_at, s.first_position, s.last_at, s.boundary,"
        " s.messages,"
        " s.chat_messages, s.messages_sent, s.cost, s.unpriced_messages, s.failed_messages"
        " FROM {given} CROSS JOIN ledger_session s"
        " WHERE s.end_user_id = r.end_user_id AND s.external_id = '' AND s.chat = r.chat"
        " AND s.first_at <= r.until AND s.first_at >= COALESCE(("
        "  SELECT p.first_at FROM ledger_session p WHERE p.end_user_id = r.end_user_id"
        "  AND p.external_id = '' AND p.chat = r.chat AND p.first_at < r.since"
        "  ORDER BY p.first_at DESC LIMIT 1), r.since)",
        {"end_user_id": "uuid", "chat": "text", "since": "timestamptz", "until": "timestamptz"},
        probes,
        ["uuid", "text", "uuid", "timestamptz", "int", "timestamptz", "bool", *["int"] * 6],
    )
    found: dict[Chat, dict[uuid.UUID, Span]] = defaultdict(dict)
    for user, chat, id_, first, position, last, boundary, *figures in rows:
        span = Span(first, last, boundary, Figures(*figures), id_, position)
        found[user, chat][id_] = span
    return {chat: list(spans.values()) for chat, spans in found.items()}


def _fetch_parts(
    split: dict[tuple[Chat, uuid.UUID | None], Span], without: Container[tuple[uuid.UUID, str]]
) -> dict[tuple[Chat, uuid.UUID | None], list[Span]]:
    """The messages of sessions that are split, except for those that move.

    Another session may begin at the instant in which one ends: its messages are left out.
    """
    ids = {span.id: key for key, span in split.items()}
    rows = bulk.select(
        "SELECT r.end_user_id, r.id, m.id, m.sent_at, m.position, m.new_session, m.role, m.cost,"
        " m.model <> '' OR m.input_tokens IS NOT NULL OR m.output_tokens IS NOT NULL, m.failed"
        " FROM {given} CROSS JOIN ledger_message m"
        " WHERE m.end_user_id = r.end_user_id AND m.sent_at >= r.since AND m.sent_at <= r.until"
        " AND m.chat = r.chat AND m.session_id = ''"
        " AND (m.sent_at > r.since OR m.position >= r.position)"
        " AND (m.sent_at < r.until OR NOT EXISTS (SELECT 1 FROM ledger_session n"
        "  WHERE n.end_user_id = r.end_user_id AND n.external_id = '' AND n.chat = r.chat"
        "  AND n.first_at = r.until AND n.first_position <= m.position"
        "  AND (n.first_at > r.since OR n.first_position > r.position)))",
        {
            "end_user_id": "uuid",
            "chat": "text",
            "id": "uuid",
            "since": "timestamptz",
            "position": "int",
            "until": "timestamptz",
        },
        [(*chat, span.id, *span.start, span.last) for (chat, _), span in split.items()],
        ["uuid", "uuid", "uuid", "timestamptz", "int", "bool", "text", "int", "bool", "bool"],
    )
    parts: dict[tuple[Chat, uuid.UUID | None], list[Span]] = {key: [] for key in split}
    for user, id_, message, at, position, boundary, *counted in rows:
        if (user, message.hex) not in without:
            point = Span(at, at, boundary, of_message(*counted), None, position)
            parts[ids[id_]].append(point)
    return parts


def _change_explicit(
    explicit: dict[tuple[uuid.UUID, str], list[Span]], changes: SessionChanges
) -> None:
    keys = {key: explicit_session_id(*key) for key in explicit}
    rows = bulk.select(
        "SELECT s.end_user_id, s.external_id, s.id, s.first_at, s.last_at, s.messages,"
        " s.chat_messages, s.messages_sent, s.cost, s.unpriced_messages, s.failed_messages"
        " FROM {given} CROSS JOIN ledger_session s"
        " WHERE s.end_user_id = r.end_user_id AND s.id = r.id",
        {"end_user_id": "uuid", "id": "uuid"},
        [(user, id_) for (user, _), id_ in keys.items()],
        ["uuid", "text", "uuid", "timestamptz", "timestamptz", *["int"] * 6],
    )
    known = {
        (user, external): Span(first, last, False, Figures(*figures), id_)
        for user, external, id_, first, last, *figures in rows
    }
    for key, points in explicit.items():
        before = [known[key]] if key in known else []
        pieces = before + points
        total = NOTHING
        for piece in pieces:
            total = total.plus(piece.figures)
        after = Span(
            min(piece.first for piece in pieces), max(piece.last for piece in pieces), False, total
        )
        user, external = key
        changes.written.append(
            (user, keys[key], "", external, False, after.first, 0, after.last, *after.figures)
        )
        changes.count(user, before, [after])
