"""Days and periods as people read them."""

import datetime as dt

from frontdesk.analytics.query import Period
from frontdesk.core.dates import date_text

_DAY = dt.timedelta(days=1)


def period_label(period: Period) -> str:
    """ "3 Nov 2026", "1 – 30 Oct 2026", "28 Sep – 4 Oct 2026", "29 Dec 2025 – 4 Jan 2026"."""
    first, last = period
    if first == last:
        return day_label(last)
    if first.year != last.year:
        return f"{day_label(first)} – {day_label(last)}"
    if first.month != last.month:
        return f"{short_day(first)} – {day_label(last)}"
    return f"{first.day} – {day_label(last)}"


def bucket_label(bucket: Period) -> str:
    """As `period_label`, but a day with its weekday, and a whole month by its name."""
    if bucket.length == 1:
        return date_text(bucket.first, "D j M Y")
    return date_text(bucket.first, "M Y") if _is_month(bucket) else period_label(bucket)


def tick_label(bucket: Period) -> str:
    """The bucket below an axis: "3 Nov", "Oct 2026"."""
    return date_text(bucket.first, "M Y") if _is_month(bucket) else short_day(bucket.first)


def day_label(day: dt.date) -> str:
    """ "3 Nov 2026"."""
    return date_text(day, "j M Y")


def short_day(day: dt.date) -> str:
    """ "3 Nov"."""
    return date_text(day, "j M")


def _is_month(bucket: Period) -> bool:
    return bucket.first.day == 1 and (bucket.last + _DAY).day == 1 and bucket.length <= 31
