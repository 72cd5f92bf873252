"""Sessions against messages sent: who comes often, and who has much to say.

Of the users there are, over all time. Numbers are in bands that double (ledger.facets), so what is
"many" begins where a band begins: then cells, corners and lists of users count the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from frontdesk.analytics.blocks.behaviour_map import BehaviourMap, Habit, behaviour_map
from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.models import FacetCount

LEAST_BANDS = 4
"""Bands that an axis has at least."""

_HABIT = FacetCount.Facet.HABIT.value


@dataclass(frozen=True)
class Corner:
    """Users on one side of both limits; the rule says which."""

    name: str
    rule: str
    users: int
    share: float
    link: str


@dataclass(frozen=True)
class Behaviour:
    """How many users have each habit; `sessions_from` and `sent_from` are where "many" begins."""

    scope: Scope
    users: Mapping[Habit, int]
    sessions_from: int
    sent_from: int
    kept: Sequence[tuple[str, str]]
    """The rest of the address, which choosing other limits leaves as it is."""

    @property
    def total(self) -> int:
        return sum(self.users.values())

    @property
    def session_bands(self) -> int:
        return _bands((habit.sessions for habit in self.users), self.sessions_from)

    @property
    def sent_bands(self) -> int:
        return _bands((habit.sent for habit in self.users), self.sent_from)

    @property
    def session_limits(self) -> list[int]:
        """What can be chosen as `sessions_from`."""
        return [2**band for band in range(1, self.session_bands)]

    @property
    def sent_limits(self) -> list[int]:
        return [2**band for band in range(1, self.sent_bands)]

    @property
    def corners(self) -> list[Corner]:
        """Few messages before many, many sessions before few."""
        return [
            self._corner("Hard to help", True, False),
            self._corner("Regulars", True, True),
            self._corner("Tried it", False, False),
            self._corner("Engaged", False, True),
        ]

    @property
    def map(self) -> BehaviourMap:
        limits = Habit(self.sessions_from.bit_length(), self.sent_from.bit_length())
        bands = Habit(self.session_bands, self.sent_bands)
        return behaviour_map(self.users, bands, limits, self._tell)

    @property
    def table(self) -> Table:
        heads = [
            Head("Sessions"),
            Head("Messages sent"),
            Head("Users", "number"),
            Head("Share", "percent"),
        ]
        habits = sorted(self.users.items(), key=lambda item: (-item[1], item[0]))
        rows: list[list[Cell]] = [
            [band_words(h.sessions), band_words(h.sent), n, n / self.total] for h, n in habits
        ]
        return Table(heads, rows, [["", "", self.link(habit), ""] for habit, _ in habits])

    def link(self, habit: Habit) -> str:
        """The users with this habit."""
        return users_url(self.scope, **_between("sessions", habit.sessions, habit.sessions),
                         **_between("sent", habit.sent, habit.sent))  # fmt: skip

    def _tell(self, habit: Habit) -> tuple[str, str]:
        users = self.users.get(habit, 0)
        share = f" ({users / self.total:.1%})" if users else ""
        words = f"{_count_words(users)}{share}: {_of(habit.sessions, 'session')}"
        return f"{words}, {_of(habit.sent, 'message')} sent", self.link(habit) if users else ""

    def _corner(self, name: str, many_sessions: bool, many_sent: bool) -> Corner:
        sessions = _side("sessions", self.sessions_from, many_sessions)
        sent = _side("sent", self.sent_from, many_sent)
        sessions_edge, sent_edge = self.sessions_from.bit_length(), self.sent_from.bit_length()
        users = sum(
            count
            for habit, count in self.users.items()
            if (habit.sessions >= sessions_edge) == many_sessions
            and (habit.sent >= sent_edge) == many_sent
        )
        rule = (
            f"{_side_words(self.sessions_from, many_sessions, 'session')},"
            f" {_side_words(self.sent_from, many_sent, 'message')}"
        )
        share = users / self.total if self.total else 0
        return Corner(name, rule, users, share, users_url(self.scope, **sessions, **sent))


def load(scope: Scope, query: AnalyticsQuery) -> Behaviour:
    rows = FacetCount.objects.filter(Scope(scope.agents).rows, facet=_HABIT, users__gt=0)
    users: Counter[Habit] = Counter()
    for value, count in rows.values_list("value", "users"):
        platform, sessions, sent = value.rsplit(":", 2)
        if scope.platform in ("", platform):
            users[Habit(int(sessions), int(sent))] += count
    by_sessions, by_sent = Counter[int](), Counter[int]()
    for habit, count in users.items():
        by_sessions[habit.sessions] += count
        by_sent[habit.sent] += count
    return Behaviour(
        scope,
        users,
        query.sessions_from or _above_median(by_sessions),
        query.sent_from or _above_median(by_sent),
        [pair for pair in query.params() if pair[0] not in ("sessions_from", "sent_from")],
    )


def band_words(band: int) -> str:
    """1, "2–3", "4–7", …"""
    low, high = _edges(band)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _of(band: int, word: str) -> str:
    return f"{band_words(band)} {word}{'' if band == 1 else 's'}"


def _count_words(users: int) -> str:
    return f"{users:,} user{'' if users == 1 else 's'}" if users else "No users"


def _edges(band: int) -> tuple[int, int]:
    return (2 ** (band - 1), 2**band - 1) if band else (0, 0)


def _bands(bands: Iterable[int], limit: int) -> int:
    """So many that everybody, and the limit, has a place, with one band above the limit."""
    return max(LEAST_BANDS, limit.bit_length(), *bands)


def _above_median(users: Counter[int]) -> int:
    """Where the band above that of the median user begins."""
    half, seen = sum(users.values()) / 2, 0
    for band in sorted(users):
        seen += users[band]
        if seen >= half:
            return int(2**band)
    return 2


def _between(name: str, low_band: int, high_band: int) -> dict[str, int]:
    return {f"{name}_min": _edges(low_band)[0], f"{name}_max": _edges(high_band)[1]}


def _side(name: str, limit: int, is_many: bool) -> dict[str, int]:
    if is_many:
        return {f"{name}_min": limit}
    # Who has not written has no habit, and no messages.
    return {f"{name}_max": limit - 1} | ({"sent_min": 1} if name == "sent" else {})


def _side_words(limit: int, is_many: bool, word: str) -> str:
    if is_many:
        return f"{limit:,} or more {word}s"
    if limit == 2:
        return f"1 {word}"
    return f"1–{limit - 1:,} {word}s"
