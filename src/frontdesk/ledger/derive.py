"""One user's derived numbers, recounted from the messages: recording must agree with them."""

import datetime as dt
import uuid
import zoneinfo
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from frontdesk.ledger.activity import HOURS
from frontdesk.ledger.details import Detail, use_of
from frontdesk.ledger.figures import NOTHING, Figures, of_message
from frontdesk.ledger.models import NEVER
from frontdesk.ledger.rollups import SECONDS, SENT, SESSIONS, no_figures
from frontdesk.ledger.sessions import explicit_session_id
from frontdesk.ledger.spans import Span, join


class Fact(NamedTuple):
    """The parts of a message that derived numbers depend on."""

    sent_at: dt.datetime
    position: int
    role: str
    chat: str
    session_id: str
    new_session: bool
    cost: int | None
    has_usage: bool
    failed: bool
    model: str


class SessionFact(NamedTuple):
    """A session without its identity."""

    chat: str
    external_id: str
    boundary: bool
    first_at: dt.datetime
    first_position: int
    last_at: dt.datetime
    figures: Figures

    @property
    def seconds(self) -> int:
        """The whole seconds from the first to the last message."""
        return Span(self.first_at, self.last_at, False, NOTHING).seconds


@dataclass
class Derived:
    """The derived numbers of one user; days map to the values of `DAY_COLUMNS`."""

    first_seen_at: dt.datetime = NEVER
    last_message_at: dt.datetime = NEVER
    total_sessions: int = 0
    figures: Figures = NOTHING
    sessions: list[SessionFact] = field(default_factory=list)
    days: dict[dt.date, list[int]] = field(default_factory=dict)
    week_hours: dict[str, int] = field(default_factory=dict)
    details: dict[dt.date, Detail] = field(default_factory=dict)

    def know(self, known_at: dt.datetime | None) -> None:
        """Take into account when a profile without a message was reported, if ever."""
        if known_at and (self.first_seen_at == NEVER or known_at < self.first_seen_at):
            self.first_seen_at = known_at

    @property
    def active_days(self) -> list[dt.date]:
        return sorted(day for day, sums in self.days.items() if sums[SENT] > 0)

    @property
    def session_seconds(self) -> int:
        return sum(sums[SECONDS] for sums in self.days.values())

    @property
    def first_active_on(self) -> dt.date | None:
        return min(self.active_days, default=None)


def derive(facts: Iterable[Fact], zone: zoneinfo.ZoneInfo, timeout: dt.timedelta) -> Derived:
    """Recount one user's messages."""
    user = Derived()
    days: dict[dt.date, list[int]] = defaultdict(no_figures)
    details: dict[dt.date, Detail] = defaultdict(Detail)
    hours: Counter[str] = Counter()
    gaps: dict[str, list[Span]] = defaultdict(list)
    explicit: dict[str, list[Span]] = defaultdict(list)
    for fact in facts:
        figures = of_message(fact.role, fact.cost, fact.has_usage, fact.failed)
        user.figures = user.figures.plus(figures)
        if user.first_seen_at == NEVER or fact.sent_at < user.first_seen_at:
            user.first_seen_at = fact.sent_at
        local = fact.sent_at.astimezone(zone)
        if fact.role == "user":
            user.last_message_at = max(user.last_message_at, fact.sent_at)
            hours[HOURS[local.weekday() * 24 + local.hour]] += 1
            details[local.date()].add_sent(local.hour, 1)
        day = days[local.date()]
        for index, value in enumerate(figures[1:], start=1):
            day[index] += value
        if (use := use_of(fact.model, fact.cost, fact.has_usage)).messages:
            details[local.date()].add_use(use)
        at, position = fact.sent_at, fact.position
        point = Span(at, at, fact.new_session, figures, None, position)
        (explicit[fact.session_id] if fact.session_id else gaps[fact.chat]).append(point)
    for chat, points in gaps.items():
        user.sessions += [_session(chat, "", span) for span in join(points, timeout)]
    for external_id, points in explicit.items():
        user.sessions.append(_session("", external_id, _whole(points)))
    for session in user.sessions:
        if session.figures.messages_sent:
            user.total_sessions += 1
            day = days[session.first_at.astimezone(zone).date()]
            day[SESSIONS] += 1
            day[SECONDS] += session.seconds
    user.days = {day: sums for day, sums in days.items() if any(sums) or day in details}
    user.details = dict(details)
    user.week_hours = dict(hours)
    return user


def session_rows(user: uuid.UUID, sessions: Iterable[SessionFact]) -> list[tuple[object, ...]]:
    """Rows of Session: the key, then `frontdesk.ledger.sessions.COLUMNS`."""
    return [
        (
            user,
            explicit_session_id(user, s.external_id) if s.external_id else uuid.uuid4(),
            *s[:6],
            *s.figures,
        )
        for s in sessions
    ]


def _session(chat: str, external_id: str, span: Span) -> SessionFact:
    return SessionFact(chat, external_id, span.boundary, *span.start, span.last, span.figures)


def _whole(points: list[Span]) -> Span:
    total = NOTHING
    for point in points:
        total = total.plus(point.figures)
    return Span(min(p.first for p in points), max(p.last for p in points), False, total)
