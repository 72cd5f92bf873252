"""Every number of the page, compared with counting it from the messages one by one."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import given

from frontdesk.analytics.blocks import BLOCKS
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.languages import language_name
from frontdesk.core.platforms import platform_word
from tests.analytics.recount import WEEK, Days, Recount, monday, week
from tests.analytics.scenarios import Scenario, scenarios

Rows = list[list[Any]]
WEEKDAYS = range(7)
DAY = dt.timedelta(days=1)


def over_time(query: AnalyticsQuery, *counts: Callable[[Days], Any]) -> Rows:
    """A row for each bucket with its counts; days are named once."""
    buckets = [Days(*bucket) for bucket in query.buckets()]
    ends = 1 if all(b.first == b.last for b in buckets) else 2
    return [[*map(str, b[:ends]), *(count(b) for count in counts)] for b in buckets]


def mondays(query: AnalyticsQuery) -> list[dt.date]:
    """Of the weeks that the period touches."""
    first, last = map(monday, query.period)
    return [first + n * WEEK for n in range((last - first).days // 7 + 1)]


def figures(recount: Recount, query: AnalyticsQuery) -> Rows:
    """The previous period of the same length, and the period."""
    first, last = query.period
    length = (last - first).days + 1
    before = Days(first - length * DAY, first - DAY)
    return [[*map(str, days), *_figures(recount, days)] for days in (before, Days(first, last))]


def _figures(recount: Recount, days: Days) -> list[float | None]:
    users, sessions, cost = len(recount.active(days)), recount.sessions(days), recount.cost(days)
    week, month = (Days(days.last - n * DAY, days.last) for n in (6, 29))
    monthly = len(recount.active(month))
    # If no price is known, the cost is unknown, not 0.
    known = cost if cost or not recount.unpriced(days) else None
    return [
        users,
        len(recount.joined(days)),
        _usual(recount, days),
        len(recount.active(week)),
        monthly,
        _usual(recount, month) / monthly if monthly else None,
        sessions,
        recount.seconds(days) / sessions if sessions else None,
        recount.sent(days) / sessions if sessions else None,
        recount.chat(days),
        recount.sent(days),
        known,
        known / users if users and known is not None else None,
        recount.unpriced(days),
        recount.refusals(days),
        recount.failed(days),
        users,  # nobody is linked here, so each user is a person
        len(recount.joined(days)),
    ]


def _usual(recount: Recount, days: Days) -> float:
    """Users of a day, on average."""
    every = [days.first + n * DAY for n in range((days.last - days.first).days + 1)]
    return sum(len(recount.active(Days(day, day))) for day in every) / len(every)


def active(recount: Recount, query: AnalyticsQuery) -> Rows:
    """By day, with the ranges of 7 and 30 days that end with it; else with the daily average."""
    if query.by == "day":
        return over_time(query, *(_rolling(recount, width) for width in (1, 7, 30)))
    return over_time(
        query, lambda days: len(recount.active(days)), lambda days: _usual(recount, days)
    )


def _rolling(recount: Recount, width: int) -> Callable[[Days], int]:
    return lambda days: len(recount.active(Days(days.last - (width - 1) * DAY, days.last)))


def newcomers(recount: Recount, query: AnalyticsQuery) -> Rows:
    return over_time(
        query,
        lambda days: len(recount.joined(days)),
        lambda days: len(recount.active(days) - recount.joined(days)),
    )


def messages(recount: Recount, query: AnalyticsQuery) -> Rows:
    return over_time(query, recount.sent, lambda days: recount.chat(days) - recount.sent(days))


def sessions(recount: Recount, query: AnalyticsQuery) -> Rows:
    return over_time(
        query,
        recount.sessions,
        lambda days: (
            recount.seconds(days) / recount.sessions(days) if recount.sessions(days) else None
        ),
    )


def platforms(recount: Recount, query: AnalyticsQuery) -> Rows:
    """A column for each platform, the one with most users in all buckets first."""
    total = Counter[str]()
    for *_, counts in over_time(query, recount.platforms):
        total += counts
    order = sorted(total, key=lambda platform: (-total[platform], platform))
    return over_time(
        query, *(lambda days, p=platform: recount.platforms(days)[p] for platform in order)
    )


def shares(recount: Recount, query: AnalyticsQuery) -> Rows:
    """The platforms with any activity."""
    days = Days(*query.period)
    users = recount.platforms(days)
    rows = []
    for platform in {message.user[0] for message in recount.within(days)}:
        own = recount.on(platform)
        cost, unpriced = own.cost(days), own.unpriced(days)
        known = cost if cost or not unpriced else None
        sums = [own.sessions(days), own.sent(days), known, unpriced]
        share = users[platform] / users.total() if users else 0
        rows.append([platform_word(platform), users[platform], share, *sums])
    return [row for row in rows if any(row[1:])]


def hours(recount: Recount, query: AnalyticsQuery) -> Rows:
    sent = recount.hours(Days(*query.period))
    return [[f"{hour}:00", *(sent[day, hour] for day in WEEKDAYS)] for hour in range(24)]


def models(recount: Recount, query: AnalyticsQuery) -> Rows:
    """The cost of a model whose messages are all unpriced is unknown."""
    return [
        [*ends, model or "Model not reported", used, None if used == unpriced else cost, unpriced]
        for *ends, by_model in over_time(query, recount.models)
        for model, (used, cost, unpriced) in by_model.items()
    ]


def movement(recount: Recount, query: AnalyticsQuery) -> Rows:
    return [
        [str(week(first).first), str(week(first).last), *recount.movement(first)]
        for first in mondays(query)
    ]


def retention(recount: Recount, query: AnalyticsQuery) -> Rows:
    """The cohorts of the period in every week until today, which may not be over."""
    return [
        [
            str(first),
            after,
            recount.cohort(first, later),
            recount.cohort(first, later) / size,
            "yes" if week(later).last < query.today else "no",
        ]
        for first in mondays(query)
        if (size := recount.cohort(first, first))
        for after in range((query.today - first).days // 7 + 1)
        for later in [first + after * WEEK]
    ]


def behavior(recount: Recount, query: AnalyticsQuery) -> Rows:
    """The present users, in bands that double."""
    bands = {1: "1", 2: "2–3", 4: "4–7", 8: "8–15", 16: "16–31"}
    habits = list(recount.habits().values())
    rows: Rows = []
    for low_a, sessions in {0: "0", **bands}.items():
        for low_b, sent in bands.items():
            if users := sum(_in(a, low_a) and _in(b, low_b) for a, b in habits):
                rows.append([sessions, sent, users, users / len(habits)])
    return rows


def _in(number: int, low: int) -> bool:
    return low <= number < max(2 * low, 1)


def languages(recount: Recount, query: AnalyticsQuery) -> Rows:
    """The present users on all platforms."""
    counts = recount.language_counts()
    return [[language_name(t), t, n, n / counts.total()] for t, n in counts.items()]


EXPECTED: dict[str, Callable[[Recount, AnalyticsQuery], Rows]] = {
    "figures": figures,
    "active": active,
    "newcomers": newcomers,
    "sessions": sessions,
    "platforms": platforms,
    "shares": shares,
    "messages": messages,
    "hours": hours,
    "models": models,
    "movement": movement,
    "retention": retention,
    "behaviour": behavior,
    "languages": languages,
}
"""What the tables of the blocks must contain, by key, regardless of the order of rows."""


def test_every_block_is_recounted() -> None:
    assert {block.key for block in BLOCKS} == set(EXPECTED)


@given(scenarios(erasing=True))
def test_every_block_equals_a_recount(db: None, scenario: Scenario) -> None:
    agent, recount = scenario.happen()
    query = scenario.query()
    scope = Scope([agent], query.platform)
    for block in BLOCKS:
        rows = block.table(scope, query).rows
        expected = EXPECTED[block.key](recount.on(query.platform), query)
        assert _ordered(rows) == _ordered(expected), block.key


def _ordered(rows: Any) -> Rows:
    return sorted((list(row) for row in rows), key=str)
