"""Days begin and end at the correct times, whatever the clocks do at midnight."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.gate.windows import Windows

ZONES = (
    "UTC Europe/Berlin America/New_York Asia/Kathmandu Australia/Lord_Howe Asia/Beirut"
    " America/Havana America/Sao_Paulo Africa/Casablanca Pacific/Apia"
).split()
START = dt.datetime(2008, 1, 1, tzinfo=dt.UTC)


@given(
    st.sampled_from(ZONES),
    st.integers(0, 22 * 365 * 24 * 60).map(lambda minutes: START + dt.timedelta(minutes=minutes)),
)
def test_a_moment_is_in_its_windows_and_they_end_where_the_date_changes(
    name: str, at: dt.datetime
) -> None:
    zone = zoneinfo.ZoneInfo(name)
    windows = Windows.of(at, zone)
    moment = dt.timedelta(microseconds=1)

    for begin, end in (windows.minute, windows.day, windows.month):
        assert begin <= at < end
    for begin, end in (windows.day, windows.month):
        assert begin.astimezone(zone).date() > (begin - moment).astimezone(zone).date()
        assert end.astimezone(zone).date() > (end - moment).astimezone(zone).date()
    local = at.astimezone(zone)
    assert windows.today == local.date()
    assert (windows.first.day, windows.first.month) == (1, local.month)
    assert (windows.last + dt.timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("zone", "at", "hours"),
    [
        ("America/Sao_Paulo", "2018-11-04T12:00:00+00:00", 23),  # its midnight was left out
        ("Asia/Beirut", "2026-10-24T12:00:00+00:00", 25),  # clocks went back at its midnight
        ("Pacific/Apia", "2011-12-29T22:00:00+00:00", 24),  # the next day was left out
    ],
)
def test_days_have_their_true_length(zone: str, at: str, hours: int) -> None:
    begin, end = Windows.of(dt.datetime.fromisoformat(at), zoneinfo.ZoneInfo(zone)).day
    assert (end - begin) == dt.timedelta(hours=hours)
