"""The shapes of the activity charts."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.console.users.activity import activity
from frontdesk.core.charts.maps import (
    LEVELS,
    LINE_DAYS,
    LINE_HEIGHT,
    WEEKS,
    calendar,
    legend,
    level_bounds,
    level_of,
    line,
    week_hours,
)
from tests.factories import make_user

TODAY = dt.date(2026, 10, 14)  # a Wednesday


def test_the_calendar_is_53_weeks_up_to_today() -> None:
    found = calendar({TODAY: 3, dt.date(2024, 1, 1): 9}, TODAY)
    assert len(found.cells) == (WEEKS - 1) * 7 + 3
    assert found.cells[0].words == "No messages on Mon 13 Oct 2025"
    assert found.cells[-1].words == "3 messages on Wed 14 Oct 2026"
    assert [cell.level for cell in found.cells if cell.level] == [LEVELS]  # 2024 is not in it
    assert found.cells[-1].x == max(cell.x for cell in found.cells)
    assert {cell.x for cell in found.cells} == {30 + 14 * week for week in range(WEEKS)}


def test_hours_begin_on_monday() -> None:
    found = week_hours({"0": 1, "167": 2})
    assert found.cells[0].words == "1 message, Monday 0:00 – 1:00"
    assert found.cells[-1].words == "2 messages, Sunday 23:00 – 24:00"
    assert found.cells[1].words == "No messages, Monday 1:00 – 2:00"


def test_the_line_touches_top_and_bottom() -> None:
    found = line({TODAY: 10, TODAY - dt.timedelta(days=LINE_DAYS): 99}, TODAY)
    assert len(found.cells) == LINE_DAYS
    assert found.most == 10
    assert {cell.top for cell in found.cells} == {16, LINE_HEIGHT - 18}
    assert line({}, TODAY).most == 0


@given(st.lists(st.integers(0, 50), max_size=60))
def test_levels_grow_with_the_counts(counts: list[int]) -> None:
    bounds = level_bounds(counts)
    levels = [level_of(count, bounds) for count in sorted(counts)]
    assert levels == sorted(levels)
    assert [level > 0 for level in levels] == [count > 0 for count in sorted(counts)]
    if any(counts):
        assert levels[-1] == LEVELS
    keys = legend(bounds)
    assert [key.level for key in keys] == list(range(LEVELS - len(bounds), LEVELS + 1))


def test_the_legend_says_what_levels_stand_for() -> None:
    assert [key.words for key in legend([2, 3, 9])] == ["1–2", "3", "4–9", "10+"]
    assert [key.words for key in legend([])] == ["1+"]


def test_charts_have_descriptions_and_tables(agent: Agent) -> None:
    user = make_user(agent, "Maya")
    empty = activity([user], {}, TODAY)
    assert empty.year_words == "No messages in the last year."
    assert empty.line_words == "No messages in the last 90 days."
    found = activity([user, user], {dt.date(2025, 1, 1): 8, TODAY: 2}, TODAY)
    assert found.year_words == ("2 messages on 1 day of the last year; most on Wed 14 Oct 2026: 2.")
    assert (
        found.hours_words == "Busiest weekday: Wednesday. Busiest hour: Wednesday, 12:00 to 13:00."
    )
    assert found.line_words == "2 messages in the last 90 days, at most 2 a day."
    assert found.months[0] == (dt.date(2026, 10, 1), 2, 1)
    assert len(found.months) == 12
    assert found.hour_rows[12].counts == [0, 0, 2, 0, 0, 0, 0]
    assert found.last_days == [(TODAY, 2)]
