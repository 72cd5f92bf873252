"""Sessions by messages sent: users who return often, and users who write a lot.

It covers the current users, over all time. Numbers are grouped into bands that double
(`ledger.facets`). "Many" starts where a band starts, so that cells, corners and lists of users
count the same.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.analytics.blocks.behavior_map import BehaviorMap, Habit, behavior_map
from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.formats import number
from frontdesk.ledger.models import FacetCount

MIN_BANDS = 4
"""The minimum number of bands on an axis."""

_HABIT = FacetCount.Facet.HABIT.value


@dataclass(frozen=True)
class Corner:
    """The users on one side of each limit. `rule` describes them."""

    name: str
    rule: str
    users: int
    share: float
    link: str


@dataclass(frozen=True)
class Behavior:
    """The number of users with each habit. "Many" starts at `sessions_from` and `sent_from`."""

    scope: Scope
    users: Mapping[Habit, int]
    sessions_from: int
    sent_from: int
    kept: Sequence[tuple[str, str]]
    """The other parameters of the address, which stay when the limits change."""

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
        """The choices of `sessions_from`."""
        return [2**band for band in range(1, self.session_bands)]

    @property
    def sent_limits(self) -> list[int]:
        return [2**band for band in range(1, self.sent_bands)]

    @property
    def corners(self) -> list[Corner]:
        """Few messages before many, many sessions before few."""
        return [
            self._corner(_("Hard to help"), True, False),
            self._corner(_("Regulars"), True, True),
            self._corner(_("Tried it"), False, False),
            self._corner(_("Engaged"), False, True),
        ]

    @property
    def map(self) -> BehaviorMap:
        limits = Habit(self.sessions_from.bit_length(), self.sent_from.bit_length())
        bands = Habit(self.session_bands, self.sent_bands)
        return behavior_map(self.users, bands, limits, self._labels(bands))

    @property
    def table(self) -> Table:
        heads = [
            Head(_("Sessions")),
            Head(_("Messages sent")),
            Head(_("Users"), "number"),
            Head(_("Share"), "percent"),
        ]
        habits = sorted(self.users.items(), key=lambda item: (-item[1], item[0]))
        rows: list[list[Cell]] = [
            [band_label(h.sessions), band_label(h.sent), n, n / self.total] for h, n in habits
        ]
        return Table(heads, rows, [["", "", self.link(habit), ""] for habit, users in habits])

    def link(self, habit: Habit) -> str:
        """The users with this habit."""
        return users_url(self.scope, **_between("sessions", habit.sessions, habit.sessions),
                         **_between("sent", habit.sent, habit.sent))  # fmt: skip

    def _labels(self, bands: Habit) -> Callable[[Habit], tuple[str, str]]:
        """A function that returns the label and the link of a habit's cell."""
        sessions = [_sessions_of(band) for band in range(bands.sessions + 1)]
        messages = [_messages_of(band) for band in range(bands.sent + 1)]
        total, no_users = self.total, _("No users: %(sessions)s, %(messages)s")

        def describe(habit: Habit) -> tuple[str, str]:
            values = {"sessions": sessions[habit.sessions], "messages": messages[habit.sent]}
            users = self.users.get(habit, 0)
            if not users:
                return no_users % values, ""
            text = ngettext(
                "%(count)s user (%(share)s): %(sessions)s, %(messages)s",
                "%(count)s users (%(share)s): %(sessions)s, %(messages)s",
                users,
            )
            values |= {"count": number(users), "share": f"{users / total:.1%}"}
            return text % values, self.link(habit)

        return describe

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
        rule = _("%(sessions)s, %(messages)s") % {
            "sessions": _sessions_label(self.sessions_from, many_sessions),
            "messages": _messages_label(self.sent_from, many_sent),
        }
        share = users / self.total if self.total else 0
        return Corner(name, rule, users, share, users_url(self.scope, **sessions, **sent))


def load(scope: Scope, query: AnalyticsQuery) -> Behavior:
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
    return Behavior(
        scope,
        users,
        query.sessions_from or _above_median(by_sessions),
        query.sent_from or _above_median(by_sent),
        [pair for pair in query.params() if pair[0] not in ("sessions_from", "sent_from")],
    )


def band_label(band: int) -> str:
    """1, "2–3", "4–7", …"""
    low, high = _edges(band)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _sessions_of(band: int) -> str:
    text = ngettext("%(range)s session", "%(range)s sessions", _edges(band)[1])
    return text % {"range": band_label(band)}


def _messages_of(band: int) -> str:
    text = ngettext("%(range)s message sent", "%(range)s messages sent", _edges(band)[1])
    return text % {"range": band_label(band)}


def _edges(band: int) -> tuple[int, int]:
    return (2 ** (band - 1), 2**band - 1) if band else (0, 0)


def _bands(bands: Iterable[int], limit: int) -> int:
    """Enough bands for all users and for the limit, with one band above the limit."""
    return max(MIN_BANDS, limit.bit_length(), *bands)


def _above_median(users: Counter[int]) -> int:
    """Where the band above that of the median user starts."""
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
    # Users who have not written have no habit, and no messages.
    return {f"{name}_max": limit - 1} | ({"sent_min": 1} if name == "sent" else {})


def _sessions_label(limit: int, is_many: bool) -> str:
    if is_many:
        text = ngettext("%(count)s or more session", "%(count)s or more sessions", limit)
        return text % {"count": number(limit)}
    text = ngettext("%(range)s session", "%(range)s sessions", limit - 1)
    return text % {"range": _up_to(limit - 1)}


def _messages_label(limit: int, is_many: bool) -> str:
    if is_many:
        text = ngettext("%(count)s or more message", "%(count)s or more messages", limit)
        return text % {"count": number(limit)}
    text = ngettext("%(range)s message", "%(range)s messages", limit - 1)
    return text % {"range": _up_to(limit - 1)}


def _up_to(maximum: int) -> str:
    return f"1–{maximum:,}" if maximum > 1 else "1"
