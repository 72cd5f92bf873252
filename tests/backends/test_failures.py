"""What operators read about failed requests."""

import datetime as dt
from email.utils import format_datetime

import pytest

from frontdesk.backends.failures import of_status


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("Mon, 20 Nov 1995 19:12:08 GMT", 0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("Mon, 20 Nov 99999 19:12:08 GMT", None),
        ("Mon, 20 Nov 1995 19:12:08 +99999999999999999999", None),
    ],
)
def test_any_retry_after_header_is_read_or_ignored(header: str, after: float | None) -> None:
    assert of_status(429, {"Retry-After": header}).after == after


def test_a_date_to_retry_at_is_so_many_seconds_from_now() -> None:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    after = of_status(503, {"Retry-After": format_datetime(at, usegmt=True)}).after
    assert after == pytest.approx(60, abs=2)
