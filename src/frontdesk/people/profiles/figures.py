"""The figures of a user or a Person, from their running totals and active days."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from frontdesk.ledger.models import NEVER, DailyActivity, EndUser
from frontdesk.people.profiles.streaks import streaks

Measures = Mapping[str, float | None]
"""By key: counts, money in micro-dollars, durations in seconds, times in seconds since 1970. None
where there is nothing to measure, such as the cost per session of a user without sessions."""

COLUMNS = (
    "total_sessions",
    "total_chat_messages",
    "total_messages_sent",
    "session_seconds",
    "user_cost",
    "unpriced_messages",
    "failed_messages",
)
"""Totals of EndUser that are summed over the identities of a Person."""


@dataclass(frozen=True)
class Totals:
    """The totals of one user, or their sum over a Person's identities."""

    total_sessions: int
    total_chat_messages: int
    total_messages_sent: int
    session_seconds: int
    user_cost: int
    unpriced_messages: int
    failed_messages: int
    first_seen_at: dt.datetime
    last_message_at: dt.datetime

    @property
    def has_written(self) -> bool:
        return self.last_message_at > NEVER

    @classmethod
    def of(cls, users: Sequence[EndUser]) -> "Totals":
        """The sum over one user or more."""
        sums = {column: sum(getattr(user, column) for user in users) for column in COLUMNS}
        return cls(
            **sums,
            first_seen_at=min(user.first_seen_at for user in users),
            last_message_at=max(user.last_message_at for user in users),
        )


def measure(totals: Totals, days: Sequence[dt.date], today: dt.date) -> Measures:
    """All figures of a profile. `days` are the active days, in order and without repeats."""
    t, runs, sessions = totals, streaks(days, today), totals.total_sessions
    cost = t.user_cost if t.user_cost or not t.unpriced_messages else None  # unknown is not 0
    return {
        "sessions": t.total_sessions,
        "chat": t.total_chat_messages,
        "sent": t.total_messages_sent,
        "per_session": t.total_messages_sent / sessions if sessions else None,
        "session_length": t.session_seconds / sessions if sessions else None,
        "cost": cost,
        "cost_per_session": cost / sessions if sessions and cost is not None else None,
        "first_seen": t.first_seen_at.timestamp(),
        "last_message": t.last_message_at.timestamp() if t.has_written else None,
        "active_days": len(days),
        "current_streak": runs.current,
        "longest_streak": runs.longest,
        "share_30": runs.share,
        "failed": t.failed_messages,
    }


def sent_by_day(ids: Iterable[uuid.UUID]) -> dict[dt.date, int]:
    """Messages sent on each active day by these users together, in the order of the days."""
    sent: dict[dt.date, int] = defaultdict(int)
    days = DailyActivity.objects.filter(end_user_id__in=list(ids), messages_sent__gt=0)
    for day, count in days.values_list("day", "messages_sent"):
        sent[day] += count
    return dict(sorted(sent.items()))
