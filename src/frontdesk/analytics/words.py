"""Days in words."""

import datetime as dt

from frontdesk.analytics.query import Period

_DAY = dt.timedelta(days=1)


def period_words(period: Period) -> str:
    """ "3 Nov 2026", "1 – 30 Oct 2026", "28 Sep – 4 Oct 2026", "29 Dec 2025 – 4 Jan 2026"."""
    first, last = period
    if first == last:
        return _day(last)
    if first.year != last.year:
        return f"{_day(first)} – {_day(last)}"
    if first.month != last.month:
        return f"{short(first)} – {_day(last)}"
    return f"{first.day} – {_day(last)}"


def bucket_words(bucket: Period) -> str:
    """As `period_words`; a day with its weekday, a whole month by its name."""
    if bucket.length == 1:
        return f"{bucket.first:%a} {_day(bucket.first)}"
    return f"{bucket.first:%b %Y}" if _is_month(bucket) else period_words(bucket)


def tick_words(bucket: Period) -> str:
    """The bucket below an axis: "3 Nov", "Oct 2026"."""
    return f"{bucket.first:%b %Y}" if _is_month(bucket) else short(bucket.first)


def short(day: dt.date) -> str:
    """The day without its year."""
    return f"{day.day} {day:%b}"


def _day(day: dt.date) -> str:
    return f"{short(day)} {day.year}"


def _is_month(bucket: Period) -> bool:
    return bucket.first.day == 1 and (bucket.last + _DAY).day == 1 and bucket.length <= 31
